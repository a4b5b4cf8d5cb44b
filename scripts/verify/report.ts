import type { Arguments } from './arguments.ts';
import { describedOf, type Damage } from './damage.ts';
import type { Result } from './result.ts';

/** The outcome in words and as JSON. */
const number = (value: number): string => value.toLocaleString('en-GB');

const placeOf = ({ file, entry, lastEntry, batch }: Damage): string => [
  file,
  ...(entry === undefined ? [] : [lastEntry === undefined || lastEntry === entry ? `entry ${entry}` : `entries ${entry} to ${lastEntry}`]),
  ...(batch === undefined ? [] : [`${batch.kind} ${batch.id}, version ${batch.version}`]),
].join(' · ');

const authenticityOf = ({ checkpoint, isSignatureGood, pack }: Result, { key }: Arguments): string => {
  if (key !== undefined) return isSignatureGood ? `signed by ${key.name} (key ${key.id})` : `NOT signed by ${key.name} (key ${key.id})`;
  const names = checkpoint?.note.signatures.map(({ name, keyId }) => `${name} (key ${keyId})`).join(', ') ?? 'none';
  return `NOT CHECKED: without --key anyone could have written this ${pack === undefined ? 'log' : 'pack'}. Signatures it carries, unverified: ${names}`;
};

const witnessesOf = ({ cosignatures }: Result, { witnesses, quorum }: Arguments): string => {
  if (witnesses.length === 0) return 'not checked (no --witness given)';
  const seen = cosignatures.map(({ witness, epochSeconds }) => `${witness} at ${new Date(epochSeconds * 1000).toISOString()}`);
  return `${cosignatures.length} of ${witnesses.length}, ${quorum} wanted${seen.length === 0 ? '' : `: ${seen.join('; ')}`}`;
};

const seenOf = ({ pack, entries, streams, batches, signatures }: Result): string => (pack === undefined
  ? `entries      ${number(entries)} in ${number(streams)} streams, of them ${number(batches)} batches; ${number(signatures)} signatures bound to their events`
  : `record       batch ${pack.batchId}, version ${pack.version}: ${number(entries)} events, ${number(pack.proven)} of them proven by the log; ${number(signatures)} signatures bound to their events`);

const summaryOf = (result: Result, request: Arguments, seconds: number): readonly string[] => [
  ...(result.checkpoint === undefined ? [] : [
    `log          ${result.checkpoint.origin}`,
    `checkpoint   ${number(result.checkpoint.size)} entries, root ${result.checkpoint.root.toString('base64')}`,
  ]),
  `authenticity ${authenticityOf(result, request)}`,
  `witnesses    ${witnessesOf(result, request)}`,
  seenOf(result),
  `telemetry    ${number(result.chunksCompared)} of ${number(result.chunksNamed)} named chunks compared`,
  `time         ${seconds.toFixed(1)} s`,
];

export const textOf = (result: Result, request: Arguments, seconds: number): string => {
  const { damages, notices, pack } = result;
  const described = describedOf(damages), furtherDamages = damages.length - described.length;
  const found = described.map((damage) => `DAMAGE       ${placeOf(damage)}\n             ${damage.message}`);
  const further = furtherDamages === 0 ? [] : [`DAMAGE       and ${number(furtherDamages)} more places; --json names them all`];
  const verdict = damages.length === 0
    ? `OK           every ${pack === undefined ? 'entry, tile' : 'event, proof'} and signature that was asked for is as it was signed${request.key === undefined ? ', but BY WHOM WAS NOT CHECKED (give --key)' : ''}`
    : `NOT OK       ${number(damages.length)} ${damages.length === 1 ? 'place is' : 'places are'} damaged${pack === undefined ? '' : ' or not proven'}; keep this folder as it is and tell the quality unit`;
  return [...found, ...further, ...summaryOf(result, request, seconds), ...notices.map((notice) => `note         ${notice}`), verdict, ''].join('\n');
};

/** A damage in every entry is more than one text holds: what is printed comes in pieces, with a damage in each. */
export function* jsonOf(result: Result, { key, witnesses, quorum, previous }: Arguments, seconds: number): Generator<string> {
  const { checkpoint, damages, ...rest } = result;
  const head = JSON.stringify({
    ok: damages.length === 0, authenticityChecked: key !== undefined, ...(checkpoint === undefined ? {} : {
      origin: checkpoint.origin, size: checkpoint.size, root: checkpoint.root.toString('base64'), signers: checkpoint.note.signatures.map(({ name, keyId }) => ({ name, keyId })),
    }),
    ...(key === undefined ? {} : { key: { name: key.name, id: key.id } }), witnesses: witnesses.map(({ name, id }) => ({ name, id })), quorum, ...(previous === undefined ? {} : { previous }), ...rest, seconds,
  });
  yield `${head.slice(0, -1)},"damages":[`;
  for (const [i, damage] of damages.entries()) yield `${i === 0 ? '' : ','}${JSON.stringify(damage)}`;
  yield ']}\n';
}
