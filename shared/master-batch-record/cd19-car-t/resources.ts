import type { EquipmentClass, MaterialSpecification, ParameterSpecification, TestSpecification } from '../model.ts';

export const MATERIALS: readonly MaterialSpecification[] = [
  { id: 'leukapheresis', title: 'Leukapheresis product of the patient', kind: 'patient', unit: 'mL' },
  { id: 'tubing-set', title: 'Single-use tubing set of the bioreactor', kind: 'consumable', unit: 'piece' },
  { id: 'selection-buffer', title: 'Selection buffer, PBS with EDTA and human serum albumin 0.5 %', kind: 'reagent', unit: 'mL' },
  { id: 'cd4-reagent', title: 'CD4 selection reagent', kind: 'reagent', unit: 'vial' },
  { id: 'cd8-reagent', title: 'CD8 selection reagent', kind: 'reagent', unit: 'vial' },
  { id: 'culture-medium', title: 'Serum-free T-cell medium with human AB serum', kind: 'reagent', unit: 'mL' },
  { id: 'interleukin-7', title: 'Interleukin-7', kind: 'reagent', unit: 'µg' },
  { id: 'interleukin-15', title: 'Interleukin-15', kind: 'reagent', unit: 'µg' },
  { id: 'activation-reagent', title: 'CD3/CD28 activation reagent', kind: 'reagent', unit: 'vial' },
  { id: 'cd19-vector', title: 'Lentiviral vector, anti-CD19 CAR with 4-1BB and CD3ζ', kind: 'vector', unit: 'mL' },
  { id: 'formulation-buffer', title: 'Saline with human serum albumin 1 %', kind: 'reagent', unit: 'mL' },
  { id: 'product-bag', title: 'Final product bag', kind: 'consumable', unit: 'piece' },
];

/** The culture is in the bioreactor from selection to harvest; all else serves one patient after another within a day. */
export const EQUIPMENT_CLASSES: readonly EquipmentClass[] = [
  { id: 'bioreactor', title: 'Closed automated bioreactor', calibrated: true, occupied: 'until-last-phase' },
  { id: 'biosafety-cabinet', title: 'Biosafety cabinet', calibrated: true, occupied: 'phase' },
  { id: 'cell-counter', title: 'Automated cell counter', calibrated: true, occupied: 'phase' },
  { id: 'flow-cytometer', title: 'Flow cytometer', calibrated: true, occupied: 'phase' },
  { id: 'scale', title: 'Scale', calibrated: true, occupied: 'phase' },
  { id: 'tube-sealer', title: 'Tube sealer and sterile welder', calibrated: false, occupied: 'phase' },
  { id: 'transport-box', title: 'Temperature-controlled transport box', calibrated: true, occupied: 'phase' },
];

const bioreactor = (metric: string, title: string, unit: string, more: Partial<ParameterSpecification> = {}): ParameterSpecification =>
  ({ metric: `Bioreactor/${metric}`, title, unit, equipmentClassId: 'bioreactor', critical: false, alarm: {}, ...more });

export const PARAMETERS: readonly ParameterSpecification[] = [
  bioreactor('Temperature', 'Culture temperature', '°C', { critical: true, alarm: { low: 36, high: 38 } }),
  bioreactor('pH', 'Culture pH', '', { critical: true, alarm: { low: 6.8, high: 7.6 } }),
  bioreactor('Dissolved Oxygen', 'Dissolved oxygen, of air saturation', '%', { critical: true, alarm: { low: 20 } }),
  bioreactor('Glucose', 'Glucose', 'mmol/L', { alarm: { low: 2 } }),
  bioreactor('Lactate', 'Lactate', 'mmol/L', { alarm: { high: 25 } }),
  bioreactor('Viable Cell Density', 'Viable cell density by capacitance', '10^6 cells/mL'),
  bioreactor('Agitation', 'Agitation', 'rpm'),
  bioreactor('Volume', 'Culture volume', 'mL'),
  bioreactor('Perfusion Rate', 'Perfusion rate', 'mL/h'),
];

export const RELEASE_SPECIFICATION: readonly TestSpecification[] = [
  { id: 'viability', title: 'Viability', unit: '%', type: 'number', limits: { low: 70 }, timing: 'before-release' },
  { id: 'car-positive', title: 'CAR-positive T cells', unit: '%', type: 'number', limits: { low: 20 }, timing: 'before-release' },
  { id: 'cd3-positive', title: 'CD3-positive cells', unit: '%', type: 'number', limits: { low: 70 }, timing: 'before-release' },
  { id: 'vector-copy-number', title: 'Vector copy number', unit: 'copies/cell', type: 'number', limits: { high: 10 }, timing: 'before-release' },
  { id: 'endotoxin', title: 'Endotoxin', unit: 'EU/mL', type: 'number', limits: { high: 0.5 }, timing: 'before-release' },
  { id: 'mycoplasma', title: 'Mycoplasma', unit: '', type: 'text', equals: 'not detected', timing: 'before-release' },
  { id: 'sterility', title: 'Sterility', unit: '', type: 'text', equals: 'no growth', timing: 'staged' },
];
