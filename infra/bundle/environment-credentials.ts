import { fromEnv } from '@aws-sdk/credential-provider-env';

/** Stands in for the SDK's default chain inside bundles: a Lambda function's credentials are always in its environment (ADR 0007). */
export const defaultProvider = (): ReturnType<typeof fromEnv> => fromEnv();
export const credentialsWillNeedRefresh = (): boolean => false;
export const credentialsTreatedAsExpired = (): boolean => false;
