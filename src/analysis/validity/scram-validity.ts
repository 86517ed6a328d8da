import { nounOf } from '../../counted.ts';
import { formatDuration } from '../../duration-text.ts';
import type { Accounting } from '../../model/ledgers.ts';
import type { Reason } from '../../result/records/summary-figures.ts';
import type { SummaryRecord } from '../../result/records/summary-records.ts';
import { findLate, isLate, JUDGED, type Late, type OkTimes } from './late.ts';
import { isSaltedAnew, type KeySource } from './scram.ts';

/** Checks whether connstorm's own SCRAM computation affects a run's figures. */

type Scram = NonNullable<SummaryRecord['scram']>;

/** The part of a run that is judged. */
export interface JudgedLogins {
  accounting: Pick<Accounting, 'abandoned'>;
  scram: SummaryRecord['scram'];
  /** Service time of all ok attempts, in open and closed loops. */
  okServiceTime: OkTimes;
  figures: {
    ok: number;
    okLatency: OkTimes;
    closed?: { okServiceTime: OkTimes };
    keys?: KeySource;
  };
}

/**
 * Returns reasons if logins queued for keys on this machine, because the server is not the cause of that time. What a
 * derivation costs one login by itself is a client's own cost, and belongs to the figures. The wait beyond it, behind
 * other logins, is connstorm's own fault. It is judged as lateness is: quantile by quantile, against the time that
 * contains it. A mean would be that of the slowest few, and reports show quantiles. Every login counts, with no wait if
 * its keys were there already. Logins that share the one derivation of cached keys wait no longer than a single client
 * would. They cause a warning instead, see warnOfSlowKeys.
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
      `logins waited for ${describeDeriver(keys)}: ${name} was ${formatDuration(lateUs)} longer than ` +
      `one computation takes alone${against}; ${describeScramCure(keys, scram)}`;
    return [{ code: 'SCRAM_CPU', message, evidence: listEvidence(late) }];
  }
  const { abandoned = 0 } = scram;
  if (abandoned <= accounting.abandoned * ABANDONED_ALLOWED_SHARE) return [];
  const message = `${abandoned} of the ${accounting.abandoned} abandoned ${nounOf(accounting.abandoned, 'attempt')} ${nounOf(abandoned, 'was', 'were')} waiting for ${describeDeriver(keys)}; raise abandonAfter, or ${describeScramCure(keys, scram)}`;
  return [{ code: 'SCRAM_CPU', message }];
}

/** Returns, in milliseconds, the wait and the time that contains it. */
function listEvidence({ name, lateUs, figureUs }: Late): NonNullable<Reason['evidence']> {
  const line = (text: string, us: number) => ({
    text: `${text}, ${name}`,
    value: Math.round(us / 100) / 10,
    unit: 'ms',
  });
  return [
    line("wait of logins for connstorm's own SCRAM keys", lateUs),
    line('service time', figureUs),
  ];
}

/** Share of all abandoned attempts that may have been abandoned while they waited for connstorm. */
const ABANDONED_ALLOWED_SHARE = 0.1;

const NOTHING_TOOK: OkTimes = { p50Us: 0, p90Us: 0, p99Us: 0 };

/**
 * Returns the first quantile at which keys were late. It compares waits with the same quantile of derivations that ran
 * with no other beside them, not with the shortest of all. Even without a queue, one in ten takes three times as long
 * as the shortest (pg at 20/s, two cores), and so it does for a single client. If too few derivations were alone for a
 * quantile, the shortest one is used. That is stricter, but few are alone only if many disturbed each other.
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

/** A median of fewer values may be that of one hiccup. */
const ALONE_ENOUGH = 10;

/**
 * Returns a warning about keys that are slow without a queue, as on a machine that is busy with something else. Any
 * client on that machine would have them, but not one elsewhere. It also warns of cached keys that half of the logins
 * had to wait for.
 */
export function warnOfSlowKeys({ scram, okServiceTime, keys }: SlowKeys): Reason[] {
  if (scram === undefined) return [];
  const medianUs = scram.waits?.p50Us ?? 0;
  const ownUs = keys === 'kept' ? 0 : scram.shortestUs;
  if (!isLate(medianUs - ownUs, okServiceTime.p50Us ?? 0)) return [];
  const message =
    keys === 'kept'
      ? `half of the logins waited ${formatDuration(medianUs)} or more for a SCRAM key that was still being derived. This wait is in auth${describeStay(scram)}`
      : `${describeDeriver(keys)} took ${formatDuration(medianUs)} in the median, and ${formatDuration(scram.shortestUs)} at best; ` +
        'the difference is in auth; give connstorm a machine of its own';
  return [{ code: 'SLOW_KEYS', message }];
}

/** Describes whether later logins will wait, too. Cached keys help those, unless each of them has a new salt. */
function describeStay(scram: Scram): string {
  return isSaltedAnew(scram) ? `, and ${SALTED_ANEW}` : '. In a longer run fewer logins wait';
}

export interface SlowKeys extends Pick<JudgedLogins, 'scram' | 'okServiceTime'> {
  keys: KeySource;
}

/**
 * Judges an older file, which has only a mean over derivations. If derivations are few, most logins waited for none.
 */
function findLateMean(
  { derivations, meanUs, shortestUs }: Scram,
  ok: number,
  { p50Us }: OkTimes,
): Late | undefined {
  if (derivations * 10 < ok) return undefined;
  const [lateUs, figureUs] = [meanUs - shortestUs, p50Us ?? 0];
  return isLate(lateUs, figureUs) ? { name: 'mean', figure: 'p50Us', lateUs, figureUs } : undefined;
}

function describeDeriver(keys: KeySource | undefined): string {
  return keys === 'pg'
    ? "the pg library's SCRAM computation (with its waits for the thread pool and the event loop)"
    : "connstorm's own SCRAM computation";
}

const SCRAM_CURES: Record<KeySource, string> = {
  pg: 'lower the rate, or use the wire driver',
  kept: 'lower the rate, or give connstorm a machine of its own',
  derived: 'lower the rate, or leave connection.scramCache on',
};

/** A client that caches keys can do nothing about it. */
const SALTED_ANEW =
  'each login had a new salt, so no key could be reused: if the target is a pooler (PgBouncer, Odyssey), put SCRAM secrets instead of plaintext passwords into its user list; or lower the rate';

/** Returns how to make logins wait less for their keys. `scram`: what is known of their salts; absent: nothing. */
export function describeScramCure(keys: KeySource | undefined, scram?: Scram): string {
  if (keys === 'kept' && scram !== undefined && isSaltedAnew(scram)) return SALTED_ANEW;
  return keys === undefined ? 'lower the rate' : SCRAM_CURES[keys];
}
