import type { UnitProcedure } from '../model.ts';
import { confirmed, measured, phase } from './build.ts';

const RECEIPT: UnitProcedure = {
  id: 'leukapheresis-receipt', title: 'Receipt of the leukapheresis', after: [],
  operations: [{
    id: 'receive', title: 'Receive and identify', phases: [
      phase({
        id: 'receive-leukapheresis', title: 'Receive the leukapheresis', custodyTransfer: true, training: ['chain-of-identity'],
        instruction: 'Take the bag over from the person who brings it, both signing. Scan the label and compare it with the collection request. Read the transport logger. Inspect the bag for leaks and clots.',
        equipmentClassIds: ['transport-box', 'scale'], materials: [{ materialId: 'leukapheresis', quantity: { low: 30, high: 400 } }],
        values: [
          measured({ id: 'transport-temperature', title: 'Highest transport temperature', unit: '°C', limits: { low: 2, high: 25 } }),
          measured({ id: 'hours-since-collection', title: 'Time since the end of collection', unit: 'h', limits: { low: 0, high: 48 } }),
          confirmed('bag-intact', 'The bag is intact and free of clots', 'deviation'),
        ],
      }),
      phase({
        id: 'count-leukapheresis', title: 'Count and characterise the starting material', training: ['cell-counting'],
        instruction: 'Take a 0.5 mL sample by sterile weld. Count twice; the counts agree within 15 %. Stain for CD3, CD4 and CD8.',
        equipmentClassIds: ['cell-counter', 'flow-cytometer', 'tube-sealer'],
        values: [
          measured({ id: 'starting-viability', title: 'Viability of the starting material', unit: '%', limits: { low: 80, high: 100 } }),
          measured({ id: 'starting-t-cells', title: 'CD3-positive cells', unit: '10^6 cells', limits: { low: 100 } }),
          measured({ id: 'cd4-cd8-ratio', title: 'CD4 to CD8 ratio', unit: '', limits: { low: 0.1, high: 10 } }),
        ],
      }),
    ],
  }],
};

const SELECTION: UnitProcedure = {
  id: 'selection', title: 'Selection of CD4 and CD8 cells', after: ['leukapheresis-receipt'],
  operations: [
    { id: 'set-up', title: 'Set up the bioreactor', phases: [
      phase({
        id: 'install-tubing-set', title: 'Install the tubing set', equipmentClassIds: ['bioreactor', 'biosafety-cabinet'],
        instruction: 'Install the single-use set, connect buffer and medium under the cabinet, and let the bioreactor run its integrity test.',
        materials: [{ materialId: 'tubing-set', quantity: { low: 1, high: 1 } }, { materialId: 'selection-buffer', quantity: { low: 500, high: 3000 } }],
        values: [confirmed('integrity-test-passed', 'The integrity test passed')],
      }),
    ] },
    { id: 'select', title: 'Select', phases: [
      phase({
        id: 'select-cd4-cd8', title: 'Label and select CD4 and CD8 cells', equipmentClassIds: ['bioreactor'],
        instruction: 'Connect the leukapheresis after scanning its label again. Add both reagents. Start the selection programme.',
        materials: [{ materialId: 'leukapheresis', quantity: { low: 30, high: 400 } }, { materialId: 'cd4-reagent', quantity: { low: 1, high: 2 } }, { materialId: 'cd8-reagent', quantity: { low: 1, high: 2 } }],
        values: [
          measured({ id: 'selected-cells', title: 'Selected viable cells', unit: '10^6 cells', limits: { low: 100 } }),
          measured({ id: 'selected-purity', title: 'CD3-positive after selection', unit: '%', limits: { low: 80, high: 100 } }),
        ],
      }),
    ] },
  ],
};

const ACTIVATION: UnitProcedure = {
  id: 'activation', title: 'Activation', after: ['selection'],
  operations: [{ id: 'seed-and-activate', title: 'Seed and activate', phases: [
    phase({
      id: 'seed-culture', title: 'Seed and activate the culture (day 0)', equipmentClassIds: ['bioreactor'],
      instruction: 'Seed at least 100 million selected cells in 70 mL of medium with both interleukins. Add the activation reagent. Set 37 °C and 5 % carbon dioxide.',
      materials: [
        { materialId: 'culture-medium', quantity: { low: 50, high: 3000 } }, { materialId: 'activation-reagent', quantity: { low: 1, high: 1 } },
        { materialId: 'interleukin-7', quantity: { low: 1, high: 100 } }, { materialId: 'interleukin-15', quantity: { low: 1, high: 100 } },
      ],
      values: [measured({ id: 'seeded-cells', title: 'Seeded viable cells', unit: '10^6 cells', limits: { low: 100, high: 400 }, outOfLimits: 'refuse' })],
    }),
  ] }],
};

const TRANSDUCTION: UnitProcedure = {
  id: 'transduction', title: 'Transduction', after: ['activation'],
  operations: [{ id: 'transduce', title: 'Transduce', phases: [
    phase({
      id: 'add-vector', title: 'Add the vector (day 1)', equipmentClassIds: ['bioreactor', 'biosafety-cabinet'], training: ['aseptic-technique', 'vector-handling'],
      instruction: 'Thaw the vector at room temperature and use it within 60 minutes. Add it for the intended multiplicity of infection. Wash after 24 hours.',
      materials: [{ materialId: 'cd19-vector', quantity: { low: 0.5, high: 50 } }],
      values: [
        measured({ id: 'multiplicity-of-infection', title: 'Multiplicity of infection', unit: 'TU/cell', limits: { low: 2, high: 10 }, outOfLimits: 'refuse' }),
        measured({ id: 'minutes-thawed', title: 'Time from thaw to addition', unit: 'min', limits: { low: 0, high: 60 } }),
      ],
    }),
  ] }],
};

export const UPSTREAM: readonly UnitProcedure[] = [RECEIPT, SELECTION, ACTIVATION, TRANSDUCTION];
