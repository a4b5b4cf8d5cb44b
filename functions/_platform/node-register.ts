import * as z from 'zod';

/** The hospitals of the network as the control site was deployed with them (environment variable NODES, JSON). */
const Register = z.array(z.strictObject({ id: z.string(), name: z.string(), account: z.string(), region: z.string(), country: z.string().optional(), witnessQuorum: z.int().optional() }));
export type NodeRegister = z.infer<typeof Register>;

/** @throws Error when NODES is absent or not a register */
export const nodeRegister = (source: Readonly<Record<string, string | undefined>> = process.env): NodeRegister => Register.parse(JSON.parse(source['NODES'] ?? 'null'));
