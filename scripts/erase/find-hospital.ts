import { UsageError } from '../run-script.ts';

/**
 * The one hospital of the local cloud that knows a therapy event. Deployed, each hospital is asked by itself.
 *
 * @param knows whether a hospital has it
 * @throws UsageError when none or several do
 */
export const findHospital = async (chainOfIdentityId: string, hospitals: readonly string[], knows: (hospital: string) => Promise<boolean>): Promise<string> => {
  const answers = await Promise.all(hospitals.map(knows));
  const found = hospitals.filter((_, i) => answers[i]);
  const [one] = found;
  if (one === undefined) throw new UsageError(`--coi: got ${chainOfIdentityId}, which none of ${hospitals.join(', ')} has`);
  if (found.length > 1) throw new UsageError(`--node: ${found.join(' and ')} have a therapy event ${chainOfIdentityId}; want one of them`);
  return one;
};
