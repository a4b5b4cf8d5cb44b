import * as z from 'zod';

/** Every variable a function may be given; each function names the ones it needs. */
const VARIABLES = {
  NODE_ID: z.string().regex(/^[a-z][a-z0-9-]{1,20}$/, 'want a node id such as north'),
  RECORD_TABLE: z.string().min(1),
  OPERATIONS_TABLE: z.string().min(1),
  TELEMETRY_BUCKET: z.string().min(1),
  DOCUMENT_BUCKET: z.string().min(1),
  LIBRARY_BUCKET: z.string().min(1),
  ISSUER_URL: z.url(),
  USER_POOL_CLIENT_ID: z.string().min(1),
  RELEASE_STATE_MACHINE_ARN: z.string().startsWith('arn:'),
  PREDICTION_ENDPOINT: z.string().min(1),
  NETWORK_EVENT_BUS: z.string().min(1),
  MODEL_SHA256: z.string().regex(/^[0-9a-f]{64}$/),
} as const;

export type VariableName = keyof typeof VARIABLES;
type Environment<Name extends VariableName> = { readonly [Key in Name]: string };

/**
 * Parse the environment once, when a function starts.
 *
 * @throws Error naming every missing or wrong variable and what was wanted; the function then does not start
 */
export const environmentOf = <const Name extends VariableName>(
  names: readonly Name[], source: Readonly<Record<string, string | undefined>> = process.env,
): Environment<Name> => {
  const faults: string[] = [];
  const parsed = names.map((name): [Name, string] => {
    const result = VARIABLES[name].safeParse(source[name]);
    if (!result.success) faults.push(`${name}: ${result.error.issues.map(({ message }) => message).join(', ')}`);
    return [name, result.success ? result.data : ''];
  });
  if (faults.length > 0) throw new Error(`environment is incomplete: ${faults.join('; ')}`);
  return Object.fromEntries(parsed) as Environment<Name>;
};
