import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccountRecovery, CfnUserPoolGroup, FeaturePlan, Mfa, UserPool, UserPoolClient } from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { ROLES } from '../../shared/record/envelope.ts';

/** The people of one site: invited by it, never self-registered, one group a role. */
export class People extends Construct {
  readonly userPool: UserPool;
  readonly client: UserPoolClient;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.userPool = new UserPool(this, 'UserPool', {
      selfSignUpEnabled: false, signInCaseSensitive: false, accountRecovery: AccountRecovery.EMAIL_ONLY, deletionProtection: true, removalPolicy: RemovalPolicy.RETAIN,
      featurePlan: FeaturePlan.ESSENTIALS, mfa: Mfa.OPTIONAL, mfaSecondFactor: { otp: true, sms: false }, // The printed name of every signature: nobody can change it, not even its owner. Another name is another account.
      standardAttributes: { fullname: { required: true, mutable: false } },
      passwordPolicy: { minLength: 12, requireDigits: true, requireLowercase: true, requireUppercase: true, requireSymbols: true, tempPasswordValidity: Duration.days(3) },
    });
    this.client = this.userPool.addClient('Client', {
      authFlows: { userPassword: true, userSrp: true }, generateSecret: false, preventUserExistenceErrors: true, enableTokenRevocation: true,
      idTokenValidity: Duration.hours(1), accessTokenValidity: Duration.hours(1), refreshTokenValidity: Duration.hours(12), disableOAuth: true,
    });
    for (const role of ROLES) new CfnUserPoolGroup(this, `Group-${role}`, { userPoolId: this.userPool.userPoolId, groupName: role });
  }

  /** `iss` of the tokens. */
  get issuerUrl(): string {
    return this.userPool.userPoolProviderUrl;
  }

  get environment(): Readonly<Record<string, string>> {
    return { ISSUER_URL: this.issuerUrl, USER_POOL_CLIENT_ID: this.client.userPoolClientId };
  }
}
