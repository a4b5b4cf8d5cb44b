import { CD19_CAR_T_ID } from '../../shared/master-batch-record/cd19-car-t/content.ts';
import type { GovernanceTable } from '../../shared/prediction-governance/table.ts';
import type { Person } from '../client/api-client.ts';
import type { NodeSite } from '../client/endpoints.ts';
import { signInAs } from '../example/seed-network.ts';

const DAY_MINUTES = 1440;
const HOUR_SECONDS = 3600;

/** The customary limit: a model alarms at 99 %. */
const ALARM_THRESHOLD = 0.99;

/**
 * What the example hospitals let models do. Every early prediction is brought to the scientist, whatever it says, so that the example shows a decision. Equipment has an hour to
 * confirm, the longest a table may give: in a time-lapse that is seconds. An alarm of process monitoring is for awareness: it is on record and shown, and nothing follows.
 */
export const EXAMPLE_TABLE: GovernanceTable = {
  productId: CD19_CAR_T_ID,
  rows: [{
    output: 'early-failure', handling: { kind: 'needs-signature', role: 'process-scientist' }, threshold: 0, undecided: 'needs-review', validForMinutes: DAY_MINUTES, acknowledgeWithinSeconds: HOUR_SECONDS,
    actions: [{ metric: 'Bioreactor/Feed Rate Factor', unit: '1', low: 0.5, high: 2.5 }, { metric: 'Bioreactor/Dissolved Oxygen Set-Point', unit: '%', low: 20, high: 150 }],
  }, {
    output: 'process-monitoring-alarm', handling: { kind: 'awareness' }, threshold: ALARM_THRESHOLD, undecided: 'show', validForMinutes: DAY_MINUTES, acknowledgeWithinSeconds: HOUR_SECONDS, actions: [],
  }],
};

const PATH = `/v1/governance-tables/${CD19_CAR_T_ID}`;

/** The hospital's table through its life cycle, each move signed by the person whose move it is; one that is effective stays. */
export const putTableInForce = async (node: NodeSite): Promise<void> => {
  const [scientist, reviewer, qualifiedPerson] = [await signInAs(node, 'scientist'), await signInAs(node, 'reviewer'), await signInAs(node, 'qualified.person')];
  const held = async (): Promise<Readonly<{ version: number; state: string | undefined }>> => {
    const { status, body } = await scientist.request('GET', PATH);
    return status === 404 ? { version: 0, state: undefined } : { version: Number(body['version']), state: (body['versions'] as readonly Readonly<{ state: string }>[]).at(-1)?.state };
  };
  const move = async (from: string | undefined, person: Person, path: string, meaning: Parameters<Person['sign']>[1], body = {}): Promise<void> => {
    const { version, state } = await held();
    if (state === from) await person.sign(path, meaning, version, body);
  };
  await move(undefined, scientist, '/v1/governance-tables', 'authorship', { content: EXAMPLE_TABLE });
  await move('draft', reviewer, `${PATH}/approval`, 'approval');
  await move('approved', qualifiedPerson, `${PATH}/effectiveness`, 'responsibility');
};
