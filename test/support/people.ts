import type { Role } from '../../shared/record/envelope.ts';

export type TestPerson = Readonly<{ id: string; name: string; roles: readonly Role[] }>;

const person = (id: string, name: string, ...roles: readonly Role[]): TestPerson => ({ id, name, roles });

/** One person of each role, and a second operator to verify what the first performed. */
export const PEOPLE = {
  operator: person('op-1', 'Anna Operator', 'operator'),
  second: person('op-2', 'Ben Operator', 'operator'),
  scientist: person('sci-1', 'Carla Scientist', 'process-scientist'),
  reviewer: person('qa-1', 'Dora Reviewer', 'quality-reviewer'),
  qualified: person('qp-1', 'Dr Emil Qualified', 'qualified-person'),
  engineer: person('eng-1', 'Filip Engineer', 'site-engineer'),
  steward: person('stew-1', 'Greta Steward', 'master-data-steward'),
  regulator: person('reg-1', 'Hana Regulator', 'regulator'),
  coordinator: person('coo-1', 'Ivo Coordinator', 'network-coordinator'),
} as const satisfies Record<string, TestPerson>;
