import { zeroHost } from '../../model/accounting.ts';
import type { HostActivity } from '../../model/ledgers.ts';
import type { EventSummary } from '../../result/records/events.ts';
import type { HeaderRecord } from '../../result/records/header.ts';
import type { HostSummary } from '../../result/records/summary-records.ts';
import type { TurnHostRecord } from '../../result/records/target.ts';

/** Returns all servers of a target, the first one first; for a target of one host that one. */
export function listServers(target: HeaderRecord['target']): readonly TurnHostRecord[] {
  return target.hostTurns?.hosts ?? target.hosts ?? [target];
}

/**
 * Returns the attempts at each of the hosts that clients choose from at each connect, even if no attempt went there;
 * undefined if hosts are chosen once, at the start.
 */
export function summariseHosts(
  { hostTurns }: Pick<HeaderRecord['target'], 'hostTurns'>,
  counted: readonly HostActivity[],
  { isOneLeg }: { isOneLeg: boolean },
): HostSummary[] | undefined {
  return hostTurns?.hosts.map((host, index) => {
    const activity: HostActivity = counted[index] ?? zeroHost(index);
    const { firstOkUs: _first, lastOkUs: _last, ...counts } = activity;
    return { name: nameServer(host), ...(isOneLeg ? activity : counts) };
  });
}

/** A time in which two hosts took connects that only the primary was to take. */
export interface TwoPrimaries {
  /** The host that took connects first, and the one that took them, too. */
  earlier: HostSummary;
  later: HostSummary;
  fromUs: number;
  toUs: number;
}

/**
 * Returns the times in which two hosts took connects at once, although target_session_attrs wants a primary or a server
 * that takes writes. The cause is a standby that was promoted while the old primary went on.
 */
export function findTwoPrimaries(
  { sessionAttrs }: Pick<HeaderRecord['target'], 'sessionAttrs'>,
  hosts: readonly HostSummary[],
): TwoPrimaries[] {
  if (sessionAttrs !== 'primary' && sessionAttrs !== 'read-write') return [];
  const seen = hosts
    .flatMap((host) => {
      const { firstOkUs, lastOkUs } = host;
      return firstOkUs === undefined || lastOkUs === undefined
        ? []
        : [{ host, firstOkUs, lastOkUs }];
    })
    .sort((a, b) => a.firstOkUs - b.firstOkUs);
  return seen.flatMap((earlier, at) =>
    seen.slice(at + 1).flatMap((later) => {
      const toUs = Math.min(earlier.lastOkUs, later.lastOkUs);
      return toUs <= later.firstOkUs
        ? []
        : [{ earlier: earlier.host, later: later.host, fromUs: later.firstOkUs, toUs }];
    }),
  );
}

/** A primary that went on taking connects after a standby had been promoted. */
export interface FormerPrimary {
  host: HostSummary;
  /** When the promotion was done, and when the last connect became ready there. */
  promotedUs: number;
  lastOkUs: number;
}

/** Returns the primaries that still took connects after a promotion by the scenario, in its only leg. */
export function findFormerPrimaries(
  { hostTurns }: Pick<HeaderRecord['target'], 'hostTurns'>,
  hosts: readonly HostSummary[],
  events: readonly EventSummary[],
): FormerPrimary[] {
  const promotedUs = events.find(({ kind, state }) => kind === 'promote' && state === 'done')?.toUs;
  if (promotedUs === undefined) return [];
  return hosts.flatMap((host) => {
    const { lastOkUs } = host;
    const wasPrimary = hostTurns?.hosts[host.host]?.server?.serverRole === 'primary';
    const isUsed = lastOkUs !== undefined && lastOkUs > promotedUs;
    return wasPrimary && isUsed ? [{ host, promotedUs, lastOkUs }] : [];
  });
}

/** Returns `db:5432`, `[::1]:5432`, or the path of a Unix socket. */
export function nameServer({
  host,
  address,
  port,
}: Pick<TurnHostRecord, 'host' | 'address' | 'port'>): string {
  if (address.startsWith('/')) return address;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
