import * as z from 'zod';

/** Calls after which somebody else than its owner may know or reach what a person signs in with. */
export const CREDENTIAL_CHANGES = [
  'AdminSetUserPassword', 'AdminResetUserPassword', 'AdminUpdateUserAttributes', 'AdminDeleteUserAttributes', 'AdminSetUserMFAPreference', 'AdminSetUserSettings', 'AdminLinkProviderForUser', 'ConfirmForgotPassword',
] as const;

/** What EventBridge hands on of CloudTrail. Names are hidden there; the `sub` is not. */
export const CredentialCall = z.object({
  time: z.iso.datetime(),
  detail: z.object({
    eventID: z.string().min(1).max(100),
    eventName: z.enum(CREDENTIAL_CHANGES),
    errorCode: z.string().optional(),
    userIdentity: z.object({ arn: z.string().max(300).optional(), type: z.string().max(100).optional() }).optional(),
    requestParameters: z.object({ userPoolId: z.string().optional() }).nullish(),
    additionalEventData: z.object({ sub: z.string().min(1).max(64).optional() }).nullish(),
  }),
});
