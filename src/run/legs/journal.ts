import { VariantsFold } from '../../analysis/variants-fold.ts';
import { lowerHeader, RecordLowering, type Run, type RunHeader } from '../../result/lift.ts';
import type { ResultRecord, StreamRecord } from '../../result/records/records.ts';
import { shiftEnd, shiftRecord } from '../../result/shift.ts';
import type { ResultWriter } from '../../result/write/write.ts';
import type { RunObserver } from '../request.ts';
import type { LegEnd } from './leg-end.ts';

/** Identifies a leg. */
export interface LegId {
  variant: string;
  round: number;
  seed: number;
}

/** The parts that exist from the first leg's T0 on. */
interface Begun {
  header: RunHeader;
  fold: VariantsFold;
  t0Us: number;
}

/**
 * The journal of a run. It puts the records of the legs on one time axis, and passes them to the result file, the
 * summary and the observer. T0 is that of the first leg.
 */
export class RunJournal {
  readonly #planned: RunHeader;
  readonly #lowering: RecordLowering;
  readonly #writer: ResultWriter;
  readonly #observer: RunObserver;
  #begun: Begun | undefined;
  /** T0 of the current leg, in microseconds since T0 of the run. */
  #fromUs = 0;
  /** Records of each type in the current leg. */
  #counts: Record<string, number> = {};

  /** `planned`: the header, with an empty `startedAt`. */
  constructor(planned: RunHeader, writer: ResultWriter, observer: RunObserver) {
    this.#planned = planned;
    this.#lowering = new RecordLowering(planned);
    this.#writer = writer;
    this.#observer = observer;
  }

  /** Begins a leg. `warmedUs`: length of the warm-up before it, in microseconds. */
  legStarted(leg: LegId & { warmedUs: number }, startedAt: Date, t0Us: number): void {
    this.#begun ??= this.#begin(startedAt, t0Us);
    this.#fromUs = t0Us - this.#begun.t0Us;
    this.#counts = {};
    const { variant, round, seed, warmedUs } = leg;
    const fromUs = this.#fromUs;
    const warmed = warmedUs === 0 ? {} : { warmedUs };
    this.#keep({ type: 'leg', variant, round, seed, fromUs, ...warmed });
  }

  /** Adds a record of the leg, with times since the leg's own T0. */
  add(told: StreamRecord): void {
    const record = shiftRecord(told, this.#fromUs);
    this.#counts[record.type] = (this.#counts[record.type] ?? 0) + 1;
    this.#keep(record);
  }

  legEnded(end: LegEnd): void {
    this.#keep({ type: 'legEnd', ...shiftEnd(end, this.#fromUs), records: this.#counts });
  }

  /** Writes the run's `end` record, and returns the run. `last`: how the last leg ended, and the run with it. */
  finish(last: LegEnd): Run {
    const { header, fold } = this.#started;
    const { scram: _, ownSessions: _own, ...end } = shiftEnd(last, this.#fromUs);
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
    if (told !== undefined) this.#emit(told);
  }

  #emit(record: ResultRecord): void {
    if (record.type === 'leg') this.#observer.legStarted(record);
    else if (record.type === 'interval') this.#observer.interval(record);
    else if (record.type === 'step') this.#observer.stepOpened(record);
    else if (record.type === 'event') this.#observer.event(record);
  }

  get #started(): Begun {
    if (this.#begun === undefined) throw new Error('no leg has started');
    return this.#begun;
  }
}
