import type { MasterBatchRecordContent } from '../model.ts';
import { DOWNSTREAM } from './downstream.ts';
import { EQUIPMENT_CLASSES, MATERIALS, PARAMETERS, RELEASE_SPECIFICATION } from './resources.ts';
import { UPSTREAM } from './upstream.ts';

export const CD19_CAR_T_ID = 'cd19-car-t';

/**
 * CD19 CAR-T cells made at the hospital in a closed automated bioreactor, after the published academic process: steps, duration and release
 * criteria as published; limits of single values are examples a hospital validates for itself.
 *
 * @see Castella et al. 2019, Molecular Therapy Methods & Clinical Development 12:134-144, table 2 (acceptance criteria)
 * @see Castella et al. 2020, Point-Of-Care CAR T-Cell Production (ARI-0001) Using a Closed Semi-automatic Bioreactor, Frontiers in Immunology 11:482
 */
export const CD19_CAR_T: MasterBatchRecordContent = {
  productId: CD19_CAR_T_ID,
  title: 'Autologous anti-CD19 CAR-T cells',
  source: 'After ARI-0001: Castella et al. 2020, Frontiers in Immunology 11:482 (closed semi-automatic bioreactor at the point of care); acceptance criteria of Castella et al. 2019, Molecular Therapy Methods & Clinical Development 12:134-144',
  materials: MATERIALS,
  equipmentClasses: EQUIPMENT_CLASSES,
  parameters: PARAMETERS,
  procedure: [...UPSTREAM, ...DOWNSTREAM],
  releaseSpecification: RELEASE_SPECIFICATION,
};
