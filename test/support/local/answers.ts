import type { Person } from '../../../scripts/client/api-client.ts';

type Json = Readonly<Record<string, unknown>>;
type Page = Json & Readonly<{ items?: readonly unknown[]; nextCursor?: string }>;
type Event = Readonly<{ recordedAt: string; actor: Readonly<{ kind: string; id: string }>; event: Json }>;

const PAGE = 200;

/** Every item of a list, page by page, and the rest of the last page. */
export const whole = async (person: Person, path: string): Promise<Json> => {
  const items: unknown[] = [];
  let [page, cursor]: [Page, string] = [{}, ''];
  do {
    page = await person.get(`${path}${path.includes('?') ? '&' : '?'}limit=${PAGE}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    items.push(...page.items ?? []);
    cursor = page.nextCursor ?? '';
  } while (cursor !== '');
  return { ...page, items };
};

const valuesOf = (events: readonly Event[], name: string): readonly string[] => [...new Set(events.flatMap(({ event }) => (typeof event[name] === 'string' ? [event[name]] : [])))];

/** Searches and genealogies of what one batch record speaks of. */
const pathsAbout = (batchId: string, events: readonly Event[]): readonly string[] => {
  const people = new Set(events.filter(({ actor }) => actor.kind === 'person').map(({ actor }) => actor.id));
  const subjects = [
    ['chain-of-identity', 'chainOfIdentityId', valuesOf(events, 'chainOfIdentityId')], ['material-lot', 'materialLotId', valuesOf(events, 'lotId')], ['equipment', 'equipmentId', valuesOf(events, 'equipmentId')],
    ['person', 'personId', [...people]],
  ] as const;
  const about = subjects.flatMap(([kind, parameter, ids]) => ids.map((id) => ({ kind, parameter, id: encodeURIComponent(id) })));
  return [
    `/v1/audit/genealogy/batch/${batchId}`, ...about.map(({ kind, id }) => `/v1/audit/genealogy/${kind}/${id}`), ...about.map(({ parameter, id }) => `/v1/audit/search?${parameter}=${id}`),
    ...valuesOf(events, 'chainOfIdentityId').map((id) => `/v1/chains-of-identity/${encodeURIComponent(id)}`),
  ];
};

const ofBatch = async (operator: Person, regulator: Person, batchId: string): Promise<Readonly<Record<string, unknown>>> => {
  const answers: Record<string, unknown> = {};
  for (const path of [`/v1/batches/${batchId}/record`, `/v1/batches/${batchId}/audit-trail`, `/v1/audit/batches/${batchId}/record`, `/v1/audit/batches/${batchId}/audit-trail`]) answers[path] = await whole(regulator, path);
  const { items } = answers[`/v1/batches/${batchId}/record`] as Readonly<{ items: readonly Event[] }>;
  for (const path of [`/v1/batches/${batchId}`, `/v1/batches/${batchId}/telemetry?metric=Bioreactor/Temperature&points=200&to=${items.at(-1)?.recordedAt ?? ''}`]) answers[path] = await operator.get(path);
  const personal = `/v1/batches/${batchId}/personal-data`;
  answers[personal] = await operator.request('GET', personal);
  for (const path of [`/v1/audit/batches/${batchId}/record?version=${Math.ceil(items.length / 2)}`, `/v1/batches/${batchId}/certificate`, `/v1/batches/${batchId}/proof`]) answers[path] = await regulator.get(path);
  for (const path of pathsAbout(batchId, items)) {
    const { status, body } = await (path.includes('chains-of-identity') ? operator : regulator).request('GET', path);
    answers[path] = { status, body };
  }
  return answers;
};

/**
 * What a hospital's interface answers from its record: every batch with its trail, proof, certificate, telemetry, what is known of its patient, searches and genealogies; registers; log.
 *
 * @returns answers by path. Not among them: work lists, whose items follow the hour
 */
export const answersOf = async (operator: Person, regulator: Person): Promise<Readonly<Record<string, unknown>>> => {
  const answers: Record<string, unknown> = {};
  for (const path of ['/v1/batches', '/v1/audit/batches']) answers[path] = await whole(regulator, path);
  for (const path of ['/v1/materials', '/v1/equipment', '/v1/people']) answers[path] = await whole(operator, path);
  answers['/v1/log/key'] = await regulator.get('/v1/log/key');
  const { items } = answers['/v1/batches'] as Readonly<{ items: readonly Readonly<{ batchId: string }>[] }>;
  for (const { batchId } of items) Object.assign(answers, await ofBatch(operator, regulator, batchId));
  return answers;
};
