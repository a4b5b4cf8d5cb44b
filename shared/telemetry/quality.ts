import { fieldTable, readFields, type WireReader } from './wire.ts';

/** Sparkplug's quality codes; a metric that states none is good. */
const GOOD = 192;
const QUALITY = 'Quality';

type PropertySet = { keys: string[]; values: (number | undefined)[] };
type PropertyValue = { number: number | undefined };

const readNumber = (reader: WireReader, draft: PropertyValue): void => {
  reader.varint();
  draft.number = reader.low;
};

const VALUE_FIELDS = fieldTable<PropertyValue>([{ number: 3, wire: 'varint', read: readNumber }, { number: 4, wire: 'varint', read: readNumber }]);

const SET_FIELDS = fieldTable<PropertySet>([
  { number: 1, wire: 'delimited', read: (reader, draft) => { draft.keys.push(reader.text()); } },
  {
    number: 2, wire: 'delimited',
    read: (reader, draft) => {
      const value: PropertyValue = { number: undefined };
      readFields(reader, reader.delimitedEnd(), VALUE_FIELDS, value);
      draft.values.push(value.number);
    },
  },
]);

/**
 * Read a metric's property set, length first, for its quality only.
 *
 * @returns false when a quality is stated and is not GOOD (192)
 * @throws DomainError `sparkplug-malformed`
 * @see Sparkplug 3.0, tck-id-payloads-propertyset-quality-value-value
 */
export const isGoodQuality = (reader: WireReader): boolean => {
  const set: PropertySet = { keys: [], values: [] };
  readFields(reader, reader.delimitedEnd(), SET_FIELDS, set);
  const at = set.keys.indexOf(QUALITY);
  const code = at < 0 ? undefined : set.values[at];
  return code === undefined || code === GOOD;
};
