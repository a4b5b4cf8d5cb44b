import { AccountPrincipal } from 'aws-cdk-lib/aws-iam';
import type { HospitalNode } from '../nodes/schema.ts';

/** In a resource of a bucket policy: the account of whoever calls, which AWS puts in. One statement with it serves every hospital, so that the policy does not grow by one each (ADR 0020). */
export const CALLER_ACCOUNT = '${aws:PrincipalAccount}';

/** The accounts hospitals are in, each once. */
export const accountsOf = (nodes: readonly HospitalNode[]): readonly string[] => [...new Set(nodes.map(({ account }) => account))];

export const principalsOf = (nodes: readonly HospitalNode[]): AccountPrincipal[] => accountsOf(nodes).map((account) => new AccountPrincipal(account));
