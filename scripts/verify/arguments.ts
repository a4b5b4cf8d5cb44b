import { parseArgs } from 'node:util';
import { isAddress } from './source.ts';
import { KeyError, LOG_ALGORITHM, WITNESS_ALGORITHM, parseVerifierKey, type VerifierKey } from './keys.ts';

export const HELP = `Verify an audit log, or an inspection pack of one batch, offline and without trusting the one who keeps it.

  npm run verify -- <folder or URL> [options]        in the repository
  node verify.mjs <folder or URL> [options]          in an inspection pack; needs Node 20 or later and nothing else

  --key <vkey>         public key of the log: <name>+<id>+<base64>. Get it from the hospital by another way than this folder.
                       Without it the log is checked for damage, not for who wrote it
  --witness <vkey>     public key of a witness; once for each
  --quorum <number>    witnesses that must have cosigned; all that are given, by default. A log publishes with a quorum of its witnesses:
                       ask for the number where you ask for their keys
  --previous <file>    a checkpoint you kept from an earlier verification: the log must have only grown since
  --chunks <place>     where the telemetry chunks are: a folder, or a hospital's audit interface (https://…/v1/audit);
                       the folder 'chunks' of the log or pack, by default
  --keep <folder>      with --chunks <address>: keep each chunk that was fetched, whole and by its hash, in this folder. The same
                       command goes on there when it was stopped (an ID token is good for an hour, a batch has some 12,000 chunks),
                       and --chunks <folder> then needs no network. What is kept is hashed again each time
  --without-chunks     you have the log and not its telemetry: do not ask for it
  --threads <number>   threads that read entries, 1 to 64; as many as processors, by default, and at most 4
  --json               one JSON object
  --help               this text

Reading from a hospital's interface, put your ID token into the environment variable BEDSIDE_TOKEN.
A log's folder holds 'checkpoint' and 'tile/' (C2SP tlog-tiles), and 'chunks/' with the telemetry the log names.
A pack's folder holds 'batch-record.json', 'proofs.json', 'people.json' and 'checkpoint'; give the folder it was unzipped into.
Exit code: 0 all is as it was signed; 1 damage, named by file, entry and batch; 2 the command could not
be carried out (bad arguments, no network, no right to read, a fault of this program), and nothing is said of the log.
`;

/** The command can not be carried out as given; the message says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export type Arguments = Readonly<{ place: string; key?: VerifierKey; witnesses: readonly VerifierKey[]; quorum: number; previous?: string; chunks?: string; keep?: string; isWithoutChunks: boolean; isJson: boolean; threads?: number }>;

const MAXIMUM_THREADS = 64;

const OPTIONS = {
  key: { type: 'string' }, witness: { type: 'string', multiple: true, default: [] as string[] }, quorum: { type: 'string' }, previous: { type: 'string' }, chunks: { type: 'string' }, keep: { type: 'string' }, threads: { type: 'string' },
  'without-chunks': { type: 'boolean', default: false }, json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
} as const;

const keyOf = (option: string, text: string, algorithm: number): VerifierKey => {
  try {
    return parseVerifierKey(text, algorithm);
  } catch (error) {
    if (error instanceof KeyError) throw new UsageError(`${option}: ${error.message}`, { cause: error });
    throw error;
  }
};

const parse = (words: readonly string[]) => {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
};

const quorumOf = (text: string | undefined, witnesses: readonly VerifierKey[]): number => {
  const quorum = text === undefined ? witnesses.length : Number(text);
  if (!Number.isInteger(quorum) || quorum < 0 || quorum > witnesses.length) throw new UsageError(`--quorum: got ${text ?? ''}, want 0 to ${witnesses.length}, the number of --witness keys given`);
  return quorum;
};

const threadsOf = (text: string): number => {
  const threads = Number(text);
  if (!Number.isInteger(threads) || threads < 1 || threads > MAXIMUM_THREADS) throw new UsageError(`--threads: got ${text}, want 1 to ${MAXIMUM_THREADS}`);
  return threads;
};

/** @returns undefined when help was asked for @throws UsageError */
export const parseArguments = (words: readonly string[]): Arguments | undefined => {
  const { values, positionals } = parse(words);
  if (values.help) return undefined;
  const [place] = positionals;
  if (place === undefined || positionals.length !== 1) throw new UsageError(`got ${positionals.length} places, want one folder or URL`);
  if (values.chunks !== undefined && values['without-chunks']) throw new UsageError('--chunks, --without-chunks: got both, want one');
  if (values.keep !== undefined && !(values.chunks !== undefined && isAddress(values.chunks))) throw new UsageError('--keep: want it with --chunks <address>; what is in a folder is kept there already');
  const witnesses = values.witness.map((text) => keyOf('--witness', text, WITNESS_ALGORITHM));
  if (new Set(witnesses.map(({ publicKey }) => publicKey.export({ format: 'jwk' }).x)).size !== witnesses.length) throw new UsageError('--witness: the same key was given twice; a witness counts once');
  return {
    place, witnesses, quorum: quorumOf(values.quorum, witnesses), isJson: values.json, isWithoutChunks: values['without-chunks'],
    ...(values.key === undefined ? {} : { key: keyOf('--key', values.key, LOG_ALGORITHM) }), ...(values.previous === undefined ? {} : { previous: values.previous }), ...(values.chunks === undefined ? {} : { chunks: values.chunks }), ...(values.keep === undefined ? {} : { keep: values.keep }), ...(values.threads === undefined ? {} : { threads: threadsOf(values.threads) }),
  };
};
