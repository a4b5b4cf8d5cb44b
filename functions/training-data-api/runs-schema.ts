import * as z from 'zod';
import { METHODS } from '../../models/federated/plan.ts';
import { contract } from '../_platform/contract.ts';
import { Accepted, Empty, Identifier, Reason, SignatureInput } from '../_platform/fields.ts';
import { SiteData } from '../model-evaluation-api/site-data-schema.ts';

const READERS = ['process-scientist', 'quality-reviewer', 'qualified-person'] as const;

const RunHere = z.strictObject({
  runId: z.string(), title: z.string(), purpose: z.string().optional().describe('What the model is for'),
  status: z.enum(['invited', 'joined', 'refused', 'declined', 'finished', 'aborted', 'abandoned']).describe('abandoned: nothing was heard of it for 30 days by this hospital\'s clock; its secret is gone'),
  method: z.enum(METHODS).optional(), label: z.string().optional().describe('What it is to learn'), featureCount: z.int().optional().describe('Columns it sums over; the plan names them'), microEpsilon: z.int().optional().describe('Of a private one: privacy loss of a row, in millionths of ε'),
  invited: z.array(z.string()).optional(), unconfirmed: z.array(z.string()).describe('Of the invited, whom nobody here confirmed as a training partner: this hospital sums with none of them'),
  waitsForConsent: z.boolean().optional().describe('While invited, at a hospital that joins with a signed yes alone: whether nobody gave it yet'),
  joinsAt: z.string().optional().describe('When this hospital joins by itself, unless somebody declines before'), joinUntil: z.string().optional(), rows: z.int().optional(), round: z.int().optional(), code: z.string().optional(), modelSha256: z.string().optional(),
});
export const ListTrainingsHere = contract({
  operation: 'listTrainingsHere', method: 'GET', route: '/v1/trainings', summary: 'Trainings this hospital was asked to take part in: what for, with whom, and what became of them', roles: READERS, path: Empty, query: Empty, body: Empty,
  answer: z.strictObject({ version: z.int().describe('Version of the record, to sign a decline'), items: z.array(RunHere) }),
});
const RunPath = z.strictObject({ runId: Identifier });
export const ReadTrainingHere = contract({
  operation: 'readTrainingHere', method: 'GET', route: '/v1/trainings/{runId}', summary: 'One training this hospital was asked to take part in, with its whole plan', roles: READERS, path: RunPath, query: Empty, body: Empty,
  answer: RunHere.extend({ version: z.int(), plan: z.looseObject({ method: z.string() }).optional().describe('As it is on record here'), planHash: z.string().optional() }),
});
export const DeclineTraining = contract({
  operation: 'declineTraining', method: 'POST', route: '/v1/trainings/{runId}/decline', summary: 'Take no part, or no further part, in a training; signed as responsibility. Nothing more leaves this hospital', roles: ['process-scientist', 'quality-reviewer', 'qualified-person'],
  path: RunPath, query: Empty, idempotency: 'optional', answer: Accepted, body: z.strictObject({ reason: Reason, signature: SignatureInput }),
});
export const ConsentToTraining = contract({
  operation: 'consentToTraining', method: 'POST', route: '/v1/trainings/{runId}/consent', summary: 'Say yes to a training, signed as approval, at a hospital that joins with nothing less; it joins within a minute', roles: ['process-scientist', 'quality-reviewer', 'qualified-person'],
  path: RunPath, query: Empty, idempotency: 'optional', answer: Accepted, body: z.strictObject({ signature: SignatureInput }),
});
export const ReadTrainingSet = contract({
  operation: 'readTrainingSet', method: 'GET', route: '/v1/trainings/{runId}/data', summary: 'What this hospital trained on, as the model registry wants it: a hash and keyed digests, no row', roles: ['process-scientist', 'quality-reviewer'], path: RunPath, query: Empty, body: Empty,
  answer: SiteData.extend({ statement: SiteData.shape.statement.optional().describe('Once this hospital heard that the training is finished, and with which file') }),
});
