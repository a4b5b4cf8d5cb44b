import { DomainError } from '../../../shared/errors.ts';
import { task } from '../../_platform/batch.ts';
import { Coordination, type Standing } from './advance.ts';
import type { CoordinatePorts } from './ports.ts';

/** A step of the training workflow. @throws DomainError `training-not-found`; `version-conflict` when a person stopped the run meanwhile, which the workflow meets by calling again */
export const createHandler = (ports: CoordinatePorts) => task(({ runId }: Readonly<{ runId?: unknown }>): Promise<Standing> => {
  if (typeof runId !== 'string') throw new DomainError('request-malformed', 'runId: want the id of a training', { paths: ['runId'] });
  return new Coordination(ports, runId).advance();
});
