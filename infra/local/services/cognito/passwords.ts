import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';

const KEY_BYTES = 32;
/** Enough to slow a guesser, little enough that a signature does not wait. */
const COST = { N: 4096, r: 8, p: 1 };

export const hashPassword = (password: string): string => {
  const salt = randomBytes(16);
  return `${salt.toString('hex')}:${scryptSync(password, salt, KEY_BYTES, COST).toString('hex')}`;
};

export const isPassword = (password: string, hash: string): boolean => {
  const [salt = '', key = ''] = hash.split(':');
  return timingSafeEqual(scryptSync(password, Buffer.from(salt, 'hex'), KEY_BYTES, COST), Buffer.from(key, 'hex'));
};

export type PasswordPolicy = Readonly<{ MinimumLength?: number; RequireLowercase?: boolean; RequireUppercase?: boolean; RequireNumbers?: boolean; RequireSymbols?: boolean }>;

/** What a password lacks; empty when it conforms. */
export const policyFaults = (password: string, policy: PasswordPolicy): readonly string[] => [
  ...(password.length < (policy.MinimumLength ?? 8) ? [`at least ${policy.MinimumLength ?? 8} characters`] : []),
  ...(policy.RequireLowercase === true && !/[a-z]/.test(password) ? ['a small letter'] : []),
  ...(policy.RequireUppercase === true && !/[A-Z]/.test(password) ? ['a capital letter'] : []),
  ...(policy.RequireNumbers === true && !/\d/.test(password) ? ['a digit'] : []),
  ...(policy.RequireSymbols === true && !/[^A-Za-z0-9]/.test(password) ? ['a symbol'] : []),
];
