import type { SignerLine, Signers } from '../../shared/audit/signers.ts';
import type { Block, Column } from '../_platform/pdf/blocks.ts';
import { timeText } from './text.ts';

const SIGNERS: readonly Column[] = [{ title: 'Signer', width: 120 }, { title: 'Roles', width: 90 }, { title: 'Standing when signing', width: 139 }, { title: 'Signatures', width: 150 }];
const NOW: readonly Column[] = [{ title: 'Signer', width: 210 }, { title: 'Standing when this copy was made', width: 289 }];

const standingText = ({ standing, since }: Readonly<{ standing: SignerLine['standing']; since?: string }>): string => {
  if (standing === 'active') return `active since ${timeText(since ?? '')}`;
  return standing === 'unregistered' ? 'NOT IN THE REGISTER' : `${standing.toUpperCase()} since ${timeText(since ?? '')}`;
};

const qualificationText = ({ trainedIn, isCredentialUnconfirmed }: SignerLine): string =>
  `${isCredentialUnconfirmed ? '; CHANGED PASSWORD NOT CONFIRMED' : ''}; trained: ${trainedIn.join(', ') || 'nothing valid'}`;

const timesText = ({ count, first, last }: SignerLine): string => (count === 1 ? `1, ${timeText(first)}` : `${count}, ${timeText(first)} to ${timeText(last)}`);

/** Whether a signature should be looked at. */
const isDoubtful = ({ standing, isCredentialUnconfirmed }: SignerLine): boolean => standing !== 'active' || isCredentialUnconfirmed;

/** Who signed, with which roles, how trained and how they stood at each signature, and how they stand now. @see 21 CFR 11.10(d), (i), (j) */
export const signerBlocks = ({ lines, now }: Signers): readonly Block[] => [
  { type: 'heading', text: 'Signers' },
  {
    type: 'table', columns: SIGNERS, empty: 'Nobody signed.', marked: new Set(lines.flatMap((line, i) => (isDoubtful(line) ? [i] : []))),
    rows: lines.map((line) => [`${line.printedName} (${line.personId})`, line.roles.join(', ') || 'none', `${standingText(line)}${qualificationText(line)}`, timesText(line)]),
  },
  ...(now.length === 0 ? [] : [{ type: 'table', columns: NOW, rows: now.map((each) => [`${each.printedName} (${each.personId})`, standingText(each)]), empty: '' } as const]),
  ...(now.length === 0 ? [] : [{ type: 'fine', text: 'From the own records of the signers, in people.json beside this file, by the times of the server. The order of the log decides; the verifier goes by it.' } as const]),
];
