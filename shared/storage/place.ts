/** A hospital, and the AWS account it is in. */
export type Home = Readonly<{ id: string; account: string }>;

/**
 * Where a hospital's objects lie in a bucket of the control site: below its account, which bucket policies know the caller by, then below its id, because an account may hold several hospitals.
 *
 * @param home `account` of 12 digits; `id` without a slash
 * @returns such as `111111111111/north`
 * @throws RangeError
 */
export const placeOf = ({ id, account }: Home): string => {
  if (!/^\d{12}$/.test(account)) throw new RangeError(`account: got '${account}', want 12 digits`);
  if (id === '' || id.includes('/')) throw new RangeError(`id: got '${id}', want one without a slash`);
  return `${account}/${id}`;
};
