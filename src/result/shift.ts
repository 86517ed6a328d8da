import type { IntervalRecord } from './intervals.ts';
import type { ReconnectStorm } from './ledgers.ts';
import type { DecisionRecord, EndRecord } from './records.ts';
import type { SampleRecord, WatchRecord } from './samples.ts';

/** The record with its times moved by `byUs`: from a leg's own T0 to the run's, or (below 0) back. */
export function shiftInterval(record: IntervalRecord, byUs: number): IntervalRecord {
  return {
    ...record,
    fromUs: record.fromUs + byUs,
    toUs: record.toUs + byUs,
    steps: record.steps.map((step) =>
      step.lastConnectedUs === undefined
        ? step
        : { ...step, lastConnectedUs: step.lastConnectedUs + byUs },
    ),
    slowest: record.slowest.map((attempt) => ({
      ...attempt,
      scheduledUs: attempt.scheduledUs + byUs,
    })),
    ...(record.reconnects === undefined
      ? {}
      : { reconnects: record.reconnects.map((storm) => shiftStorm(storm, byUs)) }),
  };
}

function shiftStorm(storm: ReconnectStorm, byUs: number): ReconnectStorm {
  const { firstCutUs, lastCutUs, endUs } = storm;
  return {
    ...storm,
    firstCutUs: firstCutUs + byUs,
    lastCutUs: lastCutUs + byUs,
    endUs: endUs + byUs,
  };
}

/** Of a record that has but one moment. */
export function shiftMoment<T extends SampleRecord | WatchRecord | DecisionRecord>(
  record: T,
  byUs: number,
): T {
  return { ...record, atUs: record.atUs + byUs };
}

/** Of an `end` and a `legEnd` alike. */
export function shiftEnd<T extends Omit<EndRecord, 'type'>>(record: T, byUs: number): T {
  const { stopAtUs } = record;
  const stop = stopAtUs === undefined ? {} : { stopAtUs: stopAtUs + byUs };
  return { ...record, atUs: record.atUs + byUs, ...stop };
}
