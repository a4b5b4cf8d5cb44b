/** Who inspects: the authority, and those who answer to it. 21 CFR 11.10(b), (e): records and audit trail available for agency review and copying. */
export const INSPECTORS = ['regulator', 'quality-reviewer', 'qualified-person'] as const;
