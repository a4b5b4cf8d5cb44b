import { setTimeout as sleep } from 'node:timers/promises';
import { bedsideLabel } from '../../shared/identity/label.ts';
import type { Phase } from '../../shared/master-batch-record/model.ts';
import { ProblemError, type Person, type SignatureMeaning } from '../client/api-client.ts';
import type { EdgeGateway } from '../client/edge-gateway.ts';
import type { LocalClock } from '../client/local-clock.ts';
import { ExampleBioreactor, type SentUntil } from './bioreactor.ts';
import { equipmentIdOf, lotIdOf } from './hospital-data.ts';
import type { BatchState, PhaseState } from './batch-state.ts';
import { decideOnRecommendations, recordEffects } from './decide.ts';
import type { ExampleCulture } from './example-culture.ts';
import { testResults, valueFor } from './example-values.ts';
import { custodyLabel, patientLotOf } from './labels.ts';

export type Staff = Readonly<{ first: Person; second: Person; scientist: Person; reviewer: Person; qualifiedPerson: Person; steward: Person }>;
export type Command = Readonly<{ name: string; value: number }>;
/** `takeCommands`: what was written to the device since it was last asked. */
export type PlayOptions = Readonly<{
  staff: Staff; clock: LocalClock; gateway: EdgeGateway; sentUntil: SentUntil; culture: ExampleCulture; takeCommands(): readonly Command[]; chainOfIdentityId: string; batchId: string; onProgress(text: string, share: number): void; signal: AbortSignal;
}>;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const EXPANSION = 'expansion-culture';
export const CULTURE_HOURS = 192;
/** Between what people do. */
const PAUSE_MINUTES = 30;
const SECOND_MS = 1000;
const SECONDS_AN_HOUR = 3600;
/** Hour of culture by which the first 72 hours are stored, where the network keeps up. */
const EARLY_PREDICTION_HOUR = 73;
const PREDICTION_PAUSE_MS = 300;
/** What the equipment answers takes this long to be stored and seen. */
const ANSWER_PAUSE_MS = 2500;
const SIGN_TRIES = 8;
/** A certification that comes before its time: the review of what changed last, or the checkpoint that covers it, is on its way. */
const NOT_YET: ReadonlySet<string> = new Set(['/problems/release-review-missing', '/problems/record-not-published']);
/** Hours of culture at which samples are taken beside it. */
const SAMPLES: readonly Readonly<{ phaseId: string; hour: number }>[] = [{ phaseId: 'sample-day-three', hour: 72 }, { phaseId: 'sample-day-six', hour: 144 }];

/** Plays one batch from collection to certificate as its people would, over the same interfaces, moving the local cloud's clock. It can be stopped and played on: what it does next it reads from the record. */
export class BatchPlayer {
  readonly #options: PlayOptions;
  readonly #culture: ExampleCulture;
  readonly #bioreactor: ExampleBioreactor;
  #hasPrediction = false;

  constructor(options: PlayOptions) {
    this.#options = options;
    this.#culture = options.culture;
    this.#bioreactor = new ExampleBioreactor(options);
  }

  get #path(): string {
    return `/v1/batches/${this.#options.batchId}`;
  }

  async #view(): Promise<BatchState> {
    if (this.#options.signal.aborted) throw new Error('stopped');
    return (await this.#options.staff.first.get(this.#path)) as unknown as BatchState;
  }

  async #phase(phaseId: string): Promise<PhaseState> {
    const phase = (await this.#view()).phases.find((each) => each.phaseId === phaseId);
    if (phase === undefined) throw new Error(`the batch has no phase ${phaseId}`);
    return phase;
  }

  /** Sign what is on record now; when something else was recorded meanwhile, look again, as a person would. */
  async #sign(person: Person, path: string, meaning: SignatureMeaning, body: Readonly<Record<string, unknown>> = {}): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const { version } = await this.#view();
      try {
        await person.sign(path, meaning, version, body);
        return;
      } catch (error) {
        if (!(error instanceof ProblemError) || error.problem['type'] !== '/problems/version-conflict' || tries >= SIGN_TRIES) throw error;
      }
    }
  }

  async play(): Promise<void> {
    const { staff, onProgress, clock } = this.#options;
    if ((await this.#view()).state === 'idle') await staff.first.post(`${this.#path}/start`);
    this.#bioreactor.cultureStartEpochMs = Date.parse((await this.#phase(EXPANSION)).startedAt ?? '') || Infinity;
    await this.#bioreactor.pass(1);
    for (let view = await this.#view(); view.state === 'running'; view = await this.#view()) {
      const next = view.phases.find((phase) => phase.phaseId === EXPANSION && phase.state === 'running') ?? view.phases.find((phase) => phase.state === 'running' || phase.startable);
      if (next === undefined) throw new Error('no phase of the example batch can be worked on');
      const done = view.phases.filter(({ state }) => state === 'complete').length;
      onProgress(next.specification.title, done / view.phases.length);
      if (next.phaseId === EXPANSION) await this.#expand(next);
      else {
        await this.#work(next);
        await this.#bioreactor.pass(PAUSE_MINUTES);
      }
    }
    await this.#release();
    await clock.advance(Number.MAX_SAFE_INTEGER);
  }

  async #work({ phaseId, state, specification }: PhaseState): Promise<void> {
    const { staff } = this.#options;
    const path = `${this.#path}/phases/${phaseId}`;
    if (state === 'idle') await staff.first.post(`${path}/start`);
    await this.#supply(path, phaseId, specification);
    if (specification.custodyTransfer) await this.#handOver(phaseId);
    await this.#recordValues(path, phaseId, specification);
    await this.#finish(path, phaseId);
  }

  async #supply(path: string, phaseId: string, { equipmentClassIds, materials }: Phase): Promise<void> {
    const { staff, chainOfIdentityId } = this.#options;
    const { missing } = await this.#phase(phaseId);
    for (const id of equipmentClassIds.filter((each) => missing.includes(`equipment of class ${each}`))) await staff.first.post(`${path}/equipment`, { equipmentId: equipmentIdOf(id) });
    for (const { materialId, quantity } of materials.filter((each) => missing.includes(`material ${each.materialId}`))) {
      const isPatient = materialId === 'leukapheresis';
      const lotId = isPatient ? patientLotOf(chainOfIdentityId) : lotIdOf(materialId);
      const label = bedsideLabel.encode(isPatient ? { lotId, chainOfIdentityId } : { lotId });
      await staff.first.post(`${path}/materials`, { materialId, lotId, quantity: quantity?.low ?? 1, label });
    }
  }

  async #handOver(phaseId: string): Promise<void> {
    const { staff } = this.#options;
    const path = `${this.#path}/custody-transfers`;
    if (!(await this.#phase(phaseId)).missing.some((each) => each.startsWith('accepted hand-over'))) return;
    const { custodianId } = await this.#view();
    const [from, to] = custodianId === staff.first.id ? [staff.first, staff.second] : [staff.second, staff.first];
    if ((await this.#view()).openCustody.length === 0) await this.#sign(from, path, 'responsibility', { phaseId, toPersonId: to.id, location: 'Cell processing room 1', temperatureCelsius: 18.5 });
    const [open] = (await this.#view()).openCustody;
    if (open !== undefined) await this.#sign(to, `${path}/${open.transferId}/acceptance`, 'responsibility', { condition: 'Intact, labelled, within its temperature', label: custodyLabel(phaseId, this.#options) });
  }

  async #recordValues(path: string, phaseId: string, { values }: Phase): Promise<void> {
    const { missing, startedAt } = await this.#phase(phaseId);
    // A sample beside the culture is drawn as its phase begins; its results come later.
    const drawn = SAMPLES.some((sample) => sample.phaseId === phaseId) && startedAt !== undefined ? { drawnAt: startedAt } : {};
    for (const specification of values.filter(({ id, source }) => source.kind === 'telemetry' || missing.includes(`value ${id}`))) {
      const automatic = specification.source.kind === 'telemetry';
      await this.#options.staff.first.post(`${path}/values`, { valueId: specification.id, ...(automatic ? {} : { value: valueFor(specification, this.#culture), ...drawn }) });
    }
  }

  async #finish(path: string, phaseId: string): Promise<void> {
    const { staff } = this.#options;
    for (const meaning of (await this.#phase(phaseId)).signaturesMissing) await this.#sign(meaning === 'performed' ? staff.first : staff.second, `${path}/signatures`, meaning);
    await staff.first.post(`${path}/complete`);
  }

  /** The long phase: the bioreactor reports while samples are taken beside it. */
  async #expand(phase: PhaseState): Promise<void> {
    const { staff, clock, onProgress } = this.#options;
    const path = `${this.#path}/phases/${EXPANSION}`;
    if (phase.state === 'idle') await staff.first.post(`${path}/start`);
    await this.#supply(path, EXPANSION, phase.specification);
    const startedEpochMs = Date.parse((await this.#phase(EXPANSION)).startedAt ?? '');
    this.#bioreactor.cultureStartEpochMs = startedEpochMs;
    for (let from = clock.now(); from < startedEpochMs + this.#culture.hours * HOUR_MS;) {
      await this.#bioreactor.pass(PAUSE_MINUTES);
      const now = clock.now();
      await this.#obey(startedEpochMs, now);
      const hour = (now - startedEpochMs) / HOUR_MS;
      if (hour > EARLY_PREDICTION_HOUR) await this.#awaitPrediction();
      onProgress(`expansion, day ${(hour / 24 + 1).toFixed(1)}`, 0.45 + 0.35 * Math.min(1, hour / this.#culture.hours));
      for (const sample of SAMPLES) if (from < startedEpochMs + sample.hour * HOUR_MS && hour >= sample.hour) await this.#work(await this.#phase(sample.phaseId));
      from = now;
    }
    for (const { phaseId } of SAMPLES) {
      const left = await this.#phase(phaseId);
      if (left.state !== 'complete') await this.#work(left);
    }
    await this.#recordEffects();
    await this.#recordValues(path, EXPANSION, phase.specification);
    await this.#finish(path, EXPANSION);
  }

  /** The early prediction comes a quarter of an hour after its telemetry is in, which the time-lapse may run ahead of; it goes slowly until then. What it recommends is decided at once. */
  async #awaitPrediction(): Promise<void> {
    if (this.#hasPrediction) return;
    await sleep(PREDICTION_PAUSE_MS);
    const { isRecommended, isUnanswered } = await decideOnRecommendations(this.#options.staff.scientist, this.#path);
    if (isUnanswered) await sleep(ANSWER_PAUSE_MS);
    this.#hasPrediction = !isUnanswered && (isRecommended || (await this.#view()).predictions.length > 0);
  }

  async #recordEffects(): Promise<void> {
    const lactate = (hour: number): number => this.#culture.reading('Bioreactor/Lactate', hour * SECONDS_AN_HOUR);
    await recordEffects(this.#options.staff.scientist, this.#path, { metric: 'Bioreactor/Lactate', unit: 'mmol/L', before: lactate(EARLY_PREDICTION_HOUR), after: lactate(this.#culture.hours) });
  }

  /** The controller takes what was written to it, and says at once what it now keeps to. What it can not take changes nothing: the node hears no confirmation. */
  async #obey(startedEpochMs: number, nowEpochMs: number): Promise<void> {
    const { takeCommands, gateway, onProgress } = this.#options;
    for (const { name, value } of takeCommands()) {
      try {
        this.#culture.obey(name, value, Math.max(0, (nowEpochMs - startedEpochMs) / SECOND_MS));
        await gateway.report(this.#culture.setPoints);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        onProgress(`command refused: ${error.message}`, 0.45);
      }
    }
  }

  async #release(): Promise<void> {
    const { staff, onProgress, clock, signal } = this.#options;
    onProgress('quality control', 0.88);
    await this.#recordTests();
    for (let view = await this.#view(); view.disposition === undefined; view = await this.#view()) {
      for (const { gapId } of view.openGaps) await this.#sign(staff.scientist, `${this.#path}/telemetry-gaps/${gapId}/assessment`, 'review', { assessment: 'Local readings of the bioreactor cover the gap; no excursion' });
      for (const { deviationId, state } of view.openDeviations) await this.#settle(deviationId, state);
      if (view.reviewCurrent && view.openPoints.length === 0) {
        onProgress('certification', 0.95);
        await this.#sign(staff.qualifiedPerson, `${this.#path}/disposition`, 'approval', { disposition: 'release', reason: 'Record complete, results within specification' }).catch((error: unknown) => {
          if (!(error instanceof ProblemError) || !NOT_YET.has(String(error.problem['type']))) throw error;
        });
      } else {
        onProgress('release review, once all telemetry is sealed', 0.92);
        await sleep(300);
      }
      if (signal.aborted) throw new Error('stopped');
      await clock.advance(MINUTE_MS);
    }
    onProgress('certificate', 0.98);
    while ((await staff.qualifiedPerson.request('GET', `${this.#path}/certificate`)).status !== 200) await sleep(300);
    onProgress('released', 1);
  }

  async #recordTests(): Promise<void> {
    const known = new Set((await this.#view()).testResults.map(({ testId }) => testId));
    for (const [testId, value] of Object.entries(testResults(this.#culture))) {
      if (!known.has(testId)) await this.#sign(this.#options.staff.scientist, `${this.#path}/test-results`, 'responsibility', { testId, value, method: `Method of ${testId}`, sampleId: `S-${testId}` });
    }
  }

  async #settle(deviationId: string, state: string): Promise<void> {
    const { scientist, reviewer } = this.#options.staff;
    if (state === 'open') await this.#sign(scientist, `${this.#path}/deviations/${deviationId}/assessment`, 'review', { impact: 'None on identity, purity or potency', rootCause: 'Known behaviour of the culture' });
    await this.#sign(reviewer, `${this.#path}/deviations/${deviationId}/closure`, 'approval', { conclusion: 'No impact on the product' });
  }
}
