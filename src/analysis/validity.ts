import type { Accounting } from '../result/ledgers.ts';
import type { MetricSummary, Reason, SummaryRecord, Validity } from '../result/summary-records.ts';
import type { GeneratorEvidence } from './generator-evidence.ts';
import type { KeySource } from './scram.ts';

/**
 * What lateness is compared with, quantile by quantile: a quantile with fewer than ten values above it is one
 * hiccup's, on either side.
 */
const JUDGED = [
  { name: 'p50', figure: 'p50Us', fromCount: 1 },
  { name: 'p90', figure: 'p90Us', fromCount: 100 },
  { name: 'p99', figure: 'p99Us', fromCount: 1000 },
] as const;

export type OkTimes = Record<(typeof JUDGED)[number]['figure'], number | null>;

/** What a step, or a run of one step, is judged by. */
export interface JudgedFigures {
  ok: number;
  /** Of the ok attempts alone: a lower bound says nothing about how much lateness it can bear. Null without any. */
  okLatency: OkTimes;
  lateness: MetricSummary;
  /**
   * Of a closed loop, which has neither latency nor lateness: how late the workers' event loops came to their timers, as
   * what ended meanwhile was stamped and followed so late, against the service time of the ok attempts.
   */
  closed?: { okServiceTime: OkTimes; loopDelay: MetricSummary };
  /** Failures of layer `local` by code. */
  localFailures: Record<string, number>;
  /** Absent: not known, as in a step of a search that goes on. */
  keys?: KeySource;
  /** What connstorm saw of itself; absent without samples. */
  generator?: Pick<GeneratorEvidence, 'explainLateness' | 'explainDelays' | 'judgeStops'>;
}

/** Less lateness than this is the noise of timers. */
const LATENESS_ALLOWED_US = 2000;
/** Of the figure's own latency. */
const LATENESS_ALLOWED_SHARE = 0.1;

/** Why figures cannot be trusted; empty when they can. */
export function judgeFigures(figures: JudgedFigures): Reason[] {
  return [...judgeData(figures.ok), ...judgeGenerator(figures), ...judgeLocal(figures)];
}

type Scram = NonNullable<SummaryRecord['scram']>;

export interface JudgedRun {
  accounting: Accounting;
  /** Connections whose worker died. */
  lostConnections: number;
  /** Laws that do not hold. */
  violations: readonly string[];
  scram: SummaryRecord['scram'];
  /** Of all ok attempts, whose loop ever they were of. */
  okServiceTime: OkTimes;
  figures: JudgedFigures;
  steps: readonly Validity[];
}

/**
 * A run of one step is judged by its own figures. A run of several may go beyond saturation and what connstorm can
 * generate: one valid step makes it valid, unless something is wrong with the whole.
 */
export function judgeRun(run: JudgedRun): Validity {
  const wrong = [
    ...judgeAccounting(run.violations),
    ...judgeLoss(run.accounting.lost + run.lostConnections),
    ...judgeScram(run),
  ];
  const figures = run.steps.length > 1 ? judgeSteps(run) : judgeFigures(run.figures);
  return toValidity([...wrong, ...figures]);
}

export function toValidity(reasons: Reason[]): Validity {
  return { valid: reasons.length === 0, reasons };
}

function judgeSteps({ figures, steps }: JudgedRun): Reason[] {
  const noData = judgeData(figures.ok);
  if (noData.length > 0 || steps.some(({ valid }) => valid)) return noData;
  const byCode = new Map<string, Reason>();
  for (const reason of steps.flatMap(({ reasons }) => reasons)) {
    if (!byCode.has(reason.code)) byCode.set(reason.code, reason);
  }
  return [...byCode.values()].map(({ message, ...reason }) => ({
    ...reason,
    message: `no step is valid: ${message}`,
  }));
}

function judgeData(ok: number): Reason[] {
  if (ok > 0) return [];
  const message = 'not one connect succeeded: see what became of the attempts below';
  return [{ code: 'NO_DATA', message }];
}

/**
 * Lateness is what makes figures wrong; what connstorm saw of itself names why. A worker at its limit that is not late
 * makes nothing invalid.
 */
function judgeGenerator(figures: JudgedFigures): Reason[] {
  const { closed, generator } = figures;
  const late = closed === undefined ? judgeLateness(figures) : judgeDelays(closed, figures.ok);
  if (late === undefined) return generator?.judgeStops() ?? [];
  const explained =
    closed === undefined ? generator?.explainLateness() : generator?.explainDelays();
  const causes = explained ?? [];
  const { code, message } = late;
  const less = closed === undefined ? 'lower the rate' : 'use fewer clients';
  return causes.length > 0
    ? [late, ...causes]
    : [{ code, message: `${message}; ${less}, ${UNKNOWN_CAUSE_CURE}` }];
}

const UNKNOWN_CAUSE_CURE = 'use more workers, or give connstorm a machine of its own';

function judgeLateness({ okLatency, lateness }: JudgedFigures): Reason | undefined {
  const late = findLate(lateness, okLatency, lateness.count);
  if (late === undefined) return undefined;
  const { name, lateUs, figureUs } = late;
  const message = `connstorm started attempts late: ${name} of lateness ${showMs(lateUs)} against ${showMs(figureUs)} of latency`;
  return { code: 'LATE_GENERATOR', message };
}

/** Attempts may be fewer than the timers that their worker came to. */
function judgeDelays(
  { loopDelay, okServiceTime }: NonNullable<JudgedFigures['closed']>,
  ok: number,
): Reason | undefined {
  const late = findLate(loopDelay, okServiceTime, Math.min(loopDelay.count, ok));
  if (late === undefined) return undefined;
  const { name, lateUs, figureUs } = late;
  const message = `connstorm came to answers late: ${name} of its event loops' delay ${showMs(lateUs)} against ${showMs(figureUs)} of service time`;
  return { code: 'LATE_GENERATOR', message };
}

interface Late {
  name: string;
  lateUs: number;
  figureUs: number;
}

function findLate(lateness: OkTimes, figures: OkTimes, count: number): Late | undefined {
  for (const { name, figure, fromCount } of JUDGED) {
    if (count < fromCount) break;
    const lateUs = lateness[figure];
    const figureUs = figures[figure];
    if (lateUs === null || figureUs === null) continue;
    if (isLate(lateUs, figureUs)) return { name, lateUs, figureUs };
  }
  return undefined;
}

function isLate(lateUs: number, figureUs: number): boolean {
  return lateUs > Math.max(LATENESS_ALLOWED_US, figureUs * LATENESS_ALLOWED_SHARE);
}

/**
 * Logins that queue for keys on this machine: the server is not to blame for what they then take. What a derivation costs
 * one login by itself is a client's own cost and belongs to the figures; the wait beyond it, behind other logins, is ours.
 * It is judged as lateness is, quantile by quantile against the time that it is a part of: a mean would be that of the
 * slowest few, and what is printed are quantiles. Every login counts, with no wait where its keys were there. Logins that
 * share the one derivation of keys that are kept wait no longer than a client by itself: they are warned of, see warnOfSlowKeys.
 */
function judgeScram(run: JudgedRun): Reason[] {
  const { scram, accounting, figures } = run;
  if (scram === undefined) return [];
  const { keys } = figures;
  const late = findLateKeys(run, scram);
  if (late !== undefined) {
    const { name, lateUs, figureUs } = late;
    const against = figureUs === 0 ? '' : `, against ${showMs(figureUs)} of service time`;
    const message =
      `${tellWhoDerives(keys)} kept logins waiting: ${name} ${showMs(lateUs)} beyond ` +
      `what it takes with nothing in its way${against}; ${tellScramCure(keys)}`;
    return [{ code: 'SCRAM_CPU', message }];
  }
  const { abandoned = 0 } = scram;
  if (abandoned <= accounting.abandoned * ABANDONED_ALLOWED_SHARE) return [];
  const message = `${tellWhoDerives(keys)} kept ${abandoned} of the ${accounting.abandoned} attempts waiting that were abandoned; raise abandonAfter, or ${tellScramCure(keys)}`;
  return [{ code: 'SCRAM_CPU', message }];
}

/** Of all that were abandoned, those that were while they waited for us. */
const ABANDONED_ALLOWED_SHARE = 0.1;

const NOTHING_TOOK: OkTimes = { p50Us: 0, p90Us: 0, p99Us: 0 };

/**
 * Against the same quantile of derivations that had no other beside them, not the shortest of all: without any queue one
 * in ten takes three times that (pg at 20/s, two cores), and so it does for a client that logs in by itself. Where too few
 * were alone to tell a quantile, the shortest is what there is: stricter, as they are few where many were in each other's way.
 */
function findLateKeys({ figures, okServiceTime }: JudgedRun, scram: Scram): Late | undefined {
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
  const medianUs = scram?.waits?.p50Us ?? 0;
  if (scram === undefined) return [];
  const ownUs = keys === 'kept' ? 0 : scram.shortestUs;
  if (!isLate(medianUs - ownUs, okServiceTime.p50Us ?? 0)) return [];
  const message =
    keys === 'kept'
      ? `half of the logins waited ${showMs(medianUs)} and more for SCRAM keys that were still being derived, which is in auth: in a longer run fewer do`
      : `${tellWhoDerives(keys)} took ${showMs(medianUs)} in the median, and ${showMs(scram.shortestUs)} at best: ` +
        'the difference is in auth; give connstorm a machine of its own';
  return [{ code: 'SLOW_KEYS', message }];
}

export interface SlowKeys extends Pick<JudgedRun, 'scram' | 'okServiceTime'> {
  keys: KeySource;
}

/** In files that tell no more than a mean, of derivations alone: where they are few, most logins waited for none. */
function findLateMean(
  { derivations, meanUs, shortestUs }: Scram,
  ok: number,
  { p50Us }: OkTimes,
): Late | undefined {
  if (derivations * 10 < ok) return undefined;
  const late = { name: 'mean', lateUs: meanUs - shortestUs, figureUs: p50Us ?? 0 };
  return isLate(late.lateUs, late.figureUs) ? late : undefined;
}

function tellWhoDerives(keys: KeySource | undefined): string {
  return keys === 'pg'
    ? "the pg library's SCRAM arithmetic, with its turns of the thread pool and the event loop,"
    : "connstorm's own SCRAM arithmetic";
}

const SCRAM_CURES: Record<KeySource, string> = {
  pg: 'lower the rate, or use the wire driver',
  kept: 'lower the rate, or give connstorm a machine of its own',
  derived: 'lower the rate, or leave connection.scramCache on',
};

function tellScramCure(keys: KeySource | undefined): string {
  return keys === undefined ? 'lower the rate' : SCRAM_CURES[keys];
}

const LOCAL_LIMITS = [
  {
    code: 'OUT_OF_DESCRIPTORS',
    errnos: ['EMFILE', 'ENFILE'],
    want: 'file descriptors',
    cure: 'raise ulimit -n, or lower maxInFlight and hold',
  },
  {
    code: 'OUT_OF_PORTS',
    errnos: ['EADDRNOTAVAIL', 'EADDRINUSE'],
    want: 'local ports',
    cure: 'lower the rate, close by server-first, widen net.ipv4.ip_local_port_range, or wait for TIME_WAIT to pass (60 s)',
  },
  {
    code: 'SCRAM_CPU',
    errnos: ['SCRAM_CPU'],
    want: 'CPU for SCRAM',
    cure: tellScramCure,
  },
];

function judgeLocal({ localFailures: failures, keys }: JudgedFigures): Reason[] {
  const known = LOCAL_LIMITS.flatMap(({ code, errnos, want, cure }) => {
    const count = errnos.reduce((sum, errno) => sum + (failures[errno] ?? 0), 0);
    if (count === 0) return [];
    const how = typeof cure === 'string' ? cure : cure(keys);
    return [{ code, message: `${tellAttempts(count)} failed for want of ${want} here: ${how}` }];
  });
  const listed = new Set(LOCAL_LIMITS.flatMap(({ errnos }) => errnos));
  const others = Object.entries(failures).filter(([errno]) => !listed.has(errno));
  return [...known, ...others.map(judgeOtherLocal)];
}

function tellAttempts(count: number): string {
  return count === 1 ? 'one attempt' : `${count} attempts`;
}

function judgeOtherLocal([errno, count]: [string, number]): Reason {
  const message = `${tellAttempts(count)} failed on this machine with ${errno}: lower the rate, or raise its limits`;
  return { code: 'LOCAL_LIMIT', message };
}

function judgeAccounting(violations: readonly string[]): Reason[] {
  if (violations.length === 0) return [];
  const message = `the counts contradict each other (${violations.join('; ')}): trust no figure of this run`;
  return [{ code: 'ACCOUNTING', message }];
}

function judgeLoss(lost: number): Reason[] {
  if (lost === 0) return [];
  const message = `a worker died and ${lost} attempts or connections were lost with it: run it again`;
  return [{ code: 'WORKER_LOST', message }];
}

function showMs(us: number): string {
  return `${(us / 1000).toFixed(1)} ms`;
}
