import * as z from 'zod';
import { DomainError } from '../../../shared/errors.ts';
import { DriftTermsSchema } from '../../drift/file.ts';
import { LIMITS, METHODS, planHash as hashOfPlan, requirePlan, type Plan } from '../plan.ts';
import type { Certificate } from '../secure/keys.ts';
import { sha256, type Answer, type Ask, type Complete, type Confirmation, type Reveal, type RevealAsk } from '../secure/messages.ts';
import { pack, unpack, LARGEST_OBJECT } from './pack.ts';
import { questionFrom, questionParts } from './question.ts';
import { requireTurn } from './turn.ts';

/** What a run is, as the coordinator tells every hospital before anyone takes part. */
export type Invitation = Readonly<{ runId: string; title: string; purpose: string; plan: Plan; invited: readonly string[]; joinUntilEpochMs: number; answerWithinMs: number }>;
/** What a site joins with: its keys for the run, and whom of the invited its people did not confirm, with whom it will not sum. */
export type Join = Readonly<{ certificate: Certificate; unconfirmed: readonly string[] }>;
/** Why a site does not answer; a code, and nothing of its data. */
export type Refusal = Readonly<{ siteId: string; runId: string; round: number; attempt: number; code: string }>;
export type Notice = Readonly<{ runId: string; outcome: 'finished' | 'aborted'; modelSha256?: string | undefined; code?: string | undefined }>;

const Hex = z.string().regex(/^[0-9a-f]{64}$/, 'want a SHA-256 as 64 lower-case hex digits');
const Name = z.string().min(1).max(64);
const Text = z.string().max(4096);
const Names = z.array(Name).max(500);
const Moment = z.int().min(0);
const RangeShape = z.strictObject({ low: z.number(), high: z.number() });
const PlanShape: z.ZodType<Plan> = z.strictObject({
  method: z.enum(METHODS), features: z.array(z.string().max(200)).max(10_000), label: z.string().min(1).max(200), seed: z.number(), treeCount: z.number(), depth: z.number(), binLimit: z.number(),
  featuresPerNode: z.number(), minimumLeaf: z.number(), learningRate: z.number(), regularisation: z.number(), rowLimit: z.number(), splits: z.literal('foreseen').exactOptional(), ranges: z.array(RangeShape).max(LIMITS.features).exactOptional(),
  private: z.strictObject({ microEpsilon: z.number(), curious: z.number(), ranges: z.array(RangeShape).max(LIMITS.features) }).exactOptional(),
  monitoring: z.strictObject({ components: z.number(), ranges: z.array(RangeShape).max(LIMITS.variables) }).exactOptional(),
  drift: DriftTermsSchema.exactOptional(),
});
const CertificateShape: z.ZodType<Certificate> = z.strictObject({ siteId: Name, runId: Name, planHash: Hex, cohort: Hex, agreementKey: Text, confirmationKey: Text, trainingKey: z.strictObject({ key: Text, signature: Text }).exactOptional(), signature: Text });
const ByName = z.record(Name, Text);
const SHAPES = {
  invitation: z.strictObject({ runId: Name, title: z.string().max(200), purpose: z.string().max(4000), plan: PlanShape, invited: Names, joinUntilEpochMs: Moment, answerWithinMs: Moment }),
  join: z.strictObject({ certificate: CertificateShape, unconfirmed: Names }),
  complete: z.strictObject({ context: Hex, digests: z.record(Name, Hex) }),
  confirmation: z.strictObject({ siteId: Name, context: Hex, signature: Text }),
  revealAsk: z.strictObject({ context: Hex, confirmations: z.array(z.strictObject({ siteId: Name, context: Hex, signature: Text })).max(500), sealed: ByName }),
  reveal: z.strictObject({ siteId: Name, context: Hex, seed: Text, shares: ByName }),
  refusal: z.strictObject({ siteId: Name, runId: Name, round: z.int().min(0), attempt: z.int().min(0), code: z.string().regex(/^[a-z-]{3,60}$/) }),
  notice: z.strictObject({ runId: Name, outcome: z.enum(['finished', 'aborted']), modelSha256: Hex.optional(), code: z.string().max(60).optional() }),
} as const;
type Messages = Readonly<{ invitation: Invitation; join: Join; complete: Complete; confirmation: Confirmation; revealAsk: RevealAsk; reveal: Reveal; refusal: Refusal; notice: Notice }>;
export type MessageName = keyof Messages;

const malformed = (what: string, message: string, cause?: unknown): DomainError => new DomainError('training-round-malformed', `${what}: ${message}`, {}, { cause });

const parsed = <Value>(what: string, shape: z.ZodType<Value>, value: unknown): Value => {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  throw malformed(what, result.error.issues.map(({ path, message }) => `${path.map(String).join('.') || what}: ${message}`).join('; '));
};

/** A message without arrays, as JSON. */
export const encodeMessage = <Name extends MessageName>(_: Name, message: Messages[Name]): Buffer => Buffer.from(JSON.stringify(message), 'utf8');

/** @throws DomainError `training-round-malformed`; for an invitation also `training-plan-malformed` */
export const decodeMessage = <Name extends MessageName>(name: Name, bytes: Uint8Array): Messages[Name] => {
  if (bytes.length > LARGEST_OBJECT) throw malformed(name, `got ${bytes.length} bytes, want at most ${LARGEST_OBJECT}`);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw malformed(name, 'got no JSON', cause);
  }
  const message = parsed(name, SHAPES[name] as unknown as z.ZodType<Messages[Name]>, value);
  if (name === 'invitation') requirePlan((message as Invitation).plan);
  return message;
};

const AskHead = z.strictObject({
  runId: Name, planHash: Hex, round: z.int().min(0), attempt: z.int().min(1), members: Names, certificates: z.array(CertificateShape).max(500), closesAtEpochMs: Moment, question: z.unknown(),
});

/** A question with its trees; from the same ask always the same bytes. */
export const encodeAsk = (ask: Ask): Buffer => {
  const { head, arrays } = questionParts(ask.question);
  return pack({ head: { ...ask, question: head }, arrays });
};

/** @throws DomainError `training-round-malformed`, also for a question that is not its round's; `training-round-stale` when it is for another plan; `training-cohort-too-small` as `questionFrom`, `training-sum-impossible` as `requireTurn` */
export const decodeAsk = (plan: Plan, bytes: Uint8Array): Ask => {
  const { head, arrays } = unpack('ask', bytes);
  const ask = parsed('ask', AskHead, head);
  if (ask.planHash !== hashOfPlan(plan)) throw new DomainError('training-round-stale', `ask: got one for plan ${ask.planHash}, want ${hashOfPlan(plan)}`);
  const question = questionFrom(plan, { head: ask.question, arrays });
  requireTurn(plan, ask.round, question);
  return { ...ask, question };
};

const AnswerHead = z.strictObject({ siteId: Name, context: Hex, seedHash: Hex, sealed: ByName });

export const encodeAnswer = ({ words, ...head }: Answer): Buffer => pack({ head, arrays: { words } });

/** @throws DomainError `training-round-malformed` */
export const decodeAnswer = (bytes: Uint8Array): Answer => {
  const { head, arrays: { words } } = unpack('answer', bytes);
  if (!(words instanceof Uint32Array)) throw malformed('answer', 'got no words of 32 bits');
  return { ...parsed('answer', AnswerHead, head), words };
};

/** @throws DomainError `training-round-malformed` when the bytes are not those that were told */
export const requireBytes = (what: string, bytes: Uint8Array | undefined, wanted: string): Uint8Array => {
  const got = bytes === undefined ? 'nothing' : sha256(bytes);
  if (bytes === undefined || got !== wanted) throw malformed(what, `got ${got}, want the bytes of SHA-256 ${wanted}`);
  return bytes;
};
