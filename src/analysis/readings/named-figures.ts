import { formatCounted } from '../../counted.ts';
import { unitOfCrowd } from '../../model/crowd.ts';
import type { CapacityAnswer, CutShort } from '../../result/records/capacity.ts';
import type { FigureName } from '../../scenario/named-figure.ts';
import { readRestarts } from '../beside/read-restarts.ts';
import { perSecond } from '../figures/per-second.ts';
import { readAllBack, readOutage, readRecovered, readServed } from '../recovery/read-recovery.ts';
import { exactly, type JudgedRun, type Reading } from './reading.ts';

type Summary = JudgedRun['summary'];

/** Returns a named figure of a run. */
export function readNamed(name: FigureName, { summary, asks = 0 }: JudgedRun): Reading {
  return READERS[name](summary, asks);
}

/** How each figure is read. Its name, unit and words are in src/scenario/named-figure.ts. */
const READERS: Record<FigureName, (summary: Summary, asks: number) => Reading> = {
  'ok rate': (summary) => toShare(countAttempts('ok', summary)),
  'failed rate': (summary) => toShare(countAttempts('failed', summary)),
  'failed count': (summary) => toCount(countAttempts('failed', summary)),
  'dropped rate': (summary) => toShare(countDropped(summary)),
  'dropped count': (summary) => toCount(countDropped(summary)),
  'queryFailed rate': (summary) => toShare(countConnections('queryFailed', summary)),
  'queryFailed count': (summary) => toCount(countConnections('queryFailed', summary)),
  'cut rate': (summary) => toShare(countConnections('cut', summary)),
  'cut count': (summary) => toCount(countConnections('cut', summary)),
  'goodput rate': readGoodput,
  'goodput perSecond': ({ sessions }) => exactly(sessions?.goodput?.perSecond),
  'attemptsPerSuccess avg': ({ accounting: { started, ok } }) =>
    ok === 0 ? null : exactly(started / ok, ok),
  'outage max': ({ recovery = [] }) => readOutage(recovery),
  'recovery max': ({ recovery = [] }) => readRecovered(recovery),
  'allBack after': ({ recovery = [] }) => readAllBack(recovery),
  'stopped after': ({ events = [] }) => readRestarts(events, ({ stoppedUs }) => stoppedUs),
  'accepts after': ({ events = [] }) => readRestarts(events, ({ toUs }) => toUs),
  'serves after': ({ recovery = [] }) => readServed(recovery),
  'tcpRefused count': (summary) => countErrors('ECONNREFUSED', summary),
  'tcpReset count': (summary) => countErrors('ECONNRESET', summary),
  'cannotConnectNow count': (summary) => countErrors('57P03', summary),
  'achieved perSecond': ({ rates, accounting }) =>
    accounting.started === 0 ? null : exactly(rates.achievedPerSecond, accounting.ok),
  'connected after': readConnectedAfter,
  'drained after': readDrainedAfter,
  'inFlight most': readMostInFlight,
  'queries perSecond': readQueryRate,
  'server cpuPerQuery': (summary, asks) => {
    const us = summary.cost?.serverCpuPerConnectUs ?? null;
    const answered = countAnswered(summary, asks);
    if (us === null || answered === 0) return null;
    return exactly((us * summary.accounting.started) / answered, answered);
  },
  'server cpuPerConnect': ({ cost, accounting }) =>
    exactly(cost?.serverCpuPerConnectUs, accounting.started),
  'postmaster cpuPerConnect': ({ cost, accounting }) =>
    exactly(cost?.postmasterCpuPerConnectUs, accounting.started),
  'generator cpuPerConnect': ({ cpuPerConnectUs, accounting }) =>
    exactly(cpuPerConnectUs, accounting.started),
  'held fewest': readHeld,
  'held memoryEach': readHeldMemory,
  'backends most': ({ cost }) => exactly(cost?.backendsMost),
  'capacity value': ({ capacity }) => readCapacity(capacity, capacity ?? undefined),
  'capacity underGoal': ({ capacity }) => readCapacity(capacity, capacity?.underGoal),
};

/**
 * Returns the fewest connections that all `held` activities together had open, by the record of each, and why they were
 * fewer than asked for.
 */
function readHeld({ background = [] }: Summary): Reading {
  const held = background.filter(({ activity }) => activity === 'held');
  if (held.length === 0) return null;
  const open = held.reduce((sum, { kept }) => sum + (kept?.fewestOpen ?? 0), 0);
  const openings = held.flatMap(({ openings: told = [] }) => told);
  const why = new Set(openings.flatMap(({ leftOut }) => leftOut ?? []));
  return { low: open, high: open, ...(why.size === 0 ? {} : { note: [...why].join('; ') }) };
}

function readHeldMemory({ background = [] }: Summary): Reading {
  const seen = background.flatMap(({ memory }) => memory ?? []);
  const backends = seen.reduce((sum, memory) => sum + memory.backends, 0);
  if (backends === 0) return null;
  return exactly(seen.reduce((sum, { bytes }) => sum + bytes, 0) / backends, backends);
}

/**
 * A number among `of` attempts or connections. `unknown`: how many more there may be among those that ended with the run
 * or were lost.
 */
interface Counted {
  count: number;
  unknown: number;
  of: number;
  noun: string;
}

function countAttempts(outcome: 'ok' | 'failed', { accounting }: Summary): Counted {
  const { dropped, ok, cancelled, lost, inFlight, passedOn = 0 } = accounting;
  // A try after which the client tried its next host counts neither as a failure nor as an attempt of its own.
  const started = accounting.started - passedOn;
  const failed = accounting.failed - passedOn;
  const unknown = cancelled + lost + inFlight;
  return outcome === 'ok'
    ? { count: ok, unknown, of: started + dropped, noun: 'attempt' }
    : { count: failed, unknown, of: started, noun: 'attempt' };
}

function countDropped({ accounting: { due, dropped } }: Summary): Counted {
  return { count: dropped, unknown: 0, of: due, noun: 'attempt' };
}

function countConnections(end: 'queryFailed' | 'cut', { connections }: Summary): Counted {
  const { opened, lost, open } = connections;
  return { count: connections[end], unknown: lost + open, of: opened, noun: 'connection' };
}

function toShare({ count, unknown, of, ...told }: Counted): Reading {
  if (of === 0) return null;
  return {
    low: count / of,
    high: (count + unknown) / of,
    ...explainUnknown({ unknown, of, ...told }),
  };
}

function toCount({ count, unknown, of, ...told }: Counted): Reading {
  if (of === 0) return null;
  return { low: count, high: count + unknown, ...explainUnknown({ unknown, of, ...told }) };
}

/** Kinds of errors beyond the table's limit lost their code, so each of them may be one of these. */
function countErrors(code: string, { errors, accounting }: Summary): Reading {
  const sum = (wanted: string): number =>
    errors
      .filter((error) => error.ledger === 'attempt' && error.code === wanted)
      .reduce((total, { count }) => total + count, 0);
  const { started, cancelled, lost, inFlight } = accounting;
  const nameless = sum('OTHER');
  const unknown = nameless + cancelled + lost + inFlight;
  const reading = toCount({ count: sum(code), unknown, of: started, noun: 'attempt' });
  if (reading === null || nameless === 0) return reading;
  const reason = `${nameless} of ${formatCounted(started, 'attempt')} failed with an error whose code was not kept, because there were too many kinds of errors`;
  return { ...reading, reason };
}

function explainUnknown({ unknown, of, noun }: Omit<Counted, 'count'>): {
  of: number;
  reason?: string;
} {
  if (unknown === 0) return { of };
  const reason = `it is not known how ${unknown} of ${formatCounted(of, noun)} ended, because the run ended first`;
  return { of, reason };
}

function readGoodput({ sessions }: Summary): Reading {
  const goodput = sessions?.goodput ?? undefined;
  if (sessions === undefined || goodput === undefined) return null;
  const { share, withinGoal } = goodput;
  const of = share === 0 ? sessions.begun : Math.round(withinGoal / share);
  return { low: share, high: share, of };
}

/**
 * Returns how long after the load's beginning the last client was connected. It is a lower bound if a client never was.
 */
function readConnectedAfter({ steps, accounting, sessions }: Summary): Reading {
  const moments = steps.flatMap(({ lastConnectedUs }) => lastConnectedUs ?? []);
  if (moments.length === 0) return null;
  const us = Math.max(...moments) - Math.min(...steps.map(({ fromUs }) => fromUs));
  const begun = sessions?.begun ?? accounting.started - (accounting.passedOn ?? 0);
  const missing = accounting.dropped + begun - (sessions?.connected ?? accounting.ok);
  const of = accounting.dropped + begun;
  if (missing === 0) return { low: us, high: us, of };
  const reason = `${missing} of ${formatCounted(of, 'client')} were never connected`;
  return { low: us, high: Infinity, of, reason };
}

/** Returns how long after the end of a step its last client was connected, for the step that took longest. */
function readDrainedAfter(summary: Summary): Reading {
  const waits = summary.steps.flatMap(({ lastConnectedUs, toUs }) =>
    lastConnectedUs === undefined ? [] : [Math.max(0, lastConnectedUs - toUs)],
  );
  const whole = readConnectedAfter(summary);
  if (whole === null || waits.length === 0) return null;
  const us = Math.max(...waits);
  return { ...whole, low: us, high: whole.high === Infinity ? Infinity : us };
}

/**
 * Returns the largest number of attempts in flight at a start, the starting one included. Crowds are recorded with
 * three significant bits, so a large one is known only roughly.
 */
function readMostInFlight({ crowd, accounting }: Summary): Reading {
  const others = crowd?.begun.at(-1)?.[0];
  if (others === undefined) return null;
  const width = unitOfCrowd(others);
  const most = others + 1;
  const reason = 'a large number in flight is recorded with three significant bits';
  const told = { low: most, high: most + width - 1, of: accounting.started };
  return width === 1 ? told : { ...told, reason };
}

/**
 * Returns the rate of queries. Some may have been answered after the load's end, by connects that were late: so it is at
 * most the number by the load's time, and at least that by the time until the last connect.
 */
function readQueryRate(summary: Summary, asks: number): Reading {
  const { rates, steps, rounds = [] } = summary;
  const answered = countAnswered(summary, asks);
  if (rates.windowUs === 0) return null;
  const lateUs = Math.max(
    0,
    ...steps.map(({ lastConnectedUs = 0, toUs }) => lastConnectedUs - toUs),
  );
  const longestUs = rates.windowUs + lateUs * Math.max(1, rounds.length);
  const low = perSecond(answered, longestUs);
  const high = perSecond(answered, rates.windowUs);
  return { low, high, of: answered, ...(lateUs === 0 ? {} : { reason: ANSWERED_LATE }) };
}

const ANSWERED_LATE = 'some queries were answered after the load had ended';

/**
 * Returns the number of queries that were answered, of those connections that got the last one's result. Each sends
 * `asks`.
 */
function countAnswered({ metrics }: Summary, asks: number): number {
  const metric = asks === 1 ? metrics.firstQueryServiceTime : metrics.usableServiceTime;
  const fallback = asks === 1 ? metrics.firstQuery : metrics.usable;
  return asks * (metric?.count ?? fallback?.count ?? 0);
}

/**
 * Returns the capacity as a reading. A sustained rate is at most the capacity, and a rate that was not sustained at
 * least.
 */
function readCapacity(capacity: Summary['capacity'], answer: CapacityAnswer | undefined): Reading {
  if (capacity === null || answer === undefined) return null;
  const { kind, lowerPerSecond, upperPerSecond, upperUntried } = answer;
  const { cutShort } = capacity;
  const reason = cutShort === undefined ? answer.reason : describeCutShort(cutShort);
  if (lowerPerSecond === null && upperPerSecond === null) return null;
  // If connstorm gave out first, the upper rate is not the server's. A rate that was not tried decides no budget.
  const isMeasured = kind !== 'invalid' && upperUntried !== true;
  const high = (isMeasured ? upperPerSecond : null) ?? Infinity;
  if (kind === 'unstable') {
    const untried = upperUntried === true ? `${UNTRIED}; ` : '';
    const because =
      cutShort === undefined ? `${untried}the target did not stay the same: ${reason}` : reason;
    return { low: lowerPerSecond ?? -Infinity, high, reason: because };
  }
  if (capacity.confirmed === false) {
    return {
      low: -Infinity,
      high,
      reason: 'the capacity that was found was not confirmed at the end',
    };
  }
  const isInterval = lowerPerSecond !== null && high !== Infinity;
  return {
    low: lowerPerSecond ?? -Infinity,
    high,
    reason: isInterval
      ? 'the bound lies within the interval of the capacity: a smaller load.tolerance makes the interval narrower'
      : reason,
  };
}

const UNTRIED = 'no rate as high as the upper bound was tried';

function describeCutShort({ reason }: CutShort): string {
  return `the search was cut short: ${reason}`;
}
