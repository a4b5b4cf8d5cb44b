import { afterAll, beforeAll } from 'vitest';
import { RunningNetwork } from '../running-network.ts';
import { operatorsPage } from '../steps/operators-page.ts';

// Nobody plays a batch here: the page is typed in real time, most of which goes by until its telemetry is sealed.
const network = new RunningNetwork('--empty');

beforeAll(() => network.start());
afterAll(() => network.end());

operatorsPage(network);
