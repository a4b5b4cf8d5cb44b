type Rule = Readonly<{ form: RegExp; wanted: string }>;

const TEXT: Rule = { form: /^.+$/s, wanted: 'a text' };
const URL_FORM: Rule = { form: /^https?:\/\/[^\s]+$/, wanted: 'a URL' };

/** Every variable a function may be given; each function names the ones it needs. */
const VARIABLES = {
  NODE_ID: { form: /^[a-z][a-z0-9-]{1,20}$/, wanted: 'a node id such as north' },
  NODE_ACCOUNT: { form: /^\d{12}$/, wanted: 'the 12 digits of an AWS account' },
  RECORD_TABLE: TEXT,
  OPERATIONS_TABLE: TEXT,
  PERSONAL_DATA_TABLE: TEXT,
  TELEMETRY_BUCKET: TEXT,
  DOCUMENT_BUCKET: TEXT,
  LIBRARY_BUCKET: TEXT,
  MODEL_BUCKET: TEXT,
  NETWORK_MODEL_BUCKET: TEXT,
  TRAINING_BUCKET: TEXT,
  MAILBOX_BUCKET: TEXT,
  LOG_BUCKET: TEXT,
  PACK_BUCKET: TEXT,
  LOG_STAGING_BUCKET: TEXT,
  LOG_ORIGIN: { form: /^[^\s+]+$/, wanted: 'a name without spaces and +' },
  WITNESS_TABLE: TEXT,
  WITNESS_KEY_ARN: { form: /^arn:/, wanted: 'an ARN' },
  WITNESS_NAME: { form: /^[^\s+]+$/, wanted: 'a name without spaces and +' },
  WITNESS_QUORUM: { form: /^\d+$/, wanted: 'a whole number' },
  API_URL: URL_FORM,
  NETWORK_API_URL: URL_FORM,
  LEAST_COHORT: { form: /^\d{1,5}$/, wanted: 'a whole number of rows' },
  DEVICE_CLOCK_MINUTES: { form: /^[1-9]\d?$/, wanted: 'a whole number of minutes from 1 to 99' },
  THINKING_MINUTES: { form: /^\d{1,5}$/, wanted: 'a whole number of minutes' },
  TRAINING_CONSENT: { form: /^(after-thinking-time|signed)$/, wanted: 'after-thinking-time or signed' },
  TRAINING_KEY_ARN: { form: /^arn:/, wanted: 'an ARN' },
  LOG_KEY_ARN: { form: /^arn:/, wanted: 'an ARN' },
  ISSUER_URL: URL_FORM,
  USER_POOL_CLIENT_ID: TEXT,
  RELEASE_STATE_MACHINE_ARN: { form: /^arn:/, wanted: 'an ARN' },
  DRIFT_EVERY_DAYS: { form: /^[1-9]\d?$/, wanted: 'a whole number of days from 1' },
  TRAINING_STATE_MACHINE_ARN: { form: /^arn:/, wanted: 'an ARN' },
  PREDICTION_ENDPOINT: TEXT,
  NETWORK_EVENT_BUS: TEXT,
  LOOK_AHEAD_FUNCTION: { form: /^arn:/, wanted: 'an ARN' },
  COMMANDER_FUNCTION: { form: /^arn:/, wanted: 'an ARN' },
  CERTIFICATE_FUNCTION: { form: /^arn:/, wanted: 'an ARN' },
  MODEL_PUBLISH_FUNCTION: { form: /^arn:/, wanted: 'an ARN' },
  RENDER_FUNCTION: { form: /^arn:/, wanted: 'an ARN' },
  EXAMPLE_MODEL: { form: /^(speaks|silent)$/, wanted: 'speaks or silent' },
  MODEL_SHA256: { form: /^[0-9a-f]{64}$/, wanted: 'a SHA-256 in hex' },
} as const satisfies Record<string, Rule>;

export type VariableName = keyof typeof VARIABLES;
export const isVariableName = (name: string): name is VariableName => Object.hasOwn(VARIABLES, name);
type Environment<Name extends VariableName> = { readonly [Key in Name]: string };

/**
 * Parse the environment once, when a function starts.
 *
 * @throws Error naming every missing or wrong variable and what was wanted; the function then does not start
 */
export const environmentOf = <const Name extends VariableName>(
  names: readonly Name[], source: Readonly<Record<string, string | undefined>> = process.env,
): Environment<Name> => {
  const faults = names.filter((name) => !VARIABLES[name].form.test(source[name] ?? '')).map((name) => `${name}: want ${VARIABLES[name].wanted}`);
  if (faults.length > 0) throw new Error(`environment is incomplete: ${faults.join('; ')}`);
  return Object.fromEntries(names.map((name) => [name, source[name] ?? ''])) as Environment<Name>;
};
