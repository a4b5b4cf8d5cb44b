import { DomainError } from '../../../shared/errors.ts';
import { unconfirmedOf, type Directory, type Partners } from './keys.ts';
import { LEAST_SITES } from './messages.ts';

export type Membership = Readonly<{
  siteId: string;
  /** Whom the run was announced to, as the people here saw it. */
  invited: readonly string[];
  partners: Partners;
  directory: Directory;
}>;

/**
 * Whether a sum over these members may be asked of a site. The directory comes from the control site, which could fill it with hospitals that are none: only those that people here confirmed count.
 *
 * @throws DomainError `training-sites-too-few`, `training-round-malformed`, `training-sites-uninvited`, `training-partner-unconfirmed`
 */
export const requireMembers = (members: readonly string[], { siteId, invited, partners, directory }: Membership): void => {
  if (members.length < LEAST_SITES) throw new DomainError('training-sites-too-few', `members: got ${members.length} sites, want at least ${LEAST_SITES}`, { sites: members.length });
  const isOrdered = members.every((site, i) => i === 0 || (members[i - 1] ?? '') < site);
  if (!isOrdered || !members.includes(siteId)) throw new DomainError('training-round-malformed', `members: got ${members.join(', ')}, want each once, sorted, and ${siteId} among them`);
  const uninvited = members.filter((site) => !invited.includes(site));
  if (uninvited.length > 0) throw new DomainError('training-sites-uninvited', `members: got ${uninvited.join(', ')}, want sites this training was announced with`, { siteIds: uninvited });
  const unconfirmed = unconfirmedOf(members.filter((site) => site !== siteId), partners, directory);
  if (unconfirmed.length > 0) throw new DomainError('training-partner-unconfirmed', `members: got ${unconfirmed.join(', ')}, want training partners that people of ${siteId} confirmed, with the key they confirmed`, { siteIds: unconfirmed });
};
