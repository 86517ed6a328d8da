import { VariantsFold } from '../../analysis/variants-fold.ts';
import { lowerHeader, RecordLowering, type Run, type RunHeader } from '../../result/lift.ts';
import type { ResultRecord, StreamRecord } from '../../result/records/records.ts';
import { shiftEnd, shiftRecord } from '../../result/shift.ts';
import type { ResultWriter } from '../../result/write/write.ts';
import type { RunObserver } from '../request.ts';
import type { LegEnd } from './leg-end.ts';

/** Which turn a leg is. */
export interface LegId {
  variant: string;
  round: number;
  seed: number;
}

/** What there is from the first leg's T0 on. */
interface Begun {
  header: RunHeader;
  fold: VariantsFold;
  t0Us: number;
}

/**
 * Puts what the legs tell on the run's one axis of time, and hands it to the result file, the summary and whoever
 * watches. T0 is the first leg's.
 */
export class RunJournal {
  readonly #planned: RunHeader;
  readonly #lowering: RecordLowering;
  readonly #writer: ResultWriter;
  readonly #observer: RunObserver;
  #begun: Begun | undefined;
  /** The T0 of the leg that goes on. */
  #fromUs = 0;
  /** Of the leg that goes on. */
  #counts: Record<string, number> = {};

  /** `planned`: the header, but for `startedAt`. */
  constructor(planned: RunHeader, writer: ResultWriter, observer: RunObserver) {
    this.#planned = planned;
    this.#lowering = new RecordLowering(planned);
    this.#writer = writer;
    this.#observer = observer;
  }

  /** `warmedUs`: how long its load came before that. */
  legStarted(leg: LegId & { warmedUs: number }, startedAt: Date, t0Us: number): void {
    this.#begun ??= this.#begin(startedAt, t0Us);
    this.#fromUs = t0Us - this.#begun.t0Us;
    this.#counts = {};
    const { variant, round, seed, warmedUs } = leg;
    const fromUs = this.#fromUs;
    const warmed = warmedUs === 0 ? {} : { warmedUs };
    this.#keep({ type: 'leg', variant, round, seed, fromUs, ...warmed });
  }

  /** What the leg tells, in times since its own T0. */
  add(told: StreamRecord): void {
    const record = shiftRecord(told, this.#fromUs);
    this.#counts[record.type] = (this.#counts[record.type] ?? 0) + 1;
    this.#keep(record);
  }

  legEnded(end: LegEnd): void {
    this.#keep({ type: 'legEnd', ...shiftEnd(end, this.#fromUs), records: this.#counts });
  }

  /** `last`: how the last leg ended, and with it the run. */
  finish(last: LegEnd): Run {
    const { header, fold } = this.#started;
    const { scram: _, ...end } = shiftEnd(last, this.#fromUs);
    this.#keep({ type: 'end', ...end });
    return { header, summary: fold.finish() };
  }

  #begin(startedAt: Date, t0Us: number): Begun {
    const header = { ...this.#planned, startedAt: startedAt.toISOString() };
    const told = lowerHeader(header);
    this.#writer.append(told);
    this.#observer.started(told);
    return { header, fold: new VariantsFold(header), t0Us };
  }

  #keep(record: ResultRecord): void {
    const told = this.#lowering.lower(record);
    if (told !== undefined) this.#writer.append(told);
    this.#started.fold.add(record);
    if (told !== undefined) this.#tell(told);
  }

  #tell(record: ResultRecord): void {
    if (record.type === 'leg') this.#observer.legStarted(record);
    else if (record.type === 'interval') this.#observer.interval(record);
    else if (record.type === 'step') this.#observer.stepOpened(record);
  }

  get #started(): Begun {
    if (this.#begun === undefined) throw new Error('no leg has started');
    return this.#begun;
  }
}
