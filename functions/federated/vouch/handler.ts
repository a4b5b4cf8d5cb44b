import { task } from '../../_platform/batch.ts';
import { vouchForTrainingKey, type VouchPorts } from './training-key.ts';

/**
 * Have the hospital's identity, which signs its log, say of its training key that it is its own. It takes no input and reads nothing from outside: whoever answers trainings reads much, and must not be
 * able to sign checkpoints.
 */
export const createHandler = (ports: VouchPorts) => task(async (_: unknown): Promise<Readonly<{ vouched: boolean }>> => ({ vouched: await vouchForTrainingKey(ports) }));
