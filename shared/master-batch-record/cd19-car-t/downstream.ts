import type { UnitProcedure } from '../model.ts';
import { confirmed, fromTelemetry, measured, phase } from './build.ts';

const EXPANSION: UnitProcedure = {
  id: 'expansion', title: 'Expansion', after: ['transduction'],
  operations: [{ id: 'expand', title: 'Expand', phases: [
    phase({
      id: 'expansion-culture', title: 'Expand with feeding (day 1 to day 8 or 9)', equipmentClassIds: ['bioreactor'],
      instruction: 'Run the culture at 37 °C with agitation from day 3 and medium exchange by perfusion from day 4, until the dose is reached: 8 to 10 days in all. The bioreactor reports its own values.',
      materials: [{ materialId: 'culture-medium', quantity: { low: 500, high: 5000 } }],
      values: [
        fromTelemetry({ id: 'mean-temperature', title: 'Mean culture temperature', unit: '°C', limits: { low: 36.5, high: 37.5 } }, 'Bioreactor/Temperature', 'mean'),
        fromTelemetry({ id: 'lowest-ph', title: 'Lowest pH', unit: '', limits: { low: 6.8, high: 7.6 } }, 'Bioreactor/pH', 'minimum'),
        fromTelemetry({ id: 'lowest-dissolved-oxygen', title: 'Lowest dissolved oxygen', unit: '%', limits: { low: 20 } }, 'Bioreactor/Dissolved Oxygen', 'minimum'),
        fromTelemetry({ id: 'highest-lactate', title: 'Highest lactate', unit: 'mmol/L', limits: { high: 30 } }, 'Bioreactor/Lactate', 'maximum'),
        measured({ id: 'culture-days', title: 'Days since activation', unit: 'd', limits: { low: 7, high: 12 } }),
      ],
    }),
  ] }],
};

/** Runs beside the expansion. */
const IN_PROCESS_CONTROL: UnitProcedure = {
  id: 'in-process-control', title: 'In-process control', after: ['transduction'],
  operations: [{ id: 'sample-culture', title: 'Sample the culture', phases: [
    phase({
      id: 'sample-day-three', title: 'Count on day 3', training: ['cell-counting'], equipmentClassIds: ['cell-counter'], instruction: 'Take 1 mL through the sampling port, count, and enter viability and density.',
      values: [
        measured({ id: 'viability-day-three', title: 'Viability on day 3', unit: '%', limits: { low: 60, high: 100 } }),
        measured({ id: 'density-day-three', title: 'Viable cell density on day 3', unit: '10^6 cells/mL', limits: { low: 0.2, high: 20 } }),
      ],
    }),
    phase({
      id: 'sample-day-six', title: 'Count and stain on day 6', training: ['cell-counting'], equipmentClassIds: ['cell-counter', 'flow-cytometer'], instruction: 'Take 1 mL, count, stain for CD3 and CAR.',
      values: [
        measured({ id: 'viability-day-six', title: 'Viability on day 6', unit: '%', limits: { low: 60, high: 100 } }),
        measured({ id: 'car-positive-day-six', title: 'CAR-positive T cells on day 6', unit: '%', limits: { low: 10, high: 100 } }),
      ],
    }),
  ] }],
};

const HARVEST: UnitProcedure = {
  id: 'harvest', title: 'Harvest', after: ['expansion', 'in-process-control'],
  operations: [{ id: 'wash-and-harvest', title: 'Wash and harvest', phases: [
    phase({
      id: 'harvest-cells', title: 'Wash and harvest the cells', equipmentClassIds: ['bioreactor'], instruction: 'Start the harvest programme: wash in formulation buffer and elute into the target bag.',
      materials: [{ materialId: 'formulation-buffer', quantity: { low: 100, high: 3000 } }],
      values: [
        measured({ id: 'harvested-cells', title: 'Harvested viable cells', unit: '10^6 cells', limits: { low: 100 } }),
        measured({ id: 'harvest-viability', title: 'Viability at harvest', unit: '%', limits: { low: 70, high: 100 } }),
      ],
    }),
  ] }],
};

const FORMULATION: UnitProcedure = {
  id: 'formulation', title: 'Formulation', after: ['harvest'],
  operations: [
    { id: 'formulate', title: 'Formulate and fill', phases: [
      phase({
        id: 'fill-product', title: 'Formulate and fill the dose', equipmentClassIds: ['biosafety-cabinet', 'scale', 'tube-sealer'],
        instruction: 'Adjust to the dose in formulation buffer, fill the product bag, seal it, and put the batch label on it. Both people read the label aloud against the record.',
        materials: [{ materialId: 'product-bag', quantity: { low: 1, high: 3 } }],
        values: [
          measured({ id: 'dose-volume', title: 'Volume of the dose', unit: 'mL', limits: { low: 10, high: 300 } }),
          measured({ id: 'dose-car-positive-cells', title: 'CAR-positive viable cells in the dose', unit: '10^6 cells', limits: { low: 10 } }),
          confirmed('label-read-back', 'The label was read back and agrees with the chain of identity'),
        ],
      }),
      phase({
        id: 'take-release-samples', title: 'Take the samples for release', equipmentClassIds: ['tube-sealer'], instruction: 'Take samples for flow cytometry, vector copy number, endotoxin, mycoplasma and sterility, and the retention sample.',
        values: [confirmed('samples-labelled', 'Every sample carries the batch and the chain-of-identity identifier')],
      }),
    ] },
    { id: 'hand-over', title: 'Hand over', phases: [
      phase({
        id: 'hand-over-product', title: 'Hand the product over to storage', custodyTransfer: true, training: ['chain-of-identity'], equipmentClassIds: ['transport-box'],
        instruction: 'Hand the bag over to the storage of the hospital pharmacy, both signing.',
        values: [measured({ id: 'storage-temperature', title: 'Storage temperature', unit: '°C', limits: { low: 2, high: 8 } })],
      }),
    ] },
  ],
};

export const DOWNSTREAM: readonly UnitProcedure[] = [EXPANSION, IN_PROCESS_CONTROL, HARVEST, FORMULATION];
