import { nounOf } from '../../counted.ts';
import { formatDuration } from '../../duration-text.ts';
import type { Accounting } from '../../model/ledgers.ts';
import type { Reason } from '../../result/records/summary-figures.ts';
import type { SummaryRecord } from '../../result/records/summary-records.ts';
import { findLate, isLate, JUDGED, type Late, type OkTimes } from './late.ts';
import { isSaltedAnew, type KeySource } from './scram.ts';

/** Whether connstorm's own SCRAM arithmetic is in a run's figures. */

type Scram = NonNullable<SummaryRecord['scram']>;

/** What of a run tells it. */
export interface JudgedLogins {
  accounting: Pick<Accounting, 'abandoned'>;
  scram: SummaryRecord['scram'];
  /** Of all ok attempts, whose loop ever they were of. */
  okServiceTime: OkTimes;
  figures: {
    ok: number;
    okLatency: OkTimes;
    closed?: { okServiceTime: OkTimes };
    keys?: KeySource;
  };
}

/**
 * Logins that queue for keys on this machine: the server is not to blame for what they then take. What a derivation costs
 * one login by itself is a client's own cost and belongs to the figures; the wait beyond it, behind other logins, is ours.
 * It is judged as lateness is, quantile by quantile against the time that it is a part of: a mean would be that of the
 * slowest few, and what is printed are quantiles. Every login counts, with no wait where its keys were there. Logins that
 * share the one derivation of keys that are kept wait no longer than a client by itself: they are warned of, see warnOfSlowKeys.
 */
export function judgeScram(run: JudgedLogins): Reason[] {
  const { scram, accounting, figures } = run;
  if (scram === undefined) return [];
  const { keys } = figures;
  const late = findLateKeys(run, scram);
  if (late !== undefined) {
    const { name, lateUs, figureUs } = late;
    const against = figureUs === 0 ? '' : ` (service time ${formatDuration(figureUs)})`;
    const message =
      `logins waited for ${tellWhoDerives(keys)}: ${name} ${formatDuration(lateUs)} longer than ` +
      `one computation takes alone${against}; ${tellScramCure(keys, scram)}`;
    return [{ code: 'SCRAM_CPU', message, evidence: listEvidence(late) }];
  }
  const { abandoned = 0 } = scram;
  if (abandoned <= accounting.abandoned * ABANDONED_ALLOWED_SHARE) return [];
  const message = `${abandoned} of the ${accounting.abandoned} abandoned ${nounOf(accounting.abandoned, 'attempt was', 'attempts were')} waiting for ${tellWhoDerives(keys)}; raise abandonAfter, or ${tellScramCure(keys, scram)}`;
  return [{ code: 'SCRAM_CPU', message }];
}

/** In milliseconds: the wait, and the time that it is a part of. */
function listEvidence({ name, lateUs, figureUs }: Late): NonNullable<Reason['evidence']> {
  const tell = (text: string, us: number) => ({
    text: `${text}, ${name}`,
    value: Math.round(us / 100) / 10,
    unit: 'ms',
  });
  return [
    tell("wait of logins for connstorm's own SCRAM keys", lateUs),
    tell('service time', figureUs),
  ];
}

/** Of all that were abandoned, those that were while they waited for us. */
const ABANDONED_ALLOWED_SHARE = 0.1;

const NOTHING_TOOK: OkTimes = { p50Us: 0, p90Us: 0, p99Us: 0 };

/**
 * Against the same quantile of derivations that had no other beside them, not the shortest of all: without any queue one
 * in ten takes three times that (pg at 20/s, two cores), and so it does for a client that logs in by itself. Where too few
 * were alone to tell a quantile, the shortest is what there is: stricter, as they are few where many were in each other's way.
 */
function findLateKeys({ figures, okServiceTime }: JudgedLogins, scram: Scram): Late | undefined {
  const { waits, alone, shortestUs } = scram;
  const { ok, okLatency, closed } = figures;
  if (waits === undefined || alone === undefined) {
    return findLateMean(scram, ok, closed?.okServiceTime ?? okLatency);
  }
  const late: OkTimes = { p50Us: null, p90Us: null, p99Us: null };
  for (const { figure, fromCount } of JUDGED) {
    const isTold = alone.count >= Math.max(ALONE_ENOUGH, fromCount);
    const ownUs = isTold ? (alone[figure] ?? shortestUs) : shortestUs;
    late[figure] = (waits[figure] ?? 0) - ownUs;
  }
  const times = ok > 0 ? okServiceTime : NOTHING_TOOK;
  return findLate(late, times, Math.max(1, Math.min(waits.count, ok)));
}

/** A median of fewer may be one hiccup's. */
const ALONE_ENOUGH = 10;

/**
 * Keys that are slow without a queue, as on a machine that is busy with something else: so they would be for any client
 * on it, but not for one elsewhere. Or keys that are kept, and that half of the logins came before.
 */
export function warnOfSlowKeys({ scram, okServiceTime, keys }: SlowKeys): Reason[] {
  if (scram === undefined) return [];
  const medianUs = scram.waits?.p50Us ?? 0;
  const ownUs = keys === 'kept' ? 0 : scram.shortestUs;
  if (!isLate(medianUs - ownUs, okServiceTime.p50Us ?? 0)) return [];
  const message =
    keys === 'kept'
      ? `half of the logins waited ${formatDuration(medianUs)} or more for a SCRAM key that was still being derived. This wait is in auth${tellWhetherItStays(scram)}`
      : `${tellWhoDerives(keys)} took ${formatDuration(medianUs)} in the median, and ${formatDuration(scram.shortestUs)} at best; ` +
        'the difference is in auth; give connstorm a machine of its own';
  return [{ code: 'SLOW_KEYS', message }];
}

/** Keys that are kept help the logins after them, unless each of these has a salt of its own. */
function tellWhetherItStays(scram: Scram): string {
  return isSaltedAnew(scram) ? `, and ${SALTED_ANEW}` : '. In a longer run fewer logins wait';
}

export interface SlowKeys extends Pick<JudgedLogins, 'scram' | 'okServiceTime'> {
  keys: KeySource;
}

/** In files that tell no more than a mean, of derivations alone: where they are few, most logins waited for none. */
function findLateMean(
  { derivations, meanUs, shortestUs }: Scram,
  ok: number,
  { p50Us }: OkTimes,
): Late | undefined {
  if (derivations * 10 < ok) return undefined;
  const [lateUs, figureUs] = [meanUs - shortestUs, p50Us ?? 0];
  return isLate(lateUs, figureUs) ? { name: 'mean', figure: 'p50Us', lateUs, figureUs } : undefined;
}

function tellWhoDerives(keys: KeySource | undefined): string {
  return keys === 'pg'
    ? "the pg library's SCRAM computation (with its waits for the thread pool and the event loop)"
    : "connstorm's own SCRAM computation";
}

const SCRAM_CURES: Record<KeySource, string> = {
  pg: 'lower the rate, or use the wire driver',
  kept: 'lower the rate, or give connstorm a machine of its own',
  derived: 'lower the rate, or leave connection.scramCache on',
};

/** A client that keeps keys can do nothing about it. */
const SALTED_ANEW =
  'each login had a new salt, so no key could be reused: if the target is a pooler (PgBouncer, Odyssey), put SCRAM secrets instead of plaintext passwords into its user list; or lower the rate';

/** How to have logins wait less for their keys. `scram`: what is known of their salts; absent: nothing. */
export function tellScramCure(keys: KeySource | undefined, scram?: Scram): string {
  if (keys === 'kept' && scram !== undefined && isSaltedAnew(scram)) return SALTED_ANEW;
  return keys === undefined ? 'lower the rate' : SCRAM_CURES[keys];
}
