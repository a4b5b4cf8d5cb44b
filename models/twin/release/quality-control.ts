import { MINUTES_PER_HOUR, nextInstant } from './calendar.ts';
import { minutesFor, waitUntil, workAt, type Case } from './site.ts';
import type { Flow } from './simulation.ts';

/** Viability, identity, CAR+ share: stained at the bench, read on the cytometer, gated by the analyst. */
function* flowCytometry(batch: Case): Flow {
  const { flow } = batch.process.tests;
  yield workAt(batch, 'analysts', minutesFor(batch, flow.preparation, 'flow preparation'));
  yield workAt(batch, 'cytometer', minutesFor(batch, flow.acquisition, 'flow acquisition'));
  yield workAt(batch, 'analysts', minutesFor(batch, flow.analysis, 'flow analysis'));
}

/** Vector copy number by qPCR, in the next run with a place. */
function* vectorCopies(batch: Case): Flow {
  const { copies } = batch.process.tests;
  const extracted = yield workAt(batch, 'analysts', minutesFor(batch, copies.extraction, 'copies extraction'));
  yield waitUntil(batch.site.copiesRuns.book(extracted));
  yield workAt(batch, 'analysts', minutesFor(batch, copies.analysis, 'copies analysis'));
}

function* endotoxin(batch: Case): Flow {
  yield workAt(batch, 'analysts', minutesFor(batch, batch.process.tests.endotoxin.bench, 'endotoxin'));
}

/** Release of interferon by target cells, overnight. */
function* potency(batch: Case): Flow {
  const { setUp, incubationMinutes, readOut } = batch.process.tests.potency;
  const setUpAt = yield workAt(batch, 'analysts', minutesFor(batch, setUp, 'potency set-up'));
  yield waitUntil(setUpAt + incubationMinutes);
  yield workAt(batch, 'analysts', minutesFor(batch, readOut, 'potency read-out'));
}

/** Interim reading of the rapid sterility test. */
function* interimSterility(batch: Case, sampledAt: number): Flow {
  const { interimHours, reading } = batch.process.tests.sterility;
  yield waitUntil(sampledAt + interimHours * MINUTES_PER_HOUR);
  yield workAt(batch, 'analysts', minutesFor(batch, reading, 'sterility reading'));
}

/** Mycoplasma at the external laboratory: packed, picked up, carried, extracted, run, reported. */
function* mycoplasma(batch: Case): Flow {
  const { packing, pickUp, transit, extraction, report } = batch.process.tests.mycoplasma;
  const packed = yield workAt(batch, 'analysts', minutesFor(batch, packing, 'mycoplasma packing'));
  yield waitUntil(nextInstant(pickUp, packed) + minutesFor(batch, transit, 'mycoplasma transit'));
  const extracted = yield workAt(batch, 'externalAnalysts', minutesFor(batch, extraction, 'mycoplasma extraction'));
  yield waitUntil(batch.site.mycoplasmaRuns.book(extracted));
  yield workAt(batch, 'externalAnalysts', minutesFor(batch, report, 'mycoplasma report'));
}

function* all(batch: Case, tests: readonly Flow[]): Flow {
  for (const branch of tests.map((test) => batch.simulation.start(test))) yield { type: 'meet', branch };
}

/** Tests for release from the last sample in process, of which the planned harvest tells the hour. */
export function* testInProcess(batch: Case, harvestAt: number): Flow {
  const sampledAt = harvestAt - batch.process.tests.inProcessSample.hoursBeforeHarvest * MINUTES_PER_HOUR;
  yield waitUntil(sampledAt);
  yield* all(batch, [mycoplasma(batch), interimSterility(batch, sampledAt)]);
}

/** Tests of the harvest, side by side. */
export const testHarvest = (batch: Case): Flow => all(batch, [endotoxin(batch), flowCytometry(batch), vectorCopies(batch), potency(batch)]);
