import { afterAll, beforeAll } from 'vitest';
import { RunningNetwork } from './running-network.ts';
import { devices } from './steps/devices.ts';
import { erasure } from './steps/erasure.ts';
import { exampleBatch } from './steps/example-batch.ts';
import { fourthHospital } from './steps/fourth-hospital.ts';
import { interfaces } from './steps/interfaces.ts';
import { lostTables } from './steps/lost-tables.ts';
import { signatures } from './steps/signatures.ts';
import { transparencyLog } from './steps/transparency-log.ts';

const network = new RunningNetwork();

beforeAll(() => network.start());
afterAll(() => network.end());

// One network for all of them, in this order: it is killed in the middle of the example batch, and each step says what it needs of those before.
interfaces(network);
devices(network);
fourthHospital(network);
exampleBatch(network);
lostTables(network);
erasure(network);
signatures(network);
transparencyLog(network);
