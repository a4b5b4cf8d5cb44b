import type { Login } from '../client/endpoints.ts';

/** Example people of a fresh local cloud. Deployed pools start empty: people are invited by their hospital. */
const PASSWORD = 'Bedside-Example-2026!';

const person = (username: string, printedName: string, ...roles: string[]): Login => ({ username, password: PASSWORD, roles, printedName });

/** At every hospital. Two operators, so that custody and verification have two people. */
export const HOSPITAL_STAFF: readonly Login[] = [
  person('operator.one', 'Amara Okafor', 'operator'),
  person('operator.two', 'Jonas Lindqvist', 'operator'),
  person('scientist', 'Dr Mei Tanaka', 'process-scientist'),
  person('reviewer', 'Żaneta Wójcik', 'quality-reviewer'),
  person('qualified.person', 'Dr Luca Bianchi', 'qualified-person'),
  person('steward', 'Priya Raman', 'master-data-steward'),
  person('engineer', 'Tom Hughes', 'site-engineer'),
  person('regulator', 'Inspector Claire Moreau', 'regulator'),
];

/** At the control site. */
export const CONTROL_STAFF: readonly Login[] = [
  person('coordinator', 'Sofia Marques', 'network-coordinator'),
  person('author', 'Dr Mei Tanaka', 'process-scientist'),
  person('developer', 'Leo Brandt', 'process-scientist'),
  person('reviewer', 'Żaneta Wójcik', 'quality-reviewer'),
  person('qualified.person', 'Dr Luca Bianchi', 'qualified-person'),
  person('regulator', 'Inspector Claire Moreau', 'regulator'),
];
