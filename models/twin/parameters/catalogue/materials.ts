import type { Generator } from '../../../random/generator.ts';
import type { Batch } from '../../draw/batch.ts';
import type { World } from '../../worlds/world.ts';
import type { Attribute, Method } from '../parameter.ts';
import { METHODS as M, method } from './instruments.ts';

export type Truth = (batch: Batch, world: World, random: Generator) => number;
export const attribute = (name: string, unit: string, resultOf: Method, truth: Truth): Attribute => ({ type: 'attribute', name, unit, group: 'raw-material', method: resultOf, truth });

/** Spread of lots around a usual value that nothing in the twin depends on: as on any certificate, most attributes say nothing. */
const idle = (usual: number, relativeSpread: number): Truth => (_, __, random) => usual * Math.exp(relativeSpread * random.normal());
/** Whole days from 1 to a shelf life. */
const age = (shelfDays: number): Truth => (_, __, random) => 1 + random.below(shelfDays);

/** Medium lots support growth more or less; the growth promotion test sees that well, its ingredients badly. */
const promotion = ({ lots }: Batch): number => lots.growthFactor;

/** Certificates of the lots. What acts in the twin (titre, IL-2 activity, glucose, growth support) shows with the error of its assay. */
export const MATERIAL_ATTRIBUTES: readonly Attribute[] = [
  attribute('Vector/Infectious Titre', '10^6 TU/mL', method({ relativeNoise: 0.12, step: 0.1, low: 0 }), ({ lots }) => 120 * lots.vectorTitreFactor),
  attribute('Vector/p24', 'ng/mL', method({ relativeNoise: 0.1, step: 1, low: 0 }), ({ lots }, _, random) => 900 * lots.vectorTitreFactor * Math.exp(0.15 * random.normal())),
  attribute('Vector/RNA Copies', '10^9 copies/mL', M.coarseCertificate, ({ lots }, _, random) => 24 * lots.vectorTitreFactor * Math.exp(0.12 * random.normal())),
  attribute('Vector/Particle Size', 'nm', method({ noise: 2, step: 1, low: 0 }), idle(128, 0.03)),
  attribute('Vector/Residual Host Protein', 'ng/mL', M.coarseCertificate, idle(180, 0.4)),
  attribute('Vector/Residual Host DNA', 'ng/mL', M.coarseCertificate, idle(12, 0.5)),
  attribute('Vector/Residual Plasmid', '10^4 copies/mL', M.coarseCertificate, idle(35, 0.5)),
  attribute('Vector/Residual Nuclease', 'ng/mL', method({ noise: 0.05, step: 0.1, low: 0 }), idle(0.3, 0.3)),
  attribute('Vector/Endotoxin', 'EU/mL', method({ noise: 0.02, step: 0.01, low: 0.01 }), idle(0.12, 0.5)),
  attribute('Vector/pH', '', M.bloodGas, (_, __, random) => 7.2 + 0.05 * random.normal()),
  attribute('Vector/Osmolality', 'mOsm/kg', method({ noise: 2, step: 1, low: 0 }), idle(295, 0.02)),
  attribute('Vector/Age', 'd', M.asRecorded, age(540)),
  attribute('Vector/Thaw Minutes', 'min', M.asRecorded, (_, __, random) => 6 + random.below(9)),
  attribute('Interleukin 2/Activity', '10^6 IU/mg', method({ relativeNoise: 0.06, step: 0.1, low: 0 }), ({ lots }) => 16 * lots.interleukin2Factor),
  attribute('Interleukin 2/Purity', '%', method({ noise: 0.3, step: 0.1, low: 0, high: 100 }), (_, __, random) => 98.5 + 0.5 * random.normal()),
  attribute('Interleukin 2/Endotoxin', 'EU/mg', M.coarseCertificate, idle(2, 0.5)),
  attribute('Interleukin 2/Age', 'd', M.asRecorded, age(365)),
  attribute('Medium/Glucose', 'mmol/L', method({ relativeNoise: 0.01, step: 0.1, low: 0 }), ({ lots }, { recipe }) => recipe.feedGlucoseMmolPerL * lots.glucoseFactor),
  attribute('Medium/Glutamine', 'mmol/L', method({ relativeNoise: 0.03, step: 0.01, low: 0 }), (_, { recipe }) => recipe.feedGlutamineMmolPerL),
  attribute('Medium/Osmolality', 'mOsm/kg', method({ noise: 2, step: 1, low: 0 }), ({ lots }, { recipe }, random) => 290 + recipe.feedGlucoseMmolPerL * (lots.glucoseFactor - 1) + 2 * random.normal()),
  attribute('Medium/pH', '', M.bloodGas, (_, __, random) => 7.3 + 0.04 * random.normal()),
  attribute('Medium/Growth Promotion', '%', method({ relativeNoise: 0.05, step: 1, low: 0 }), (batch) => 100 * promotion(batch)),
  attribute('Medium/Iron', 'µmol/L', M.certificate, (batch, _, random) => 14 * promotion(batch) ** 0.5 * Math.exp(0.08 * random.normal())),
  attribute('Medium/Zinc', 'µmol/L', M.certificate, idle(5, 0.1)),
  attribute('Medium/Conductivity', 'mS/cm', M.certificate, idle(14.2, 0.01)),
  attribute('Medium/Turbidity', 'NTU', M.coarseCertificate, idle(1.2, 0.3)),
  attribute('Medium/Endotoxin', 'EU/mL', method({ noise: 0.01, step: 0.01, low: 0.01 }), idle(0.05, 0.5)),
  attribute('Medium/Age', 'd', M.asRecorded, age(270)),
  attribute('Serum/Growth Promotion', '%', method({ relativeNoise: 0.08, step: 1, low: 0 }), (batch) => 100 * promotion(batch)),
  attribute('Serum/Albumin', 'g/L', M.certificate, (batch, _, random) => 38 * promotion(batch) ** 0.5 * Math.exp(0.05 * random.normal())),
  attribute('Serum/Total Protein', 'g/L', M.certificate, (batch, _, random) => 62 * promotion(batch) ** 0.4 * Math.exp(0.04 * random.normal())),
  attribute('Serum/Immunoglobulin G', 'g/L', M.certificate, idle(9.5, 0.1)),
  attribute('Serum/Haemoglobin', 'mg/L', M.coarseCertificate, (batch, _, random) => 90 * promotion(batch) ** -2 * Math.exp(0.3 * random.normal())),
  attribute('Serum/Endotoxin', 'EU/mL', method({ noise: 0.03, step: 0.01, low: 0.01 }), idle(0.25, 0.5)),
  attribute('Serum/Age', 'd', M.asRecorded, age(700)),
  attribute('Activation Reagent/Potency', '%', method({ relativeNoise: 0.06, step: 1, low: 0 }), idle(100, 0.04)),
  attribute('Activation Reagent/Antibody Load', 'µg/mg', M.certificate, idle(21, 0.06)),
  attribute('Activation Reagent/Endotoxin', 'EU/mL', M.coarseCertificate, idle(0.3, 0.4)),
  attribute('Activation Reagent/Age', 'd', M.asRecorded, age(360)),
  attribute('Selection Reagent/Antibody', 'µg/mL', M.certificate, idle(48, 0.05)),
  attribute('Selection Reagent/Age', 'd', M.asRecorded, age(300)),
  attribute('Wash Buffer/Osmolality', 'mOsm/kg', method({ noise: 2, step: 1, low: 0 }), idle(290, 0.015)),
  attribute('Cryoprotectant/Purity', '%', method({ noise: 0.05, step: 0.1, low: 0, high: 100 }), (_, __, random) => 99.8 - 0.1 * random.uniform()),
  attribute('Cryoprotectant/Age', 'd', M.asRecorded, age(700)),
  attribute('Chamber Kit/Leak Test', 'kPa/min', method({ noise: 0.01, step: 0.01, low: 0 }), idle(0.04, 0.3)),
  attribute('Chamber Kit/Age', 'd', M.asRecorded, age(540)),
];
