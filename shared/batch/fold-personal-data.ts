import type { PersonalField } from '../personal-data/fields.ts';
import type { Recorded } from '../record/envelope.ts';
import type { BatchEvent, Commitments } from './events.ts';
import type { Batch, PersonalDataHeld } from './state.ts';

const NOTHING: PersonalDataHeld = { version: 0, commitments: [] };

/** In the order of their names, as canonical JSON has them, so that an event gives the same state before and after it was stored. */
const added = ({ commitments: held, ...rest }: PersonalDataHeld, commitments: Commitments, version: number): PersonalDataHeld => {
  const sorted = Object.entries(commitments).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { ...rest, version, commitments: [...held, ...sorted.map(([field, commitment]) => ({ field: field as PersonalField, commitment, version }))] };
};

/** Events of personal data; undefined when the event is another. */
export const evolvePersonalData = (batch: Batch, { event, version, recordedAt }: Recorded<BatchEvent>): Batch | undefined => {
  const held = batch.personalData ?? NOTHING;
  switch (event.type) {
    case 'personal-data-recorded':
    case 'personal-data-corrected':
      return { ...batch, personalData: added(held, event.commitments, version) };
    case 'personal-data-erased':
      return { ...batch, personalData: { ...held, erasedAt: recordedAt } };
    default:
      return undefined;
  }
};
