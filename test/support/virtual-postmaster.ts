import { judgeStep } from '../../src/analysis/search/judge-step.ts';
import type { JudgedStep, StepOutcome } from '../../src/analysis/search/outcome.ts';
import { decide, type Move } from '../../src/analysis/search/search.ts';
import type { MetricSummary, Reason } from '../../src/result/summary-records.ts';
import { createRandom } from '../../src/scenario/random.ts';
import type { SearchSettings } from '../../src/scenario/search-settings.ts';

export interface VirtualPostmaster {
  seed: number;
  /** Of the serial stage, in seconds: a backend a turn. */
  serviceS: number;
  /** Each service takes between 1 - spread and 1 + spread of it. */
  spread?: number;
  /** Of the server, by the seed: so many a second, each so long. */
  stalls?: { perSecond: number; lengthS: number };
  /** The service time grows by this share over so many seconds, or shrinks where it is below 0. */
  drift?: { share: number; overS: number };
  /** Connections beyond it are refused; each is held so long. */
  slots?: { count: number; holdS: number };
}

const BACKEND_S = 0.003;
const PAUSE_S = 0.2;
const SAMPLE_S = 0.1;

/** One connect at a time, then backends side by side; its time is a number. */
class Server {
  readonly #options: VirtualPostmaster;
  readonly #random: () => number;
  #freeS = 0;
  #stallS: number;

  constructor(options: VirtualPostmaster) {
    this.#options = options;
    this.#random = createRandom(options.seed);
    this.#stallS = this.#drawGap();
  }

  /** When a connect that comes at `atS`, no earlier than those before it, is ready. */
  serve(atS: number): number {
    const beginS = Math.max(atS, this.#freeS);
    this.#freeS = this.#stall(beginS, beginS + this.#drawServiceS(beginS));
    return this.#freeS + BACKEND_S;
  }

  /** Connects a second at a moment, stalls included. */
  capacityAt(atS: number): number {
    const { stalls = { perSecond: 0, lengthS: 0 } } = this.#options;
    return (1 - stalls.perSecond * stalls.lengthS) / this.#serviceSAt(atS);
  }

  #serviceSAt(atS: number): number {
    const { serviceS, drift = { share: 0, overS: 1 } } = this.#options;
    return serviceS * (1 + drift.share * Math.min(1, atS / drift.overS));
  }

  #drawServiceS(atS: number): number {
    const { spread = 0.3 } = this.#options;
    return this.#serviceSAt(atS) * (1 + spread * (2 * this.#random() - 1));
  }

  /** A stall that begins before the end puts it off; one while nothing was to do as well. */
  #stall(beginS: number, endS: number): number {
    const { stalls } = this.#options;
    let readyS = endS;
    while (stalls !== undefined && this.#stallS < readyS) {
      const overS = this.#stallS + stalls.lengthS;
      if (overS > beginS) readyS += overS - Math.max(beginS, this.#stallS);
      this.#stallS = overS + this.#drawGap();
    }
    return readyS;
  }

  #drawGap(): number {
    const { stalls } = this.#options;
    if (stalls === undefined) return Number.POSITIVE_INFINITY;
    return -Math.log(1 - this.#random()) / stalls.perSecond;
  }
}

/** What connstorm's own fault made of a step, as far as its samples told; undefined: it was none of its fault. */
export type OwnFault = (step: { role: string; level: number; index: number }) => Reason | undefined;

/** A whole search against a server whose time is virtual. */
export function searchVirtually(
  options: VirtualPostmaster,
  settings: SearchSettings,
  blame: OwnFault = () => undefined,
) {
  const server = new Server(options);
  const steps: JudgedStep[] = [];
  const moves: Move[] = [];
  const capacities: { level: number; perSecond: number }[] = [];
  let nowS = 0;
  for (;;) {
    const move = decide(settings, steps, Math.round(nowS * 1e6));
    moves.push(move);
    if (move.next === 'done') return { steps, moves, elapsedS: nowS, capacities };
    const { outcome, drainedS } = runStep(server, options, move, nowS);
    const { role, level } = move;
    const own = blame({ role, level, index: steps.length });
    steps.push(judgeStep({ ...outcome, reasons: own === undefined ? [] : [own] }));
    capacities.push({ level: move.level, perSecond: server.capacityAt((nowS + drainedS) / 2) });
    nowS = drainedS + PAUSE_S;
  }
}

function runStep(
  server: Server,
  { slots }: VirtualPostmaster,
  { role, level, durationUs }: Extract<Move, { next: 'step' }>,
  fromS: number,
): { outcome: StepOutcome; drainedS: number } {
  const durationS = durationUs / 1e6;
  const toS = fromS + durationS;
  const measureFromS = fromS + Math.max(0.5, 0.15 * durationS);
  const times =
    role === 'taste' ? loop(server, level, fromS, toS) : arrive(server, level, fromS, toS);
  const { kept, refused } =
    slots === undefined ? { kept: times, refused: 0 } : refuse(times, slots);
  // One at a time in the order they come: both are sorted.
  const startsS = kept.map(({ startS }) => startS);
  const readiesS = kept.map(({ readyS }) => readyS);
  const inFlight: number[] = [];
  for (let atS = measureFromS; atS < toS; atS += SAMPLE_S) {
    inFlight.push(countUntil(startsS, atS) - countUntil(readiesS, atS));
  }
  const measuredS = toS - measureFromS;
  const completed = readiesS.filter((readyS) => readyS >= measureFromS && readyS < toS).length;
  const latenciesUs = kept.map(({ startS, readyS }) => Math.round((readyS - startS) * 1e6));
  return {
    outcome: {
      role,
      level,
      offeredPerSecond: role === 'taste' ? times.length / durationS : level,
      achievedPerSecond: completed / measuredS,
      started: times.length,
      dropped: 0,
      timedOut: 0,
      refused,
      broken: 0,
      inFlight,
      latency: summarise(latenciesUs),
      lateness: summarise([0]),
      measuredUs: measuredS * 1e6,
      ownCpuShare: null,
      reasons: [],
    },
    drainedS: Math.max(toS, readiesS.at(-1) ?? toS),
  };
}

/** Of sorted moments, those up to one. */
function countUntil(sortedS: readonly number[], atS: number): number {
  let [low, high] = [0, sortedS.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sortedS[middle] ?? 0) <= atS) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Times {
  startS: number;
  readyS: number;
}

function arrive(server: Server, rate: number, fromS: number, toS: number): Times[] {
  const count = Math.floor((toS - fromS) * rate + 1e-9);
  return Array.from({ length: count }, (_, index) => {
    const startS = fromS + index / rate;
    return { startS, readyS: server.serve(startS) };
  });
}

function loop(server: Server, clients: number, fromS: number, toS: number): Times[] {
  const starts = Array.from({ length: clients }, () => fromS);
  const times: Times[] = [];
  for (let startS = starts.shift(); startS !== undefined && startS < toS; startS = starts.shift()) {
    const readyS = server.serve(startS);
    times.push({ startS, readyS });
    starts.push(readyS);
  }
  return times;
}

function refuse(times: readonly Times[], { count, holdS }: { count: number; holdS: number }) {
  const kept: Times[] = [];
  let refused = 0;
  for (const time of times) {
    const open = kept.filter(
      ({ startS, readyS }) => startS <= time.startS && readyS + holdS > time.startS,
    );
    if (open.length < count) kept.push(time);
    else refused++;
  }
  return { kept, refused };
}

function summarise(valuesUs: readonly number[]): MetricSummary {
  const sorted = Float64Array.from(valuesUs).sort();
  const at = (q: number): number | null => sorted[Math.ceil(q * sorted.length) - 1] ?? null;
  return {
    count: sorted.length,
    minUs: at(0.0001),
    meanUs: at(0.5),
    p50Us: at(0.5),
    p90Us: at(0.9),
    p95Us: at(0.95),
    p99Us: at(0.99),
    p999Us: at(0.999),
    maxUs: at(1),
  };
}
