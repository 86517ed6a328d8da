import type { HostActivity, ReconnectStorm } from '../model/ledgers.ts';
import type { ConnectGap, RecoveryRecord } from '../model/recovery.ts';
import type { BackgroundRecord } from './records/background.ts';
import type { EndRecord } from './records/end.ts';
import type { EventRecord } from './records/events.ts';
import type { IntervalRecord, StepInterval } from './records/intervals.ts';
import type { StepOpenedRecord, StreamRecord } from './records/records.ts';

/**
 * Returns the record with its times moved by `byUs`: from a leg's own T0 to the run's, or back (below 0). For 0 it
 * returns the same object.
 */
export function shiftRecord(record: StreamRecord, byUs: number): StreamRecord {
  if (byUs === 0) return record;
  if (record.type === 'interval') return shiftInterval(record, byUs);
  if (record.type === 'step') return shiftStep(record, byUs);
  if (record.type === 'background') return shiftBackground(record, byUs);
  if (record.type === 'event') return shiftEvent(record, byUs);
  return { ...record, atUs: record.atUs + byUs };
}

function shiftBackground(record: BackgroundRecord, byUs: number): BackgroundRecord {
  return { ...record, fromUs: record.fromUs + byUs, toUs: record.toUs + byUs };
}

export function shiftInterval(record: IntervalRecord, byUs: number): IntervalRecord {
  return {
    ...record,
    fromUs: record.fromUs + byUs,
    toUs: record.toUs + byUs,
    steps: record.steps.map((step) => shiftPart(step, byUs)),
    slowest: record.slowest.map((attempt) => ({
      ...attempt,
      scheduledUs: attempt.scheduledUs + byUs,
    })),
    ...(record.reconnects === undefined
      ? {}
      : { reconnects: record.reconnects.map((storm) => shiftStorm(storm, byUs)) }),
    ...(record.recovery === undefined ? {} : { recovery: shiftRecovery(record.recovery, byUs) }),
  };
}

function shiftRecovery(recovery: RecoveryRecord, byUs: number): RecoveryRecord {
  const { gaps, lateUs, arrivals } = recovery;
  return {
    gaps: gaps.map(([fromUs, toUs]): ConnectGap => [fromUs + byUs, toUs + byUs]),
    ...(lateUs === undefined ? {} : { lateUs: lateUs.map((us) => us + byUs) }),
    ...(arrivals === undefined
      ? {}
      : { arrivals: arrivals.map((second) => ({ ...second, fromUs: second.fromUs + byUs })) }),
  };
}

function shiftPart(part: StepInterval, byUs: number): StepInterval {
  const { lastConnectedUs, hosts } = part;
  return {
    ...part,
    ...(lastConnectedUs === undefined ? {} : { lastConnectedUs: lastConnectedUs + byUs }),
    ...(hosts === undefined ? {} : { hosts: hosts.map((host) => shiftHost(host, byUs)) }),
  };
}

function shiftHost(host: HostActivity, byUs: number): HostActivity {
  const { firstOkUs, lastOkUs } = host;
  return {
    ...host,
    ...(firstOkUs === undefined ? {} : { firstOkUs: firstOkUs + byUs }),
    ...(lastOkUs === undefined ? {} : { lastOkUs: lastOkUs + byUs }),
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

function shiftEvent(event: EventRecord, byUs: number): EventRecord {
  const { fromUs, toUs, stoppedUs, allowUntilUs } = event;
  return {
    ...event,
    fromUs: fromUs + byUs,
    ...(toUs === undefined ? {} : { toUs: toUs + byUs }),
    ...(stoppedUs === undefined ? {} : { stoppedUs: stoppedUs + byUs }),
    allowUntilUs: allowUntilUs + byUs,
  };
}

function shiftStep(step: StepOpenedRecord, byUs: number): StepOpenedRecord {
  const { measureFromUs, measureToUs } = step;
  return {
    ...step,
    fromUs: step.fromUs + byUs,
    toUs: step.toUs + byUs,
    ...(measureFromUs === undefined ? {} : { measureFromUs: measureFromUs + byUs }),
    ...(measureToUs === undefined ? {} : { measureToUs: measureToUs + byUs }),
  };
}

/** Returns an `end` or `legEnd` with its times moved by `byUs`. */
export function shiftEnd<T extends Omit<EndRecord, 'type'>>(record: T, byUs: number): T {
  const { stopAtUs } = record;
  const stop = stopAtUs === undefined ? {} : { stopAtUs: stopAtUs + byUs };
  return { ...record, atUs: record.atUs + byUs, ...stop };
}
