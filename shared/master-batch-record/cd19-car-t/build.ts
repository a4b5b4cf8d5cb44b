import type { Limits, Phase, ValueSpecification } from '../model.ts';

/** Every phase of this process is an operator's, wants aseptic training, and is performed and verified by two people unless it says otherwise. */
export const phase = (own: Pick<Phase, 'id' | 'title' | 'instruction'> & Partial<Phase>): Phase => ({
  role: 'operator', training: ['aseptic-technique'], equipmentClassIds: [], materials: [], values: [], signatures: ['performed', 'verified'], custodyTransfer: false, ...own,
});

type Value = Pick<ValueSpecification, 'id' | 'title' | 'unit'> & Readonly<{ limits?: Limits; outOfLimits?: ValueSpecification['outOfLimits'] }>;

export const measured = ({ outOfLimits = 'deviation', ...own }: Value): ValueSpecification => ({ ...own, type: 'number', outOfLimits, source: { kind: 'entered' } });

/** A check whose answer has to be yes. What can be done again is refused until it is so; what can not is recorded as it is, with a deviation. */
export const confirmed = (id: string, title: string, outOfLimits: ValueSpecification['outOfLimits'] = 'refuse'): ValueSpecification =>
  ({ id, title, unit: '', type: 'boolean', equals: true, outOfLimits, source: { kind: 'entered' } });

export const fromTelemetry = (own: Value, metric: string, statistic: 'last' | 'mean' | 'minimum' | 'maximum'): ValueSpecification =>
  ({ ...own, type: 'number', outOfLimits: 'deviation', source: { kind: 'telemetry', metric, statistic } });
