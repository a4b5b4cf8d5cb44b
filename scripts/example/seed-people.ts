import {
  AdminAddUserToGroupCommand, AdminCreateUserCommand, AdminGetUserCommand, AdminSetUserPasswordCommand, CognitoIdentityProviderClient, UsernameExistsException,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Login } from '../client/endpoints.ts';

const createPerson = async (client: CognitoIdentityProviderClient, userPoolId: string, { username, password, printedName, roles }: Login): Promise<void> => {
  try {
    await client.send(new AdminCreateUserCommand({
      UserPoolId: userPoolId, Username: username, MessageAction: 'SUPPRESS',
      UserAttributes: [{ Name: 'name', Value: printedName }, { Name: 'email', Value: `${username}@example.org` }, { Name: 'email_verified', Value: 'true' }],
    }));
  } catch (error) {
    if (!(error instanceof UsernameExistsException)) throw error;
  }
  // A password set again would be a changed credential, which a person of quality must confirm before its owner signs.
  const { UserStatus } = await client.send(new AdminGetUserCommand({ UserPoolId: userPoolId, Username: username }));
  if (UserStatus !== 'CONFIRMED') await client.send(new AdminSetUserPasswordCommand({ UserPoolId: userPoolId, Username: username, Password: password, Permanent: true }));
  for (const GroupName of roles) await client.send(new AdminAddUserToGroupCommand({ UserPoolId: userPoolId, Username: username, GroupName }));
};

/** Put example people into a user pool through the ordinary administration calls; running it twice changes nothing. */
export const seedPeople = async (client: CognitoIdentityProviderClient, userPoolId: string, staff: readonly Login[]): Promise<void> => {
  for (const login of staff) await createPerson(client, userPoolId, login);
};
