import type { EventKind } from '../../scenario/event-kinds.ts';

/**
 * An event as it was planned, at its place in the scenario's list. Times are integer microseconds since the T0 of the
 * leg.
 */
export interface PlannedEventRecord {
  kind: EventKind;
  atUs: number;
  /** How long after its beginning others may be cut off or refused without a kill. */
  allowUs: number;
  /** What it does, e.g. `restart fast` or `exec ./failover.sh`. */
  text: string;
}

/**
 * Something that the scenario does to the server while load runs. Written once when it begins and once when it has
 * ended.
 */
export interface EventRecord {
  type: 'event';
  /** Index in the scenario's list of events. */
  index: number;
  kind: EventKind;
  state: 'begun' | 'done' | 'failed';
  /** When it began. */
  fromUs: number;
  /** When it ended; absent while state is begun. */
  toUs?: number;
  /** Until when others may be cut off or refused without a kill: fromUs + allow. */
  allowUntilUs: number;
  /** Only of a restart that is done: when the old postmaster had ended. `toUs` is when the new one accepted logins. */
  stoppedUs?: number;
  /** One line about what it did: new pid, exit code, number of sessions ended; absent: nothing to say. */
  detail?: string;
  /** One line; only if it failed. */
  reason?: string;
  /** Only of exec, once it has ended: what its command wrote, as far as it was kept, and how it ended. */
  command?: CommandRecord;
}

/** What a command of the scenario left behind. */
export interface CommandRecord {
  /** null: a signal ended it. */
  exitCode: number | null;
  /** The signal that ended it; absent: none. */
  signal?: string;
  /** True: connstorm ended it at its timeout. Absent: it ended by itself, or the run was stopped. */
  timedOut?: true;
  /** Standard output and standard error, in the order in which they came: the first and the last part of it. */
  output: string;
  /** Bytes in between that were not kept; absent: none. */
  droppedBytes?: number;
}

/** An event that was begun, in a summary. Its times are since the T0 of its leg. */
export interface EventSummary extends Omit<EventRecord, 'type' | 'state'> {
  /** The round in which it happened, from 1. */
  round: number;
  /** `unfinished`: the file was cut off before it ended. */
  state: 'done' | 'failed' | 'unfinished';
}
