import { afterAll, beforeAll } from 'vitest';
import { RunningNetwork } from './running-network.ts';
import { federatedTraining } from './steps/federated-training.ts';
import { governedBatch } from './steps/governed-batch.ts';
import { modelInUse } from './steps/model-in-use.ts';
import { monitoredBatch, monitoredToItsEnd } from './steps/monitored-batch.ts';

const network = new RunningNetwork('--learn');

beforeAll(() => network.start());
afterAll(() => network.end());

// One network for all of them, in this order: it trains models, puts them to use, and plays a batch under them.
federatedTraining(network);
modelInUse(network);
monitoredBatch(network);
governedBatch(network);
monitoredToItsEnd(network);
