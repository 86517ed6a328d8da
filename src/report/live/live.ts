import { describeInterval, type IntervalFigures } from '../../analysis/figures/interval-figures.ts';
import { escapeControls } from '../../controls.ts';
import { formatCounted } from '../../counted.ts';
import { liftHeader, type RunHeader } from '../../result/lift.ts';
import type { AnyHeader, HeaderRecord } from '../../result/records/header.ts';
import type { IntervalRecord } from '../../result/records/intervals.ts';
import type { LegRecord, StepOpenedRecord } from '../../result/records/records.ts';
import { writeMessage } from '../../wrap-text.ts';
import { formatCount, formatDuration, formatRate, formatSeconds } from '../text/format.ts';
import { createPaint, readColumns } from '../text/paint.ts';
import { truncateText } from '../text/text.ts';

/** What the live view shows: totals so far, and rates and latencies (of clients alone: service times) of the last second. */
export interface LiveState extends IntervalFigures {
  /** Which leg of a run of variants it is: `round 2/5 pg`. */
  leg?: string;
  /** Of a search: its step, `climb 52/s`. */
  step?: string;
  elapsedUs: number;
  totalUs: number;
  /** No more arrivals come. */
  draining: boolean;
  /** Absent where there are clients of closed loops alone: nothing is offered. */
  offeredPerSecond?: number;
  /** What clients of closed loops achieved beside arrivals; absent where there is but one kind. */
  clientsPerSecond?: number;
  inFlight: number;
  ok: number;
  failed: number;
  abandoned: number;
  dropped: number;
}

/** Two lines, each at most `columns` wide: where there is no room for a figure it is left out, what is worth least first. */
export function renderLive(state: LiveState, columns: number, colour: boolean): [string, string] {
  const paint = createPaint(colour);
  const [load, outcome] = listPieces(state).map((pieces) => fitPieces(pieces, columns));
  return [paint.bold(load ?? ''), outcome ?? ''];
}

/** A figure with its name. */
interface Piece {
  text: string;
  /** Where there is no room for all, those that are worth least are left out. */
  worth: number;
  /** Stands before the first of those that have the same. */
  title?: string;
}

function fitPieces(pieces: readonly Piece[], columns: number): string {
  const line = joinPieces(pieces);
  if (line.length <= columns || pieces.length < 2) return truncateText(line, columns);
  const least = Math.min(...pieces.map(({ worth }) => worth));
  const at = pieces.findLastIndex(({ worth }) => worth === least);
  return fitPieces(pieces.toSpliced(at, 1), columns);
}

function joinPieces(pieces: readonly Piece[]): string {
  const texts = pieces.map(({ text, title }, at) =>
    title === undefined || pieces[at - 1]?.title === title ? text : `${title} ${text}`,
  );
  return texts.join('  ');
}

function listPieces(state: LiveState): [load: Piece[], outcome: Piece[]] {
  return [listLoad(state), listOutcome(state)];
}

function listLoad(state: LiveState): Piece[] {
  const { leg, step, draining, offeredPerSecond, clientsPerSecond } = state;
  const total = draining ? '' : `/${formatSeconds(state.totalUs)}`;
  return [
    ...listIf(leg, (text) => ({ text, worth: 1 })),
    // It names the rate, or the clients, that are offered.
    ...listIf(step, (text) => ({ text, worth: 3.5 })),
    { text: `${formatSeconds(state.elapsedUs)}${total} s`, worth: 6 },
    ...(draining
      ? [{ text: 'draining', worth: 3 }]
      : listIf(offeredPerSecond, (rate) => ({ text: `offered ${formatRate(rate)}`, worth: 3 }))),
    { text: `achieved ${formatRate(state.achievedPerSecond)}`, worth: 5 },
    ...listIf(clientsPerSecond, (rate) => ({ text: `clients ${formatRate(rate)}`, worth: 0 })),
    { text: `in flight ${formatCount(state.inFlight)}`, worth: 4 },
  ];
}

/** What has not happened is worth less than what has. */
function listOutcome({ ok, failed, abandoned, dropped, p50Us, p99Us }: LiveState): Piece[] {
  const title = 'last second';
  return [
    { text: `ok ${formatCount(ok)}`, worth: 6 },
    { text: `failed ${formatCount(failed)}`, worth: failed > 0 ? 5 : 2 },
    ...(abandoned === 0 ? [] : [{ text: `abandoned ${formatCount(abandoned)}`, worth: 3 }]),
    { text: `dropped ${formatCount(dropped)}`, worth: dropped > 0 ? 4 : 0 },
    { text: `p50 ${formatDuration(p50Us)}`, worth: 1, title },
    { text: `p99 ${formatDuration(p99Us)}`, worth: 3, title },
  ];
}

function listIf<T>(value: T | undefined, render: (value: T) => Piece): Piece[] {
  return value === undefined ? [] : [render(value)];
}

function zeroTotals(): Pick<LiveState, 'ok' | 'failed' | 'abandoned' | 'dropped'> {
  return { ok: 0, failed: 0, abandoned: 0, dropped: 0 };
}

/** Without a terminal to redraw: a line every so often. */
const PLAIN_EVERY_US = 5_000_000;
const UP_AND_CLEAR = '\x1b[1A\x1b[2K';

export interface LiveOptions {
  /** Nothing is shown but warnings. */
  quiet: boolean;
  colour: boolean;
  /** A terminal that can move its cursor. */
  redraw: boolean;
  /** COLUMNS tells the width where the stream does not. */
  env?: Record<string, string | undefined>;
}

type LiveStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

/** Shows a run while it runs: on a terminal in place, elsewhere as plain lines. Driven by the run's interval records. */
export class LiveView {
  readonly #stream: LiveStream;
  readonly #options: LiveOptions;
  #running = false;
  #stopped = false;
  #totals = zeroTotals();
  #totalUs = 0;
  /** The kind of loop of each step that is known: of a search those that were opened. */
  #loops = new Map<number, 'open' | 'closed'>();
  #run: RunHeader | undefined;
  /** Of a run of variants: which leg it is, and its T0. */
  #leg: string | undefined;
  #fromUs = 0;
  /** Of a search. */
  #step: string | undefined;
  /** How wide the lines are that stand on the terminal. */
  #drawn: readonly number[] = [];
  #nextPlainUs = PLAIN_EVERY_US;

  constructor(stream: LiveStream, options: LiveOptions) {
    this.#stream = stream;
    this.#options = options;
  }

  /** A line that stays, warnings under `quiet` too. */
  note(text: string, kind: 'progress' | 'warning' = 'progress'): void {
    if (this.#options.quiet && kind !== 'warning') return;
    this.#clear();
    const lines = text.split('\n').map(escapeControls);
    writeMessage(this.#stream, lines.join('\n'), this.#options.env);
  }

  /** The first Ctrl-C. */
  stopping(): void {
    this.#stopped = true;
    const whose = this.#running
      ? 'waiting for connects under way to end'
      : 'ending what was started';
    this.note(`stopping: ${whose} (press Ctrl-C again to stop at once)`);
  }

  /** Whether there is load that is measured, or has been. */
  get hasBegun(): boolean {
    return this.#run !== undefined;
  }

  started(header: AnyHeader): void {
    const run = liftHeader(header);
    this.#run = run;
    // Of its only leg nobody is told.
    const [only] = run.variants;
    if (run.isLone && only !== undefined) this.#follow(only.plan);
    this.#running = true;
  }

  /** From here on clock and totals are this leg's. */
  legStarted({ variant, round, fromUs }: LegRecord): void {
    if (this.#run === undefined) return;
    const { variants, rounds } = this.#run;
    this.#leg = `round ${round}/${rounds.length} ${variant}`;
    const plan = variants.find(({ name }) => name === variant)?.plan;
    if (plan !== undefined) this.#follow(plan);
    this.#fromUs = fromUs;
    this.#step = undefined;
    this.#totals = zeroTotals();
    this.#nextPlainUs = PLAIN_EVERY_US;
    if (!this.#options.redraw) this.note(this.#leg);
  }

  #follow({ durationUs, steps }: HeaderRecord['plan']): void {
    this.#totalUs = durationUs;
    this.#loops = new Map(steps.map(({ index, loop = 'open' }) => [index, loop]));
  }

  stepOpened(record: StepOpenedRecord): void {
    const { index, loop = 'open', role, startRatePerSecond, startClients = 0 } = record;
    // The steps of a search come one after another.
    this.#loops = new Map([[index, loop]]);
    const level =
      startRatePerSecond === undefined
        ? formatCounted(startClients, 'client')
        : formatRate(startRatePerSecond);
    this.#step = `${role} ${level}`;
  }

  interval(record: IntervalRecord): void {
    if (this.#options.quiet) return;
    for (const { counts } of record.steps) {
      this.#totals.ok += counts.ok;
      this.#totals.failed += counts.failed;
      this.#totals.abandoned += counts.abandoned;
      this.#totals.dropped += counts.dropped;
    }
    const elapsedUs = record.toUs - this.#fromUs;
    const state = {
      ...this.#describeLoad(record),
      ...this.#totals,
      ...(this.#leg === undefined ? {} : { leg: this.#leg }),
      ...(this.#step === undefined ? {} : { step: this.#step }),
      elapsedUs,
      totalUs: this.#totalUs,
      draining: this.#stopped || elapsedUs > this.#totalUs,
      inFlight: record.inFlight,
    };
    if (this.#options.redraw) this.#draw(state);
    else this.#print(state);
  }

  /** Where arrivals and clients come together, the figures of time are of the arrivals: one of both would be of neither. */
  #describeLoad(
    record: IntervalRecord,
  ): IntervalFigures & Pick<LiveState, 'offeredPerSecond' | 'clientsPerSecond'> {
    const { open, closed } = describeInterval(record, (step) => this.#loops.get(step) === 'closed');
    const loops = new Set(this.#loops.values());
    if (!loops.has('closed')) return open;
    if (!loops.has('open')) return closed;
    return { ...open, clientsPerSecond: closed.achievedPerSecond };
  }

  /** Leaves nothing behind on a terminal. May be called twice. */
  ended(): void {
    this.#clear();
  }

  #draw(state: LiveState): void {
    // One column is kept free: some terminals wrap after the last one.
    const columns = readColumns(this.#stream) - 1;
    const lines = renderLive(state, columns, this.#options.colour);
    this.#clear();
    this.#stream.write(lines.map((line) => `${line}\n`).join(''));
    this.#drawn = renderLive(state, columns, false).map(({ length }) => length);
  }

  #print(state: LiveState): void {
    if (state.elapsedUs < this.#nextPlainUs) return;
    this.#nextPlainUs += PLAIN_EVERY_US;
    this.#stream.write(`${listPieces(state).map(joinPieces).join('  ')}\n`);
  }

  #clear(): void {
    // A terminal that was made narrower has wrapped what stands on it.
    const columns = readColumns(this.#stream);
    const rows = this.#drawn.reduce(
      (sum, width) => sum + Math.max(1, Math.ceil(width / columns)),
      0,
    );
    if (rows > 0) this.#stream.write(UP_AND_CLEAR.repeat(rows));
    this.#drawn = [];
  }
}
