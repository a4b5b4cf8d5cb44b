import type { BatchEvent } from '../../../shared/batch/events.ts';
import type { Batch } from '../../../shared/batch/state.ts';
import { evolveNodeModel, type ModelRecordEvent, type NodeModel } from '../../../shared/model-registry/node-record.ts';
import { EMPTY_LEDGER, evolveLedger } from '../../../shared/prediction-governance/ledger.ts';
import type { Recorded, StreamId } from '../../../shared/record/envelope.ts';
import { TABLE } from '../../../shared/storage/keys.ts';
import { driftCompanions } from '../drift-companions.ts';
import { equipmentCompanions } from '../equipment-companions.ts';
import { PARTICIPATION, TRAINING_BUDGETS, TRAINING_PARTNERS } from '../../federated/records.ts';
import { TRAINING_DATA } from '../../training-data-api/records.ts';
import { ledgerCompanions } from '../ledger-companions.ts';
import { NODE_STREAMS } from '../node-records.ts';
import type { Companion } from '../ports.ts';
import { referenceCompanions } from '../reference-index.ts';
import { foldStream, summaryCompanion, type StreamType } from '../stream-records.ts';

type Put = Extract<Companion, { type: 'put' }>;

/** Each kind has its own state and events; an event stands in a stream of its kind. */
const TYPES = [...Object.values(NODE_STREAMS), PARTICIPATION, TRAINING_BUDGETS, TRAINING_PARTNERS, TRAINING_DATA] as unknown as readonly StreamType<unknown, unknown>[];

const summaries = (types: readonly StreamType<unknown, unknown>[], stream: StreamId, recorded: readonly Recorded<unknown>[]): readonly Companion[] => {
  const type = types.find(({ kind }) => kind === stream.kind);
  if (type === undefined || recorded.length === 0) return [];
  return [summaryCompanion(type, stream.id, foldStream(type, recorded), recorded.length)];
};

/** What the equipment of a batch depends on; a long record has few of them. */
const OF_EQUIPMENT: ReadonlySet<BatchEvent['type']> = new Set(['batch-created', 'phase-started', 'equipment-assigned', 'equipment-released']);

/** Equipment a batch has, and had lately: what each event did to the locks, one after another. */
const locks = (recorded: readonly Recorded<BatchEvent>[]): readonly Companion[] => {
  let batch: Batch | undefined;
  return recorded.filter(({ event }) => OF_EQUIPMENT.has(event.type)).flatMap((each) => {
    const made = batch === undefined ? [] : equipmentCompanions(batch, [each.event], new Date(each.recordedAt));
    batch = NODE_STREAMS.batches.evolve(batch, each);
    return made;
  });
};

/** Recommendations somebody is asked about, and batches whose interventions are open: what each event did to them, one after another. */
const ledger = (batchId: string, recorded: readonly Recorded<BatchEvent>[]): readonly Companion[] => {
  let held = EMPTY_LEDGER;
  return recorded.flatMap((each) => {
    const made = ledgerCompanions(batchId, held, [each.event], { version: each.version, at: each.recordedAt });
    held = evolveLedger(held, each);
    return made;
  });
};

const isAlive = ({ attributes }: Put, now: Date): boolean => {
  const until = attributes[TABLE.timeToLive];
  return typeof until !== 'number' || until * 1000 > now.getTime();
};

/** Drift that people are asked to look at. */
const drift = (recorded: readonly Recorded<ModelRecordEvent>[]): readonly Companion[] => {
  let held: NodeModel | undefined;
  return recorded.flatMap((each) => {
    const made = driftCompanions(held ?? {}, [each.event], each.recordedAt);
    held = evolveNodeModel(held, each);
    return made;
  });
};

const standingOf = ({ kind, id }: StreamId, recorded: readonly Recorded<unknown>[]): readonly Companion[] => {
  if (kind === 'model-record') return drift(recorded as readonly Recorded<ModelRecordEvent>[]);
  return kind === 'batch' ? [...locks(recorded as readonly Recorded<BatchEvent>[]), ...ledger(id, recorded as readonly Recorded<BatchEvent>[])] : [];
};

/** Made of every event of a stream. */
export type Views = (stream: StreamId, recorded: readonly Recorded<unknown>[], now: Date) => readonly Put[];

/**
 * What the operations table holds because of one stream: its summary, its entries in the search index, and more that hangs on its kind.
 *
 * @param types of streams that lists show
 */
export const createViews = (types: readonly StreamType<unknown, unknown>[], more: (stream: StreamId, recorded: readonly Recorded<unknown>[]) => readonly Companion[]): Views => (stream, recorded, now) => {
  const standing = new Map<string, Put>();
  for (const companion of [...summaries(types, stream, recorded), ...referenceCompanions(recorded), ...more(stream, recorded)]) {
    const place = `${companion.key.pk}\n${companion.key.sk}`;
    if (companion.type === 'put') standing.set(place, companion);
    else standing.delete(place);
  }
  return [...standing.values()].filter((each) => isAlive(each, now));
};

/** At a hospital also the equipment a batch has, and the recommendations and the drift that people are asked about. */
export const viewsOf = createViews(TYPES, standingOf);
