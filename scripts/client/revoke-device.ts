import { paginateListThingPrincipals, UpdateCertificateCommand, type IoTClient } from '@aws-sdk/client-iot';

const CERTIFICATE_ARN = /:cert\/([0-9a-f]{64})$/;

/**
 * Revoke every certificate a gateway speaks with: a stolen or scrapped one can not connect again, and AWS IoT ends its connection within minutes. The thing stays, so that its name is not given away.
 *
 * @returns ids of the certificates; none when it has none
 * @throws Error when AWS IoT knows no such gateway, or refuses
 */
export const revokeDevice = async (iot: IoTClient, device: string): Promise<readonly string[]> => {
  const ids: string[] = [];
  for await (const { principals = [] } of paginateListThingPrincipals({ client: iot }, { thingName: device })) ids.push(...principals.flatMap((arn) => CERTIFICATE_ARN.exec(arn)?.[1] ?? []));
  for (const certificateId of ids) await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'REVOKED' }));
  return ids;
};
