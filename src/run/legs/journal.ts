import { createSummary, type SummaryFold } from '../../analysis/summary.ts';
import type { AnyHeader, HeaderRecord, VariantsHeaderRecord } from '../../result/records/header.ts';
import type { ResultRecord, StreamRecord } from '../../result/records/records.ts';
import type { AnySummary } from '../../result/records/summary-records.ts';
import { shiftEnd, shiftRecord } from '../../result/shift.ts';
import type { ResultWriter } from '../../result/write/write.ts';
import type { RunObserver } from '../request.ts';
import type { LegEnd } from './leg.ts';

/** Which turn a leg is. */
export interface LegId {
  variant: string;
  round: number;
  seed: number;
}

/** What there is from the first leg's T0 on. */
interface Begun {
  header: AnyHeader;
  fold: SummaryFold;
  t0Us: number;
}

/**
 * Puts what the legs tell on the run's one axis of time, and hands it to the result file, the summary and whoever
 * watches. T0 is the first leg's.
 */
export class RunJournal {
  readonly #planned: AnyHeader;
  readonly #writer: ResultWriter;
  readonly #observer: RunObserver;
  #begun: Begun | undefined;
  /** The T0 of the leg that goes on. */
  #fromUs = 0;
  /** Of the leg that goes on. */
  #counts: Record<string, number> = {};

  /** `planned`: the header, but for `startedAt`. */
  constructor(
    planned: HeaderRecord | VariantsHeaderRecord,
    writer: ResultWriter,
    observer: RunObserver,
  ) {
    this.#planned = planned;
    this.#writer = writer;
    this.#observer = observer;
  }

  /** `warmedUs`: how long its load came before that. */
  legStarted(leg: LegId & { warmedUs: number }, startedAt: Date, t0Us: number): void {
    this.#begun ??= this.#begin(startedAt, t0Us);
    this.#fromUs = t0Us - this.#begun.t0Us;
    this.#counts = {};
    if (this.#planned.version === 1) return;
    const { variant, round, seed, warmedUs } = leg;
    const fromUs = this.#fromUs;
    const warmed = warmedUs === 0 ? {} : { warmedUs };
    const record = { type: 'leg', variant, round, seed, fromUs, ...warmed } as const;
    this.#keep(record);
    this.#observer.legStarted(record);
  }

  /** What the leg tells, in times since its own T0. */
  add(told: StreamRecord): void {
    const record = shiftRecord(told, this.#fromUs);
    this.#keep(record);
    this.#counts[record.type] = (this.#counts[record.type] ?? 0) + 1;
    if (record.type === 'interval') this.#observer.interval(record);
    else if (record.type === 'step') this.#observer.stepOpened(record);
  }

  /** A run without variants ends with its only leg. */
  legEnded(end: LegEnd): void {
    if (this.#planned.version === 1) return;
    this.#keep({ type: 'legEnd', ...shiftEnd(end, this.#fromUs), records: this.#counts });
  }

  /** `last`: how the last leg ended, and with it the run. */
  finish(last: LegEnd): { header: AnyHeader; summary: AnySummary } {
    const { header, fold } = this.#started;
    const { scram, ...end } = shiftEnd(last, this.#fromUs);
    const ofLeg = { ...(scram === undefined ? {} : { scram }), records: this.#counts };
    this.#keep({ type: 'end', ...end, ...(header.version === 1 ? ofLeg : {}) });
    return { header, summary: fold.finish() };
  }

  #begin(startedAt: Date, t0Us: number): Begun {
    const header = { ...this.#planned, startedAt: startedAt.toISOString() };
    this.#writer.append(header);
    this.#observer.started(header);
    return { header, fold: createSummary(header), t0Us };
  }

  #keep(record: ResultRecord): void {
    this.#writer.append(record);
    this.#started.fold.add(record);
  }

  get #started(): Begun {
    if (this.#begun === undefined) throw new Error('no leg has started');
    return this.#begun;
  }
}
