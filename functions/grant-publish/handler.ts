import type { NodeRegister } from '../_platform/node-register.ts';

/** By the clock: publishes what a crash between a grant's record and its publication left behind, and takes out what has ended. */
export const createHandler = (publish: (nodeIds: readonly string[]) => Promise<void>, nodes: NodeRegister) => (): Promise<void> => publish(nodes.map(({ id }) => id));
