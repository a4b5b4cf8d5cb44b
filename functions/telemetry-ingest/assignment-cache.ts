import { keyOf } from '../../shared/storage/keys.ts';
import type { DeviceAssignment } from '../_platform/device-assignment.ts';
import type { Clock, OperationsStore } from '../_platform/ports.ts';

type Devices = ReadonlyMap<string, DeviceAssignment>;
type Held = Readonly<{ readAtEpochMs: number; devices: Promise<Devices> }>;

/** A batch that is given a device is known of after this time at the latest. */
const KEPT_MS = 5_000;
const PAGE = 200;

/** Which batch has which device of a gateway, read at most once in five seconds a gateway. Devices that a batch had are left to the sealing. */
export class AssignmentCache {
  readonly #ports: Readonly<{ operations: Pick<OperationsStore, 'list'>; now: Clock }>;
  readonly #held = new Map<string, Held>();

  constructor(ports: Readonly<{ operations: Pick<OperationsStore, 'list'>; now: Clock }>) {
    this.#ports = ports;
  }

  devicesOf(edgeNodeId: string): Promise<Devices> {
    const held = this.#held.get(edgeNodeId);
    const age = this.#ports.now().getTime() - (held?.readAtEpochMs ?? -Infinity);
    return held !== undefined && age >= 0 && age < KEPT_MS ? held.devices : this.reloaded(edgeNodeId);
  }

  /** What can not be read is read again next time. */
  reloaded(edgeNodeId: string): Promise<Devices> {
    const devices = this.#read(edgeNodeId);
    this.#held.set(edgeNodeId, { readAtEpochMs: this.#ports.now().getTime(), devices });
    devices.catch(() => this.#held.delete(edgeNodeId));
    return devices;
  }

  async #read(edgeNodeId: string): Promise<Devices> {
    const devices = new Map<string, DeviceAssignment>();
    let cursor: string | undefined;
    do {
      const page = await this.#ports.operations.list<DeviceAssignment & Readonly<{ sk: string }>>(keyOf.device(edgeNodeId, '-').pk, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      for (const { sk, ...assignment } of page.items) devices.set(sk, assignment);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return devices;
  }
}
