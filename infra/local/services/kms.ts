import { AwsError, type LocalServiceFactory } from '../core/contracts.ts';

/** Keys exist so that what refers to them resolves; at rest, a developer's disk is what it is. No function of ours calls KMS itself. */
export const createKmsService: LocalServiceFactory = () => ({
  name: 'kms', signingNames: ['kms'], resourceTypes: ['AWS::KMS::Key', 'AWS::KMS::Alias'],
  provision: ({ stack, logicalId }) => {
    const id = `${stack.name}-${logicalId}`;
    return { physicalId: id, attributes: { Arn: `arn:aws:kms:${stack.region}:${stack.account}:key/${id}`, KeyId: id } };
  },
  handle: ({ operation }) => Promise.reject(new AwsError('UnsupportedOperationException', `the local cloud does not serve KMS ${operation ?? ''}`)),
});
