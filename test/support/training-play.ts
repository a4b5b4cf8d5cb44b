import { Cohort } from '../../models/federated/cohort.ts';
import { federate, plainSumming } from '../../models/federated/federation.ts';
import { modelFileOf } from '../../models/federated/model-text.ts';
import type { Plan } from '../../models/federated/plan.ts';
import type { Rows } from '../../models/federated/rows.ts';
import { sha256 } from '../../models/federated/secure/messages.ts';
import type { Training } from '../../models/federated/workflow/coordination.ts';
import { mailboxKey, type Step } from '../../models/federated/workflow/mailbox.ts';
import { declineTraining } from '../../models/federated/workflow/participation.ts';
import { createFederation, MINUTE_MS, placeOfTest, type Federation } from './federation.ts';
import { planOf, rowsOf, type Table } from './federated.ts';

export const table: Table = {
  keys: Array.from({ length: 60 }, (_, i) => `b${i}`), labels: Array.from({ length: 60 }, (_, i) => ((i * 7) % 10 > 4 ? 1 : 0)),
  values: Array.from({ length: 60 }, (_, i) => [i % 7, (i * 13) % 11, i % 4 === 0 ? NaN : (i * i) % 17]),
};
export const NAMES = ['harbour', 'hill', 'north', 'south'] as const;
export const membersOf = (site: number, sites: number): readonly number[] => table.keys.flatMap((_, i) => (i % sites === site ? [i] : []));
export const cohorts = (sites: number): Readonly<Record<string, Rows>> => Object.fromEntries(NAMES.slice(0, sites).map((name, site) => [name, rowsOf(table, membersOf(site, sites))]));
export const pooled = (plan: Plan, members = table.keys.map((_, i) => i)): string => modelFileOf(federate(plan, 1, plainSumming(plan, [new Cohort(plan, rowsOf(table, members))])));
export const plan = planOf();
export const actor = { kind: 'system', id: 'test', version: '1' } as const;

export const started = async (sites = 3, own: Plan = plan): Promise<Federation> => {
  const network = createFederation(cohorts(sites));
  await network.start(own);
  return network;
};
/** Play minute after minute until something is so. */
export const until = async (network: Federation, holds: (training: Training) => boolean): Promise<void> => {
  for (let minute = 0; minute < 200 && !holds(await network.state()); minute += 1) {
    await network.advance();
    if (holds(await network.state())) return;
    for (const node of network.nodes.values()) await node.participate();
    network.time.epochMs += MINUTE_MS;
  }
};
export const answerKey = (nodeId: string, { round, attempt }: Readonly<{ round: number; attempt: number }>, step: Step): string => mailboxKey.answer(placeOfTest(nodeId), 'TRN-1', { round, attempt }, step);
export const typesOf = (events: readonly Readonly<{ type: string }>[]): readonly string[] => events.map(({ type }) => type);
export const decline = (network: Pick<Federation, 'node'>, nodeId: string, runId = 'TRN-1'): Promise<unknown> => network.node(nodeId).records.change(nodeId, ({ state, position }) => declineTraining(state, runId, {
  reason: 'not this one', sentSha256: sha256('declined'), signature: { signerId: 'p', printedName: 'P', signedAt: '2026-03-02T14:00:00Z', meaning: 'responsibility', signedVersion: position.version, signedHash: position.hash, reauthenticatedAt: '2026-03-02T14:00:00Z', reauthenticationId: 'r' },
}), { actor });
export const declineAndTell = async (network: Pick<Federation, 'node'>, nodeId: string, runId = 'TRN-1'): Promise<void> => {
  network.node(nodeId).own.objects.set(`runs/${runId}/sent/${sha256('declined')}`, Buffer.from('declined'));
  await decline(network, nodeId, runId);
};
