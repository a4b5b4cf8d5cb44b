/** Log messages of functions for which an alarm of the stack waits, by the name of its metric. */
export const WATCHED_MESSAGES = { RefusalsRepeated: 'refusals repeated', CredentialChanged: 'credential changed', DoesNotVerify: 'evidence does not verify' } as const;

/** Calls of the user pool after which somebody else than its owner may know or reach what a person signs in with. */
export const CREDENTIAL_CHANGES = [
  'AdminSetUserPassword', 'AdminResetUserPassword', 'AdminUpdateUserAttributes', 'AdminDeleteUserAttributes', 'AdminSetUserMFAPreference', 'AdminSetUserSettings', 'AdminLinkProviderForUser', 'ConfirmForgotPassword',
] as const;
