import { peopleContracts } from '../register-api/people-schema.ts';

/** People of the control site: its coordinator registers them. */
export const { RegisterPerson, StopPerson, ReinstatePerson, ChangeRoles, ListPeople } =
  peopleContracts(['network-coordinator', 'master-data-steward'], ['network-coordinator', 'master-data-steward', 'process-scientist', 'quality-reviewer', 'qualified-person']);
