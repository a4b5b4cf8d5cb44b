import type { Generator } from '../../../random/generator.ts';
import type { Batch } from '../../draw/batch.ts';
import type { Attribute } from '../parameter.ts';
import { METHODS as M, method } from './instruments.ts';
import { attribute } from './materials.ts';

/**
 * A log-normal finding that leans on the burden of the disease or on the patient's lymphocytes: `lean` is the correlation of its logarithm with them; assumed. Several such findings say the same thing again: neither burden nor lymphocytes
 * follow the hidden fitness but weakly (`findingShare` of the world).
 */
const finding = (usual: number, spread: number, lean = 0, on: 'burden' | 'lymphocytes' = 'burden') => ({ donor }: Batch, _: unknown, random: Generator): number => usual * Math.exp(spread * (lean * donor[on] + Math.sqrt(1 - lean * lean) * random.normal()));
const cells = (batch: Batch): number => 1 - batch.donor.otherShare;

/** The patient and the collected cells, as the collection's form and the blood count tell. Nothing here is hidden fitness itself. */
export const COLLECTION_ATTRIBUTES: readonly Attribute[] = [
  attribute('Patient/Age', 'a', M.asRecorded, ({ donor }) => donor.ageYears),
  attribute('Patient/Weight', 'kg', method({ noise: 0.3, step: 0.1, low: 1 }), ({ donor }) => donor.weightKg),
  attribute('Patient/Prior Bendamustine', '1', M.asRecorded, ({ donor }) => (donor.priorBendamustine ? 1 : 0)),
  attribute('Patient/Lines of Therapy', '1', M.asRecorded, ({ donor }, _, random) => Math.max(1, Math.round(3 + 0.4 * donor.burden + 0.9 * random.normal()) + (donor.priorBendamustine ? 1 : 0))),
  attribute('Patient/Days Since Therapy', 'd', M.asRecorded, finding(45, 0.6, -0.3)),
  attribute('Patient/C-Reactive Protein', 'mg/L', M.clinical, finding(9, 1, 0.6)),
  attribute('Patient/Lactate Dehydrogenase', 'U/L', M.clinical, finding(260, 0.4, 0.7)),
  attribute('Patient/Ferritin', 'µg/L', M.clinical, finding(600, 0.9, 0.6)),
  attribute('Patient/Creatinine', 'µmol/L', M.clinical, finding(78, 0.25)),
  attribute('Patient/Haemoglobin', 'g/L', M.clinical, finding(108, 0.15, -0.6)),
  attribute('Patient/Platelets', '10^9/L', M.clinical, finding(140, 0.5, -0.6)),
  attribute('Patient/Leukocytes', '10^9/L', M.clinical, finding(4.6, 0.4, 0.3, 'lymphocytes')),
  attribute('Patient/Lymphocytes', '10^9/L', M.clinical, finding(0.8, 0.6, 0.8, 'lymphocytes')),
  attribute('Patient/CD3', 'cells/µL', method({ relativeNoise: 0.05, step: 1, low: 0 }), finding(480, 0.6, 0.85, 'lymphocytes')),
  attribute('Collection/Volume', 'mL', method({ noise: 2, step: 1, low: 0 }), finding(230, 0.15)),
  attribute('Collection/Blood Processed', 'L', method({ noise: 0.05, step: 0.1, low: 0 }), finding(11, 0.2)),
  attribute('Collection/Hours Since', 'h', method({ step: 0.1, noise: 0.1, low: 0 }), ({ donor }) => donor.sinceCollectionHours),
  attribute('Collection/Total Nucleated Cells', '10^9', method({ relativeNoise: 0.05, step: 0.1, low: 0 }), finding(9, 0.4, 0.4, 'lymphocytes')),
  attribute('Collection/CD3', '10^9', method({ relativeNoise: 0.06, step: 0.1, low: 0 }), finding(3.5, 0.5, 0.7, 'lymphocytes')),
  attribute('Collection/Viability', '%', M.viability, ({ donor }) => 100 * Math.min(1, donor.startingViability + 0.02)),
  attribute('Collection/Haematocrit', '%', method({ noise: 0.2, step: 0.1, low: 0 }), finding(3, 0.4)),
  attribute('Collection/Platelets', '10^9', M.clinical, finding(220, 0.5, -0.4)),
  attribute('Collection/Monocytes', '%', method({ noise: 1, step: 0.1, low: 0, high: 100 }), ({ donor }, _, random) => Math.min(90, 18 + 80 * donor.otherShare + 5 * random.normal())),
  attribute('Collection/B Cells', '%', method({ noise: 0.5, step: 0.1, low: 0, high: 100 }), finding(3, 0.9)),
  attribute('Collection/Blasts', '%', method({ noise: 0.3, step: 0.1, low: 0, high: 100 }), finding(0.5, 1.2, 0.4)),
  attribute('Collection/Naive T Cells', '%', method({ noise: 2, step: 0.1, low: 0, high: 100 }), ({ donor }, _, random) => Math.max(0, 100 * donor.traits.startingMemoryShare * 0.5 + 4 * random.normal())),
  attribute('Collection/Central Memory T Cells', '%', method({ noise: 2, step: 0.1, low: 0, high: 100 }), ({ donor }, _, random) => Math.max(0, 100 * donor.traits.startingMemoryShare * 0.4 + 4 * random.normal())),
  attribute('Start/Viability', '%', M.viability, ({ donor }) => 100 * donor.startingViability),
  attribute('Start/CD3', '%', M.share, (batch) => 100 * cells(batch)),
  attribute('Start/CD4 to CD8', '1', method({ relativeNoise: 0.06, step: 0.01, low: 0 }), ({ donor }) => donor.cd4Cd8Ratio),
  attribute('Start/Seeded Viable Cells', '10^6 cells', method({ relativeNoise: 0.07, step: 0.1, low: 0 }), ({ operator }, { recipe }) => recipe.seedCellsMillion * operator.seedingFactor),
];
