import { join } from 'node:path';
import { createHash, X509Certificate } from 'node:crypto';
import { JsonFile } from '../../core/state.ts';

export type Certificate = Readonly<{ id: string; pem: string; status: 'ACTIVE' | 'INACTIVE' | 'REVOKED'; things: readonly string[]; policies: readonly string[] }>;
type Things = Readonly<Record<string, Readonly<{ thingType: string | undefined }>>>;
type State = Readonly<{ things: Things; certificates: Readonly<Record<string, Certificate>> }>;

/** AWS IoT names a certificate by the SHA-256 of its DER. */
export const certificateIdOf = (der: Buffer): string => createHash('sha256').update(der).digest('hex');

/** Things and certificates of one account and region. Private keys never come here. */
export class DeviceRegistry {
  readonly #file: JsonFile<State>;

  constructor(folder: string, stackName: string) {
    this.#file = new JsonFile<State>(join(folder, `${stackName}.json`), { things: {}, certificates: {} });
  }

  thing(name: string): Readonly<{ thingType: string | undefined }> | undefined {
    return this.#file.value.things[name];
  }

  things(): readonly string[] {
    return Object.keys(this.#file.value.things);
  }

  addThing(name: string, thingType: string | undefined): void {
    this.#file.set({ ...this.#file.value, things: { ...this.#file.value.things, [name]: { thingType } } });
  }

  certificate(id: string): Certificate | undefined {
    return this.#file.value.certificates[id];
  }

  certificatesOf(thing: string): readonly Certificate[] {
    return Object.values(this.#file.value.certificates).filter(({ things }) => things.includes(thing));
  }

  keep(certificate: Certificate): void {
    this.#file.set({ ...this.#file.value, certificates: { ...this.#file.value.certificates, [certificate.id]: certificate } });
  }

  addCertificate(pem: string, isActive: boolean): Certificate {
    const certificate: Certificate = { id: certificateIdOf(new X509Certificate(pem).raw), pem, status: isActive ? 'ACTIVE' : 'INACTIVE', things: [], policies: [] };
    this.keep(certificate);
    return certificate;
  }
}
