import * as z from 'zod';
import { trainingKeyBytes, type TrainingKey } from '../../../models/federated/secure/keys.ts';
import type { ObjectStore } from '../../_platform/ports.ts';

/** Where a hospital keeps its identity's word for its training key, in its own bucket. */
const OBJECT = 'identity/training-key.json';
const Shape = z.strictObject({ key: z.string().min(1).max(4096), signature: z.string().min(1).max(4096) });

const read = async (bucket: Pick<ObjectStore, 'get'>): Promise<TrainingKey | undefined> => {
  const held = await bucket.get(OBJECT);
  return held === undefined ? undefined : Shape.parse(JSON.parse(Buffer.from(held.body).toString('utf8')));
};

export type VouchPorts = Readonly<{
  siteId: string;
  bucket: Pick<ObjectStore, 'get' | 'put'>;
  /** The training key, DER. */
  publicKey(): Promise<Uint8Array>;
  /** Sign with the hospital's identity. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}>;

/** Have the identity vouch for the training key, once. @returns whether it did so now */
export const vouchForTrainingKey = async ({ siteId, bucket, publicKey, sign }: VouchPorts): Promise<boolean> => {
  const key = Buffer.from(await publicKey()).toString('base64');
  if ((await read(bucket))?.key === key) return false;
  const signature = Buffer.from(await sign(trainingKeyBytes(siteId, key))).toString('base64');
  await bucket.put(OBJECT, Buffer.from(JSON.stringify({ key, signature } satisfies TrainingKey), 'utf8'), { contentType: 'application/json' });
  return true;
};

/**
 * Sign a run's keys with the training key, and show what the identity says of it.
 *
 * @throws Error while nothing is said of it; the next minute tries again
 */
export const createCertifier = ({ bucket, sign }: Pick<VouchPorts, 'sign'> & Readonly<{ bucket: Pick<ObjectStore, 'get'> }>) => async (bytes: Uint8Array): Promise<Readonly<{ signature: string; trainingKey: TrainingKey }>> => {
  const trainingKey = await read(bucket);
  if (trainingKey === undefined) throw new Error('the identity of this hospital has not vouched for its training key yet');
  return { signature: Buffer.from(await sign(bytes)).toString('base64'), trainingKey };
};
