import type { EndRecord, IntervalRecord, SampleRecord } from './records.ts';

/** The record with its times moved by `byUs`: from a leg's own T0 to the run's, or (below 0) back. */
export function shiftInterval(record: IntervalRecord, byUs: number): IntervalRecord {
  return {
    ...record,
    fromUs: record.fromUs + byUs,
    toUs: record.toUs + byUs,
    slowest: record.slowest.map((attempt) => ({
      ...attempt,
      scheduledUs: attempt.scheduledUs + byUs,
    })),
  };
}

export function shiftSample(record: SampleRecord, byUs: number): SampleRecord {
  return { ...record, atUs: record.atUs + byUs };
}

/** Of an `end` and a `legEnd` alike. */
export function shiftEnd<T extends Omit<EndRecord, 'type'>>(record: T, byUs: number): T {
  const { stopAtUs } = record;
  const stop = stopAtUs === undefined ? {} : { stopAtUs: stopAtUs + byUs };
  return { ...record, atUs: record.atUs + byUs, ...stop };
}
