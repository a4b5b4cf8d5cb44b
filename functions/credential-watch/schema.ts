import * as z from 'zod';
import { CREDENTIAL_CHANGES } from '../../shared/security/watched.ts';

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
