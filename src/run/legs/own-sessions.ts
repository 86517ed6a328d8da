import type { ProbeSessions } from '../../probes/probes.ts';
import type { OwnSessionsRecord, OwnUse } from '../../result/records/end.ts';
import { isSameServer } from '../../targets/target.ts';
import type { Prepared } from '../prepare/prepared.ts';

/**
 * Returns connstorm's own sessions of a leg, by host.
 *
 * @param watched the host that the probes watch, and the sessions that they opened there; without counts these are not
 * known
 * @param events sessions that events needed, a number for each host
 */
export function listOwnSessions(
  watched: { host: number; counts: ProbeSessions | undefined },
  events: readonly number[],
): OwnSessionsRecord[] {
  const hosts = Array.from({ length: Math.max(events.length, watched.host + 1) }, (_, host) => {
    const probes = host === watched.host ? Object.entries(watched.counts ?? {}) : [];
    const counts = [...probes, ['events', events[host] ?? 0] as const];
    return { host, counts: pickOpened(counts) };
  });
  return hosts.filter(({ counts }) => Object.keys(counts).length > 0);
}

function pickOpened(
  counts: readonly (readonly [string, number])[],
): Partial<Record<OwnUse, number>> {
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/** Returns the index, among the hosts of a variant, of the one that the probes watch: the first that fits. */
export function findWatched({
  found: [{ target }],
  turns,
}: Pick<Prepared, 'found' | 'turns'>): number {
  const at = turns?.findIndex((host) => isSameServer(host.target, target));
  return Math.max(0, at ?? 0);
}
