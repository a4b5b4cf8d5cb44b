import { MINUTES_PER_HOUR, nextInstant } from './calendar.ts';
import { minutesFor, waitUntil, workAt, type Case } from './site.ts';
import type { Flow } from './simulation.ts';

/** Viability, identity, CAR+ share: stained at the bench, read on the cytometer, gated by the analyst. */
function* flowCytometry(batch: Case): Flow {
  const { flow } = batch.process.tests;
  yield workAt(batch, 'analysts', minutesFor(batch, flow.preparationMinutes, 'flow preparation'));
  yield workAt(batch, 'cytometer', minutesFor(batch, flow.acquisitionMinutes, 'flow acquisition'));
  yield workAt(batch, 'analysts', minutesFor(batch, flow.analysisMinutes, 'flow analysis'));
}

/** Vector copy number by qPCR, in the next run with a place. */
function* vectorCopies(batch: Case): Flow {
  const { copies } = batch.process.tests;
  const extracted = yield workAt(batch, 'analysts', minutesFor(batch, copies.extractionMinutes, 'copies extraction'));
  yield waitUntil(batch.site.copiesRuns.book(extracted));
  yield workAt(batch, 'analysts', minutesFor(batch, copies.analysisMinutes, 'copies analysis'));
}

function* endotoxin(batch: Case): Flow {
  yield workAt(batch, 'analysts', minutesFor(batch, batch.process.tests.endotoxin.benchMinutes, 'endotoxin'));
}

/** Release of interferon by target cells, overnight. */
function* potency(batch: Case): Flow {
  const { setUpMinutes, incubationMinutes, readOutMinutes } = batch.process.tests.potency;
  const setUpMinute = yield workAt(batch, 'analysts', minutesFor(batch, setUpMinutes, 'potency set-up'));
  yield waitUntil(setUpMinute + incubationMinutes);
  yield workAt(batch, 'analysts', minutesFor(batch, readOutMinutes, 'potency read-out'));
}

/** Interim reading of the rapid sterility test. */
function* interimSterility(batch: Case, sampledMinute: number): Flow {
  const { interimHours, readingMinutes } = batch.process.tests.sterility;
  yield waitUntil(sampledMinute + interimHours * MINUTES_PER_HOUR);
  yield workAt(batch, 'analysts', minutesFor(batch, readingMinutes, 'sterility reading'));
}

/** Mycoplasma at the external laboratory: packed, picked up, carried, extracted, run, reported. */
function* mycoplasma(batch: Case): Flow {
  const { packingMinutes, pickUp, transitMinutes, extractionMinutes, reportMinutes } = batch.process.tests.mycoplasma;
  const packedMinute = yield workAt(batch, 'analysts', minutesFor(batch, packingMinutes, 'mycoplasma packing'));
  yield waitUntil(nextInstant(pickUp, packedMinute) + minutesFor(batch, transitMinutes, 'mycoplasma transit'));
  const extracted = yield workAt(batch, 'externalAnalysts', minutesFor(batch, extractionMinutes, 'mycoplasma extraction'));
  yield waitUntil(batch.site.mycoplasmaRuns.book(extracted));
  yield workAt(batch, 'externalAnalysts', minutesFor(batch, reportMinutes, 'mycoplasma report'));
}

function* all(batch: Case, tests: readonly Flow[]): Flow {
  for (const branch of tests.map((test) => batch.simulation.start(test))) yield { type: 'meet', branch };
}

/** Tests for release from the last sample in process, of which the planned harvest tells the hour. */
export function* testInProcess(batch: Case, harvestMinute: number): Flow {
  const sampledMinute = harvestMinute - batch.process.tests.inProcessSample.beforeHarvestHours * MINUTES_PER_HOUR;
  yield waitUntil(sampledMinute);
  yield* all(batch, [mycoplasma(batch), interimSterility(batch, sampledMinute)]);
}

/** Tests of the harvest, side by side. */
export const testHarvest = (batch: Case): Flow => all(batch, [endotoxin(batch), flowCytometry(batch), vectorCopies(batch), potency(batch)]);
