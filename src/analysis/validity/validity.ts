import { nounOf } from '../../counted.ts';
import { formatDuration } from '../../duration-text.ts';
import type { Accounting } from '../../model/ledgers.ts';
import { TIME_WAIT_S } from '../../model/time-wait.ts';
import type { MetricSummary, Reason, Validity } from '../../result/records/summary-figures.ts';
import type { SummaryRecord } from '../../result/records/summary-records.ts';
import type { GeneratorEvidence } from './generator-evidence.ts';
import { findLate, type OkTimes } from './late.ts';
import type { KeySource } from './scram.ts';
import { describeScramCure, type JudgedLogins, judgeScram } from './scram-validity.ts';

/** Figures that a step, or a run of one step, is judged by. */
export interface JudgedFigures {
  ok: number;
  /**
   * Latency of the ok attempts alone, because a lower bound does not show how much lateness it can bear; null without
   * any.
   */
  okLatency: OkTimes;
  lateness: MetricSummary;
  /**
   * Only in a closed loop, which has neither latency nor lateness: how late the workers' event loops came to their
   * timers, against the service time of the ok attempts. Attempts that ended meanwhile were stamped and followed that
   * late.
   */
  closed?: { okServiceTime: OkTimes; loopDelay: MetricSummary };
  /** Failures of layer `local`, by code. */
  localFailures: Record<string, number>;
  /** Absent: not known, as in a running step of a search. */
  keys?: KeySource;
  /** SCRAM figures of the whole run; absent or undefined: not known. */
  scram?: SummaryRecord['scram'];
  /** Evidence from connstorm's samples of itself; absent without samples. */
  generator?: Pick<GeneratorEvidence, 'explainLateness' | 'explainDelays' | 'judgeStops'>;
}

/** Returns why figures cannot be trusted; an empty list if they can. */
export function judgeFigures(figures: JudgedFigures): Reason[] {
  return [...judgeData(figures.ok), ...judgeGenerator(figures), ...judgeLocal(figures)];
}

export interface JudgedRun extends JudgedLogins {
  accounting: Accounting;
  /** Connections whose worker died. */
  lostConnections: number;
  /** Sums that do not add up, a line each. */
  violations: readonly string[];
  figures: JudgedFigures;
  steps: readonly Validity[];
}

/**
 * Judges a run. One with a single step is judged by its own figures. One with several steps may go beyond saturation
 * and what connstorm can generate, so one valid step makes it valid, unless the whole has a fault.
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
  return [{ code: 'NO_DATA', message: 'no connect succeeded' }];
}

/**
 * Lateness makes figures wrong; connstorm's samples of itself show why. A worker at its limit that is not late makes
 * nothing invalid.
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
  const message = `connstorm started attempts late: ${name} of lateness was ${formatDuration(lateUs)}, and ${name} of latency was ${formatDuration(figureUs)}`;
  return { code: 'LATE_GENERATOR', message };
}

/**
 * Judges the delays of a closed loop. There may be fewer attempts than beats of the timer, so the smaller count
 * decides.
 */
function judgeDelays(
  { loopDelay, okServiceTime }: NonNullable<JudgedFigures['closed']>,
  ok: number,
): Reason | undefined {
  const late = findLate(loopDelay, okServiceTime, Math.min(loopDelay.count, ok));
  if (late === undefined) return undefined;
  const { name, lateUs, figureUs } = late;
  const message = `connstorm processed answers late: ${name} of its event loops' delay was ${formatDuration(lateUs)}, of service time ${formatDuration(figureUs)}`;
  return { code: 'LATE_GENERATOR', message };
}

const LOCAL_LIMITS = [
  {
    code: 'OUT_OF_DESCRIPTORS',
    errnos: ['EMFILE', 'ENFILE'],
    want: 'no free file descriptor',
    cure: 'raise ulimit -n, or lower maxInFlight and hold',
  },
  {
    code: 'OUT_OF_PORTS',
    errnos: ['EADDRNOTAVAIL', 'EADDRINUSE'],
    want: 'no free local port',
    cure: `lower the rate, close by server-first, widen net.ipv4.ip_local_port_range, or wait for TIME_WAIT to pass (${TIME_WAIT_S} s)`,
  },
  {
    code: 'SCRAM_CPU',
    errnos: ['SCRAM_CPU'],
    want: 'too little CPU for SCRAM',
    cure: describeScramCure,
    // Failures up to 1 % leave all but the highest 1 % of latency unchanged, and a single one may be a hiccup.
    allowed: (attempts: number) => Math.max(1, attempts * 0.01),
  },
];

function judgeLocal({ ok, localFailures: failures, keys, scram }: JudgedFigures): Reason[] {
  const known = LOCAL_LIMITS.flatMap(({ code, errnos, want, cure, allowed }) => {
    const count = errnos.reduce((sum, errno) => sum + (failures[errno] ?? 0), 0);
    if (count <= (allowed?.(ok + count) ?? 0)) return [];
    const how = typeof cure === 'string' ? cure : cure(keys, scram);
    return [
      {
        code,
        message: `${describeAttempts(count)} failed because connstorm's machine had ${want}: ${how}`,
      },
    ];
  });
  const listed = new Set(LOCAL_LIMITS.flatMap(({ errnos }) => errnos));
  const others = Object.entries(failures).filter(([errno]) => !listed.has(errno));
  return [...known, ...others.map(judgeOtherLocal)];
}

function describeAttempts(count: number): string {
  return count === 1 ? 'one attempt' : `${count} attempts`;
}

function judgeOtherLocal([errno, count]: [string, number]): Reason {
  const message = `${describeAttempts(count)} failed on connstorm's machine with ${errno}: lower the rate, or raise the machine's limits`;
  return { code: 'LOCAL_LIMIT', message };
}

function judgeAccounting(violations: readonly string[]): Reason[] {
  if (violations.length === 0) return [];
  const message = `the counts contradict each other (${violations.join('; ')}): trust no figure of this run`;
  return [{ code: 'ACCOUNTING', message }];
}

function judgeLoss(lost: number): Reason[] {
  if (lost === 0) return [];
  const message = `a worker died and ${lost} ${nounOf(lost, 'attempt or connection was', 'attempts or connections were')} lost with it: run it again`;
  return [{ code: 'WORKER_LOST', message }];
}
