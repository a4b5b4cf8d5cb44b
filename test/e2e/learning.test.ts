import { afterAll, beforeAll } from 'vitest';
import { RunningNetwork } from './running-network.ts';
import { federatedTraining } from './steps/federated-training.ts';
import { governedBatch } from './steps/governed-batch.ts';
import { modelInUse } from './steps/model-in-use.ts';

const network = new RunningNetwork('--learn');

beforeAll(() => network.start());
afterAll(() => network.end());

// One network for all of them, in this order: it trains a model, puts it to use, and plays a batch under it.
federatedTraining(network);
modelInUse(network);
governedBatch(network);
