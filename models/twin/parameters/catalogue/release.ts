import type { Generator } from '../../../random/generator.ts';
import type { Harvest, Method, ReleaseTest } from '../parameter.ts';
import { METHODS as M, method } from './instruments.ts';

const row = (name: string, unit: string, resultOf: Method, truth: (harvest: Harvest, random: Generator) => number): ReleaseTest => ({ type: 'release-test', name: `Release/${name}`, unit, group: 'quality-control', method: resultOf, truth });
/** Share of the most the chamber holds: some 10^5 a mL show in a Gram stain; assumed. */
const SEEN_UNDER_THE_MICROSCOPE = 3e-4;
const rounded = (step: number): Method => method({ step, low: 0 });

/** Results of quality control. The first seven and endotoxin repeat what the verdict read, so that a result and a decision can not differ. */
export const RELEASE_TESTS: readonly ReleaseTest[] = [
  row('Viability', '%', rounded(0.1), ({ measured }) => 100 * measured.viability),
  row('CAR', '%', rounded(0.1), ({ measured }) => 100 * measured.carPositive),
  row('CD3', '%', rounded(0.1), ({ measured }) => 100 * measured.cd3Positive),
  row('Vector Copy Number', 'copies/cell', rounded(0.01), ({ measured }) => measured.vectorCopyNumber),
  row('CAR Cells', '10^6 cells', rounded(0.1), ({ measured }) => measured.carPositiveCellsMillion),
  row('Potency', '%', rounded(0.1), ({ measured }) => measured.potencyPercent),
  row('Sterility', '1', M.asRecorded, ({ measured }) => (measured.sterile ? 1 : 0)),
  row('Viable T Cells', '10^6 cells', method({ relativeNoise: 0.08, step: 0.1, low: 0 }), ({ product }) => product.viableTCellsMillion),
  row('Memory Phenotype', '%', method({ noise: 2, step: 0.1, low: 0, high: 100 }), ({ product }) => 100 * product.memoryShare),
  row('CD4', '%', method({ noise: 1, step: 0.1, low: 0, high: 100 }), ({ batch, hour }) => { const ratio = batch.donor.cd4Cd8Ratio * 0.95 ** (hour / 24); return (100 * ratio) / (1 + ratio); }),
  row('CD8', '%', method({ noise: 1, step: 0.1, low: 0, high: 100 }), ({ batch, hour }) => { const ratio = batch.donor.cd4Cd8Ratio * 0.95 ** (hour / 24); return 100 / (1 + ratio); }),
  row('Residual B Cells', '%', method({ noise: 0.02, step: 0.01, low: 0 }), ({ product }) => 2 * (1 - product.cd3Positive)),
  row('Cytotoxicity', '%', method({ noise: 4, step: 1, low: 0, high: 100 }), ({ product }) => 100 * (1 - Math.exp(-product.potencyPercent / 80))),
  row('Interferon Gamma', 'pg/10^5 cells', method({ relativeNoise: 0.15, step: 1, low: 0 }), ({ product }) => 45 * product.potencyPercent),
  row('Endotoxin', 'EU/mL', method({ step: 0.01, low: 0.01 }), ({ measured }) => measured.endotoxinEuPerMl),
  row('Mycoplasma', '1', M.asRecorded, () => 0),
  row('Gram Stain', '1', M.asRecorded, ({ product }, random) => (product.contaminantLoadShare > SEEN_UNDER_THE_MICROSCOPE && random.uniform() < 0.7 ? 1 : 0)),
  row('Replication Competent Lentivirus', '1', M.asRecorded, () => 0),
  row('Residual Beads', '1/10^6 cells', method({ relativeNoise: 0.2, step: 1, low: 0 }), (_, random) => 18 * Math.exp(0.6 * random.normal())),
  row('Residual Interleukin 2', 'IU/mL', method({ relativeNoise: 0.1, step: 0.1, low: 0 }), ({ batch }, random) => 3 * batch.lots.interleukin2Factor * Math.exp(0.3 * random.normal())),
  row('Residual Serum Albumin', 'µg/mL', method({ relativeNoise: 0.1, step: 0.1, low: 0 }), (_, random) => 14 * Math.exp(0.4 * random.normal())),
  row('pH', '', M.bloodGas, (_, random) => 7.2 + 0.05 * random.normal()),
  row('Osmolality', 'mOsm/kg', method({ noise: 2, step: 1, low: 0 }), (_, random) => 305 + 4 * random.normal()),
  row('Volume', 'mL', method({ noise: 0.3, step: 0.1, low: 0 }), (_, random) => 60 + 1.5 * random.normal()),
  row('Fill Weight', 'g', method({ noise: 0.1, step: 0.1, low: 0 }), (_, random) => 63 + 1.5 * random.normal()),
  row('Particles', '1/mL', method({ relativeNoise: 0.2, step: 1, low: 0 }), (_, random) => 40 * Math.exp(0.5 * random.normal())),
  row('Recovery After Thaw', '%', method({ noise: 3, step: 1, low: 0, high: 100 }), ({ product }) => 88 * product.viability),
  row('Container Integrity', '1', M.asRecorded, () => 1),
];
