import type { ConnstormError, ExitReason } from '../errors.ts';
import type { AnyHeader } from '../result/records/header.ts';
import type { IntervalRecord } from '../result/records/intervals.ts';
import type { LegRecord, StepOpenedRecord } from '../result/records/records.ts';
import type { AnySummary } from '../result/records/summary-records.ts';
import type { LoadedScenario } from '../scenario/file/read.ts';
import type { TextStream } from '../wrap-text.ts';
import type { Pins } from './place/pinning.ts';

export interface RunRequest {
  loaded: LoadedScenario;
  /** Each `[role=]` and a connection string, each role once; without any the environment's, else the lab. */
  targets: readonly string[];
  /** Settings of the lab that are not known to be harmless are used without asking; absent: they are refused. */
  trustScenario?: boolean;
  /** Slots left to others. */
  reserve: number | undefined;
  /** `load.maxInFlight` may exceed the target's free slots, so that it refuses; absent: it may not. */
  beyondSlots?: boolean;
  /** The targets may be stormed without asking. */
  yes: boolean;
  /**
   * Where the records go: a path, false for nowhere, or undefined for a new file in results/. `-`: to this process's standard output,
   * one JSON object a line, and to no file; a program that prints anything else there mixes the two.
   */
  out: string | false | undefined;
  /** A file that is there already at `out` is replaced; absent: it is refused. */
  overwrite?: boolean;
  postgresBin: string | undefined;
  /** CPUs for connstorm and for the lab's server; absent: the system's choice. */
  pins?: Pins;
  env: Record<string, string | undefined>;
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stderr: NodeJS.WritableStream & TextStream;
  /** Aborted: no further arrivals and no further leg, what is under way may end. */
  stop: AbortSignal;
  /** Aborted: end at once. */
  cancel: AbortSignal;
  observer: RunObserver;
}

/**
 * `warning`: what may make a run or its figures other than what was wanted, which people are told whatever else they do not want to
 * see. `progress`: everything else.
 */
export type NoteKind = 'progress' | 'warning';

/** Told what happens while it happens. */
export interface RunObserver {
  /** What is being done before and after the storm, and what to be warned of, in a line. */
  note(text: string, kind: NoteKind): void;
  started(header: AnyHeader): void;
  /** Of a run of variants: the intervals that follow are this leg's. */
  legStarted(leg: LegRecord): void;
  interval(record: IntervalRecord): void;
  /** Of a search: what the intervals that follow are of. */
  stepOpened(step: StepOpenedRecord): void;
  /** The storm is over: no more intervals. */
  ended(): void;
}

export interface RunOutcome {
  header: AnyHeader;
  summary: AnySummary;
  /** null where no file was written, or it is not there any more. */
  resultPath: string | null;
  /** Everything that holds for the exit code. */
  reasons: ExitReason[];
  /** What went wrong without losing what was measured: a full disk, a worker that crashed, an observer that threw. */
  problem: ConnstormError | undefined;
}
