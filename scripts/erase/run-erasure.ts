import type { Json, SignatureMeaning } from '../client/api-client.ts';
import { UsageError } from '../run-script.ts';

/** One of the two people, signed in; `sign` asks for both components again. */
export type Signer = Readonly<{
  login: Readonly<{ username: string; printedName: string }>;
  get(path: string): Promise<Json>;
  post(path: string, body: Json): Promise<Json>;
  sign(path: string, meaning: SignatureMeaning, version: number, body: Json): Promise<Json>;
}>;
export type Wish = Readonly<{ chainOfIdentityId: string; reason?: string; isDryRun: boolean; step: 'all' | 'request' | 'confirm' }>;
/** Each is asked for only when it is that person's turn. */
export type Signers = Readonly<{ requester(): Promise<Signer>; confirmer(): Promise<Signer> }>;

type BatchLine = Readonly<{ batchId: string; state: string; disposition?: string; fields: readonly string[]; isErased: boolean; isHeld: boolean; isFinished: boolean }>;
type View = Readonly<{ version: number; state: string; reason?: string; requestedBy?: string; requestedAt?: string; confirmedBy?: string; confirmedAt?: string; batches: readonly BatchLine[] }>;

const lineOf = ({ batchId, state, disposition, fields, isErased, isHeld, isFinished }: BatchLine): string =>
  `  ${batchId}  ${disposition ?? state}  ${isErased ? 'erased' : isHeld ? 'held' : 'nothing held'}: ${fields.join(', ') || 'no field recorded'}${isFinished ? '' : '  (not finished: nothing can be erased yet)'}\n`;

/** An erasure in words: what is held or erased, and where. */
export const describe = (chainOfIdentityId: string, view: View): string => [
  `therapy event ${chainOfIdentityId}: erasure ${view.state}\n`,
  ...(view.requestedBy === undefined ? [] : [`  requested by ${view.requestedBy}, ${view.requestedAt ?? ''}: ${view.reason ?? ''}\n`]),
  ...(view.confirmedBy === undefined ? [] : [`  confirmed by ${view.confirmedBy}, ${view.confirmedAt ?? ''}\n`]),
  ...view.batches.map(lineOf),
].join('');

const pathOf = (chainOfIdentityId: string): string => `/v1/chains-of-identity/${encodeURIComponent(chainOfIdentityId)}/erasure`;
const viewOf = async (signer: Signer, chainOfIdentityId: string): Promise<View> => await signer.get(pathOf(chainOfIdentityId)) as unknown as View;

const request = async ({ requester }: Signers, { chainOfIdentityId, reason }: Wish): Promise<void> => {
  const person = await requester();
  const view = await viewOf(person, chainOfIdentityId);
  if (view.state !== 'none' && reason === undefined) return;
  if (reason === undefined) throw new UsageError('--reason: want why the data is erased; it is kept for as long as the record, so without a name or number of the patient');
  if (view.state === 'requested' && view.reason === reason) return;
  if (view.state === 'none' || view.state === 'requested') await person.sign(`${pathOf(chainOfIdentityId)}-request`, 'responsibility', view.version, { reason });
};

const confirm = async ({ confirmer }: Signers, { chainOfIdentityId, reason }: Wish): Promise<void> => {
  const person = await confirmer();
  const view = await viewOf(person, chainOfIdentityId);
  if (view.state === 'requested' && reason !== undefined && reason !== view.reason) throw new UsageError(`--reason: got another than ${view.requestedBy ?? 'the requester'} signed ('${view.reason ?? ''}'); confirm that one, or request anew`);
  if (view.state === 'confirmed') await person.post(`${pathOf(chainOfIdentityId)}/completion`, {});
  else if (view.state !== 'complete') await person.sign(pathOf(chainOfIdentityId), 'approval', view.version, {});
};

/**
 * Take an erasure as far as asked: request, confirmation, and what was cut off before. Run again it goes on, and asks nobody to sign twice.
 *
 * @returns what stands at the end, in words
 * @throws ProblemError as the node refused it; UsageError when a reason is wanted
 */
export const runErasure = async (signers: Signers, wish: Wish): Promise<string> => {
  const { chainOfIdentityId, isDryRun, step } = wish;
  if (!isDryRun && step !== 'confirm') await request(signers, wish);
  if (!isDryRun && step !== 'request') await confirm(signers, wish);
  const reader = step === 'confirm' ? await signers.confirmer() : await signers.requester();
  return `${isDryRun ? 'dry run: nothing was signed or erased\n' : ''}${describe(chainOfIdentityId, await viewOf(reader, chainOfIdentityId))}`;
};
