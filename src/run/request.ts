import type { ConnstormError, ExitReason } from '../errors.ts';
import type { EventRecord } from '../result/records/events.ts';
import type { AnyHeader } from '../result/records/header.ts';
import type { IntervalRecord } from '../result/records/intervals.ts';
import type { LegRecord, StepOpenedRecord } from '../result/records/records.ts';
import type { AnySummary } from '../result/records/summary-records.ts';
import type { LoadedScenario } from '../scenario/file/read.ts';
import type { TextStream } from '../wrap-text.ts';
import type { Pins } from './place/pinning.ts';

export interface RunRequest {
  loaded: LoadedScenario;
  /**
   * Connection strings, each with an optional `[role=]`; each role once. Empty: those of the environment, else the lab.
   */
  targets: readonly string[];
  /** Whether lab settings that are not known to be harmless are used without asking. Absent: they are refused. */
  trustScenario?: boolean;
  /** Slots left to others. */
  reserve: number | undefined;
  /**
   * Whether `load.maxInFlight` may exceed the target's free slots, so that the target refuses connects. Absent: it may
   * not.
   */
  beyondSlots?: boolean;
  /** Whether the targets may be stormed without asking. */
  yes: boolean;
  /**
   * Where the records go: a path, false for no file, or undefined for a new file in results/. `-` writes them to this
   * process's standard output, one JSON object a line, and to no file. A program that prints anything else there mixes
   * the two.
   */
  out: string | false | undefined;
  /** Whether a file that exists at `out` is replaced. Absent: it is refused. */
  overwrite?: boolean;
  postgresBin: string | undefined;
  /** CPUs for connstorm and for the lab's server. Absent: the system chooses. */
  pins?: Pins;
  env: Record<string, string | undefined>;
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stderr: NodeJS.WritableStream & TextStream;
  /** Aborted: there are no further arrivals and no further leg; attempts under way may end. */
  stop: AbortSignal;
  /** Aborted: everything ends at once. */
  cancel: AbortSignal;
  observer: RunObserver;
}

/**
 * `warning`: something that may make the run or its figures differ from what the user wanted; it is shown even with
 * `--quiet`. `progress`: everything else.
 */
export type NoteKind = 'progress' | 'warning';

/** An observer of a run. Its methods are called while the run happens. */
export interface RunObserver {
  /** Called with a line about what is done before and after the storm, or with a warning. */
  note(text: string, kind: NoteKind): void;
  started(header: AnyHeader): void;
  /** Called in a run of variants. The intervals that follow belong to this leg. */
  legStarted(leg: LegRecord): void;
  interval(record: IntervalRecord): void;
  /** Called in a search. The intervals that follow belong to this step. */
  stepOpened(step: StepOpenedRecord): void;
  /** Called when an event of the scenario begins, and when it has ended. */
  event(record: EventRecord): void;
  /** Called when the storm is over. No interval follows. */
  ended(): void;
}

export interface RunOutcome {
  header: AnyHeader;
  summary: AnySummary;
  /** Path of the result file; null if none was written, or if it no longer exists. */
  resultPath: string | null;
  /** All reasons that bear on the exit code. */
  reasons: ExitReason[];
  /** An error after which the measurements were kept: a full disk, a crashed worker, an observer that threw. */
  problem: ConnstormError | undefined;
}
