import { http } from '../_platform/http.ts';
import { erasingEndpoints } from './erasing.ts';
import type { PersonalDataPorts } from './ports.ts';
import { readingEndpoint } from './reading.ts';
import { recordingEndpoints } from './recording.ts';

/** What Bedside knows of the patient: taken in, given out to who needs it, and erased. The only function that may touch its table. */
export const createHandler = (ports: PersonalDataPorts) => http([...recordingEndpoints(ports), readingEndpoint(ports), ...erasingEndpoints(ports)], ports.refusals, async (personId) => ports.personOf(personId));
