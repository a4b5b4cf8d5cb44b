import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { placeOf } from '../../shared/storage/place.ts';

/** The hospitals of the network as the control site was deployed with them. */
const Register = z.array(z.strictObject({ id: z.string(), name: z.string(), account: z.string(), region: z.string(), country: z.string().optional(), witnessQuorum: z.int().optional() }));
export type NodeRegister = z.infer<typeof Register>;

/** Beside the function's bundle: the environment has room for some twenty hospitals. */
const FILE = './nodes.json';

/** @throws Error when the file is absent or not a register */
export const nodeRegister = (file = new URL(FILE, import.meta.url)): NodeRegister => Register.parse(JSON.parse(readFileSync(file, 'utf8')));

/** Where each hospital's objects lie in the control site's buckets. One that is not in the network any more has a place that no policy opens, and so says nothing. */
export const placesOf = (register: NodeRegister) => (nodeId: string): string => {
  const home = register.find(({ id }) => id === nodeId);
  return home === undefined ? `left/${nodeId}` : placeOf(home);
};
