import type { PolicyStatement } from '../../core/contracts.ts';
import { matchesPattern } from '../../core/iam.ts';

/** A connection as policies see it. */
export type Connection = Readonly<{ clientId: string; thingName: string | undefined; certificateId: string }>;

const substitute = (text: string, { clientId, thingName, certificateId }: Connection): string | undefined => {
  const values: Readonly<Record<string, string | undefined>> = { 'iot:ClientId': clientId, 'iot:Connection.Thing.ThingName': thingName, 'iot:CertificateId': certificateId };
  let unknownCount = 0;
  const result = text.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) unknownCount += 1;
    // A value that itself holds a wildcard would widen the policy.
    return (value ?? '').replaceAll(/[*?]/g, '\u0000');
  });
  return unknownCount === 0 ? result : undefined;
};

const conditionsHold = ({ conditions }: PolicyStatement, { thingName }: Connection): boolean => Object.entries(conditions).every(([operator, keys]) => Object.entries(keys).every(([key, wanted]) => {
  if (operator === 'Bool' && key === 'iot:Connection.Thing.IsAttached') return wanted.includes(String(thingName !== undefined));
  throw new Error(`an IoT policy uses the condition ${operator} ${key}, which the local cloud does not evaluate`);
}));

/**
 * May this connection do it? A topic filter in a policy is a text: its `#` and `+` are themselves, only `*` and `?` are wildcards.
 *
 * @see AWS IoT Core Developer Guide, Thing policy variables; AWS IoT Core policy actions
 */
export const isDeviceAllowed = (statements: readonly PolicyStatement[], action: string, resource: string, connection: Connection): boolean => {
  const applying = statements.filter((statement) => (statement.notActions === undefined ? statement.actions.some((pattern) => matchesPattern(pattern, action)) : !statement.notActions.some((pattern) => matchesPattern(pattern, action)))
    && statement.resources.some((pattern) => {
      const own = substitute(pattern, connection);
      return own !== undefined && matchesPattern(own, resource);
    }) && conditionsHold(statement, connection));
  return !applying.some(({ effect }) => effect === 'Deny') && applying.some(({ effect }) => effect === 'Allow');
};
