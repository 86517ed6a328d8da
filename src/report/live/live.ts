import { describeInterval, type IntervalFigures } from '../../analysis/figures/interval-figures.ts';
import { escapeControls } from '../../controls.ts';
import { formatCounted } from '../../counted.ts';
import { liftHeader, type RunHeader } from '../../result/lift.ts';
import type { EventRecord, PlannedEventRecord } from '../../result/records/events.ts';
import type { AnyHeader, HeaderRecord } from '../../result/records/header.ts';
import type { IntervalRecord } from '../../result/records/intervals.ts';
import type { LegRecord, StepOpenedRecord } from '../../result/records/records.ts';
import { writeMessage } from '../../wrap-text.ts';
import { formatCount, formatDuration, formatRate, formatSeconds } from '../text/format.ts';
import { createPaint, readColumns } from '../text/paint.ts';
import { truncateText } from '../text/text.ts';

/**
 * Figures of the live view: totals so far, and rates and latencies of the last second. With closed loops alone the
 * latencies are service times.
 */
export interface LiveState extends IntervalFigures {
  /** The running leg of a run of variants: `round 2/5 pg`. */
  leg?: string;
  /** The running step of a search: `climb 52/s`. */
  step?: string;
  elapsedUs: number;
  totalUs: number;
  /** True: no more arrivals come. */
  draining: boolean;
  /** Absent: all loops are closed, so nothing is offered. */
  offeredPerSecond?: number;
  /** Rate that clients of closed loops achieved beside arrivals; absent: there is only one kind of loop. */
  clientsPerSecond?: number;
  inFlight: number;
  ok: number;
  failed: number;
  abandoned: number;
  dropped: number;
}

/**
 * Returns two lines, each at most `columns` wide. If there is too little room, the figures of least worth are left out.
 */
export function renderLive(state: LiveState, columns: number, colour: boolean): [string, string] {
  const paint = createPaint(colour);
  const [load, outcome] = listPieces(state).map((pieces) => fitPieces(pieces, columns));
  return [paint.bold(load ?? ''), outcome ?? ''];
}

/** A figure with its name. */
interface Piece {
  text: string;
  /** Without room for all, the pieces with the lowest worth are left out. */
  worth: number;
  /** Stands before the first of neighbouring pieces that have the same title. */
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
    // The step contains the offered rate, or the number of clients.
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

/** Failures and drops have a low worth while there are none. */
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

/** Interval of lines without a terminal to redraw. */
const PLAIN_EVERY_US = 5_000_000;
const UP_AND_CLEAR = '\x1b[1A\x1b[2K';

export interface LiveOptions {
  /** Show only warnings. */
  quiet: boolean;
  colour: boolean;
  /** The stream is a terminal that can move its cursor. */
  redraw: boolean;
  /** COLUMNS gives the width if the stream does not know it. */
  env?: Record<string, string | undefined>;
}

type LiveStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

/** The state of an event, as the end of a sentence. */
const STATES: Record<EventRecord['state'], string> = {
  begun: 'begins',
  done: 'is done',
  failed: 'has failed',
};

/** Shows a run while it runs: in place on a terminal, else as plain lines. The run's interval records drive it. */
export class LiveView {
  readonly #stream: LiveStream;
  readonly #options: LiveOptions;
  #running = false;
  #stopped = false;
  #totals = zeroTotals();
  #totalUs = 0;
  /** Kind of loop by step; in a search, of the step opened last. */
  #loops = new Map<number, 'open' | 'closed'>();
  #run: RunHeader | undefined;
  /** Only in a run of variants: the current leg and its T0. */
  #leg: string | undefined;
  #fromUs = 0;
  /** The events of the current leg's plan. */
  #events: readonly PlannedEventRecord[] = [];
  /** Only in a search: the current step. */
  #step: string | undefined;
  /** Widths of the lines that are on the terminal now. */
  #drawn: readonly number[] = [];
  #nextPlainUs = PLAIN_EVERY_US;

  constructor(stream: LiveStream, options: LiveOptions) {
    this.#stream = stream;
    this.#options = options;
  }

  /** Writes lines that stay on the terminal. Under `quiet` it writes only warnings. */
  note(text: string, kind: 'progress' | 'warning' = 'progress'): void {
    if (this.#options.quiet && kind !== 'warning') return;
    this.#clear();
    const lines = text.split('\n').map(escapeControls);
    writeMessage(this.#stream, lines.join('\n'), this.#options.env);
  }

  /** Reports that the first Ctrl-C is stopping the run. */
  stopping(): void {
    this.#stopped = true;
    const whose = this.#running
      ? 'waiting for connects under way to end'
      : 'ending what was started';
    this.note(`stopping: ${whose} (press Ctrl-C again to stop at once)`);
  }

  /** True: measured load runs, or has run. */
  get hasBegun(): boolean {
    return this.#run !== undefined;
  }

  started(header: AnyHeader): void {
    const run = liftHeader(header);
    this.#run = run;
    // legStarted is not called for the only leg of a lone run.
    const [only] = run.variants;
    if (run.isLone && only !== undefined) this.#follow(only.plan);
    this.#running = true;
  }

  /** Begins a leg: clock and totals count from here on for it. */
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

  #follow({ durationUs, steps, events = [] }: HeaderRecord['plan']): void {
    this.#events = events;
    this.#totalUs = durationUs;
    this.#loops = new Map(steps.map(({ index, loop = 'open' }) => [index, loop]));
  }

  stepOpened(record: StepOpenedRecord): void {
    const { index, loop = 'open', role, startRatePerSecond, startClients = 0 } = record;
    // The steps of a search come one after another, so only this one is kept.
    this.#loops = new Map([[index, loop]]);
    const level =
      startRatePerSecond === undefined
        ? formatCounted(startClients, 'client')
        : formatRate(startRatePerSecond);
    this.#step = `${role} ${level}`;
  }

  /** Says what the scenario does to the server, and how it ended. */
  event({ index, kind, state, fromUs, toUs, reason, detail }: EventRecord): void {
    const what = this.#events[index]?.text ?? kind;
    const at = formatDuration((toUs ?? fromUs) - this.#fromUs);
    const told = reason ?? detail;
    this.note(`at ${at}: ${what} ${STATES[state]}${told === undefined ? '' : `: ${told}`}`);
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

  /**
   * Returns the figures of the interval. With arrivals and clients together, the latencies are those of the arrivals,
   * because a figure over both would describe neither.
   */
  #describeLoad(
    record: IntervalRecord,
  ): IntervalFigures & Pick<LiveState, 'offeredPerSecond' | 'clientsPerSecond'> {
    const { open, closed } = describeInterval(record, (step) => this.#loops.get(step) === 'closed');
    const loops = new Set(this.#loops.values());
    if (!loops.has('closed')) return open;
    if (!loops.has('open')) return closed;
    return { ...open, clientsPerSecond: closed.achievedPerSecond };
  }

  /** Clears the view from the terminal. May be called twice. */
  ended(): void {
    this.#clear();
  }

  #draw(state: LiveState): void {
    // One column stays free, because some terminals wrap after the last one.
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
    // A terminal that became narrower has wrapped the lines on it.
    const columns = readColumns(this.#stream);
    const rows = this.#drawn.reduce(
      (sum, width) => sum + Math.max(1, Math.ceil(width / columns)),
      0,
    );
    if (rows > 0) this.#stream.write(UP_AND_CLEAR.repeat(rows));
    this.#drawn = [];
  }
}
