import type { StreamId } from '../../shared/record/envelope.ts';
import { createNode, type TestNode } from './node.ts';

type Item = Readonly<Record<string, unknown>>;

/** The stream an item of either table is of; undefined for what is short-lived. */
const streamOf = ({ pk, sk, kind, id, stream }: Item): Readonly<{ kind: string; id: string }> | undefined => {
  const [first = '', ...rest] = String(pk).split('#');
  if (first === 'SUMMARY') return { kind: String(rest[0]).toLowerCase(), id: String(sk) };
  if (first === 'LOG-PENDING') return stream as StreamId;
  if (first === 'REFERENCE' || first === 'RECORDED') return { kind: String(kind), id: String(id) };
  return String(sk).startsWith('EVENT#') ? { kind: first.toLowerCase(), id: rest.join('#') } : undefined;
};

/** A node that holds the same records as another but for some, as if those had never been. */
export const twinWithout = (node: TestNode, isKept: (stream: StreamId) => boolean): TestNode => {
  const twin = createNode();
  twin.time.epochMs = node.time.epochMs;
  const copy = <Each extends Item>(from: ReadonlyMap<string, Each>, to: Map<string, Each>): void => {
    for (const [place, item] of from) {
      const stream = streamOf(item);
      if (stream !== undefined && isKept(stream as StreamId)) to.set(place, item);
    }
  };
  copy(node.table, twin.table);
  copy(node.operations.items, twin.operations.items);
  // Bytes are reached by the name a record gives them, and by nothing else.
  for (const [key, bytes] of node.telemetryObjects.objects) if ([...twin.table.values()].some(({ body }) => String(body).includes(key))) twin.telemetryObjects.objects.set(key, bytes);
  return twin;
};
