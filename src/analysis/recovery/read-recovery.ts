import { formatCounted, nounOf } from '../../counted.ts';
import type { Outage, Recovered, RecoverySummary } from '../../result/records/recovery.ts';
import type { Reading } from '../readings/reading.ts';

type Bounds = Pick<NonNullable<Reading>, 'low' | 'high' | 'reason'>;

/** Returns the longest outage of all disturbances, in microseconds; null if there was no disturbance. */
export function readOutage(recovery: readonly RecoverySummary[]): Reading {
  return findLongest(recovery.map(({ outage }) => boundOutage(outage)));
}

/**
 * Returns the longest time of all disturbances until arrivals were served as before, in microseconds; null if there was
 * no disturbance.
 */
export function readRecovered(recovery: readonly RecoverySummary[]): Reading {
  return findLongest(recovery.map(({ recovered }) => boundRecovered(recovered)));
}

/**
 * Returns the longest time until all sessions that were cut together were back. It is only a lower bound if some never
 * came back; null if none was cut.
 */
export function readAllBack(recovery: readonly RecoverySummary[]): Reading {
  const cuts = recovery.filter(({ allBack: { kind } }) => kind !== 'none-cut');
  return findLongest(cuts.map(boundAllBack));
}

/**
 * Returns the longest time from the beginning of a restart until the first client was connected again; null if there
 * was no restart.
 */
export function readServed(recovery: readonly RecoverySummary[]): Reading {
  const restarts = recovery.filter(
    ({ cause }) => cause.kind === 'event' && cause.event === 'restart',
  );
  return findLongest(
    restarts.map(({ servedAfterUs: us }) =>
      us === undefined
        ? unknown('no client was seen to be connected again')
        : { low: us, high: us },
    ),
  );
}

function findLongest(all: readonly Bounds[]): Reading {
  if (all.length === 0) return null;
  const high = Math.max(...all.map((one) => one.high));
  const reason = all.find((one) => one.high === high)?.reason;
  return {
    low: Math.max(...all.map(({ low }) => low)),
    high,
    of: all.length,
    ...(reason === undefined ? {} : { reason }),
  };
}

function boundAllBack({ allBack, fromUs, untilUs }: RecoverySummary): Bounds {
  switch (allBack.kind) {
    case 'back':
      return { low: allBack.afterUs, high: allBack.afterUs };
    case 'not-all-back': {
      const { sessions, back } = allBack;
      const reason = `${sessions - back} of ${formatCounted(sessions, 'session')} that ${nounOf(sessions, 'was', 'were')} cut never came back`;
      return { low: untilUs - fromUs, high: Infinity, reason };
    }
    case 'none-cut':
      return unknown('none was cut');
    case 'not-measurable':
      return unknown(`not measurable here: ${allBack.reason}`);
  }
}

function unknown(reason: string): Bounds {
  return { low: -Infinity, high: Infinity, reason };
}

function boundOutage(outage: Outage): Bounds {
  switch (outage.kind) {
    case 'seen':
      return outage.atLeast === true
        ? { low: outage.us, high: Infinity, reason: 'the load ended before the outage did' }
        : { low: outage.us, high: outage.us };
    case 'none-seen':
      return { low: 0, high: outage.longestUs, reason: 'a shorter outage could not be seen' };
    case 'not-measurable':
      return unknown(`not measurable here: ${outage.reason}`);
  }
}

function boundRecovered(recovered: Recovered): Bounds {
  switch (recovered.kind) {
    case 'recovered':
      return { low: recovered.afterUs, high: recovered.afterUs };
    case 'never-slow':
      return { low: 0, high: 0 };
    case 'not-recovered':
      return { low: recovered.forUs, high: Infinity, reason: 'the load ended before it recovered' };
    case 'not-measurable':
      return unknown(`not measurable here: ${recovered.reason}`);
  }
}
