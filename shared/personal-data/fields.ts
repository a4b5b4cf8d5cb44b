import * as z from 'zod';
import type { Role } from '../record/envelope.ts';

const Answer = z.enum(['yes', 'no', 'unknown']);

/**
 * Therapies before collection that bear on how the cells grow. `unknown` is an answer: a question nobody asked must not look like "no".
 *
 * @see Iacoboni et al., J Clin Oncol 2024;42:205 (bendamustine before apheresis and the outcome of CAR-T); SmPC of the licensed CAR-T products, 4.4
 */
const PriorTherapies = z.strictObject({
  bendamustineWithinSixMonths: Answer, allogeneicTransplant: Answer, cd19DirectedTherapy: Answer,
});

/** Every fact about the patient that Bedside may hold, and no other. Each is optional; what is not needed is not asked for (GDPR Art. 5(1)(c)). */
export const PersonalFields = z.strictObject({
  patientReference: z.string().trim().min(1).max(64).optional().describe('The hospital\'s own number of the patient'),
  yearOfBirth: z.int().min(1880).max(2200).optional(),
  sex: z.enum(['female', 'male', 'other', 'unknown']).optional().describe('HL7 administrative gender'),
  bodyWeightKilograms: z.number().min(1).max(400).optional().describe('At collection; a dose per kilogram stands on it'),
  priorTherapies: PriorTherapies.optional(),
  treatingPhysician: z.string().trim().min(3).max(120).optional().describe('Printed name'),
});
export type PersonalFields = z.infer<typeof PersonalFields>;

export const PERSONAL_FIELDS = ['patientReference', 'yearOfBirth', 'sex', 'bodyWeightKilograms', 'priorTherapies', 'treatingPhysician'] as const satisfies readonly (keyof PersonalFields)[];
export type PersonalField = (typeof PERSONAL_FIELDS)[number];
/** A value of any field. */
export type PersonalValue = NonNullable<PersonalFields[PersonalField]>;

export const isPersonalField = (text: string): text is PersonalField => (PERSONAL_FIELDS as readonly string[]).includes(text);

/** Who may read at all; the regulator reads commitments in the record, and values at the hospital. */
export const PERSONAL_DATA_READERS = ['operator', 'process-scientist', 'quality-reviewer', 'qualified-person'] as const satisfies readonly Role[];
export type PersonalDataReader = (typeof PERSONAL_DATA_READERS)[number];

const CLINICAL = ['yearOfBirth', 'sex', 'bodyWeightKilograms', 'priorTherapies'] as const;

/** Each role reads what its work needs: who grows and predicts needs no name and no number of the patient. */
export const FIELDS_BY_ROLE: Readonly<Record<PersonalDataReader, readonly PersonalField[]>> = {
  operator: PERSONAL_FIELDS,
  'process-scientist': CLINICAL,
  'quality-reviewer': PERSONAL_FIELDS,
  'qualified-person': PERSONAL_FIELDS,
};

/** Fields that someone with these roles may read. */
export const readableFields = (roles: readonly Role[]): ReadonlySet<PersonalField> =>
  new Set(PERSONAL_DATA_READERS.filter((role) => roles.includes(role)).flatMap((role) => FIELDS_BY_ROLE[role]));

/** The fields that are there, in the order of PERSONAL_FIELDS. */
export const fieldsIn = (values: PersonalFields): readonly (readonly [PersonalField, PersonalValue])[] =>
  PERSONAL_FIELDS.flatMap((field) => {
    const value = values[field];
    return value === undefined ? [] : [[field, value] as const];
  });
