import type { EndRecord } from '../../result/records/end.ts';
import type { HeaderRecord } from '../../result/records/header.ts';
import type { OwnSessionsSummary } from '../../result/records/summary-records.ts';
import { listServers, nameServer } from '../figures/hosts.ts';

/**
 * Returns the sessions that connstorm opened for itself at each host; undefined if it is not known of any.
 *
 * @param ends how the legs ended
 */
export function summariseOwnSessions(
  target: HeaderRecord['target'],
  ends: readonly Pick<EndRecord, 'ownSessions'>[],
): OwnSessionsSummary[] | undefined {
  const hosts = listServers(target);
  const all = ends.flatMap(({ ownSessions = [] }) => ownSessions);
  const summaries = hosts.map((host, index) => {
    const beside: OwnSessionsSummary['beside'] = {};
    for (const { counts } of all.filter((record) => record.host === index)) add(beside, counts);
    return { name: nameServer(host), before: host.server?.visits ?? 0, beside };
  });
  const isKnown = all.length > 0 || hosts.some(({ server }) => server?.visits !== undefined);
  return isKnown ? summaries : undefined;
}

function add(sums: OwnSessionsSummary['beside'], counts: OwnSessionsSummary['beside']): void {
  for (const use of Object.keys(counts) as (keyof typeof counts)[]) {
    sums[use] = (sums[use] ?? 0) + (counts[use] ?? 0);
  }
}
