import { judgeStep } from '../../../src/analysis/search/judge-step.ts';
import type { JudgedStep, StepOutcome } from '../../../src/analysis/search/outcome.ts';
import { decide, type Move } from '../../../src/analysis/search/search.ts';
import type { HostShares } from '../../../src/analysis/validity/host-shares.ts';
import type { MetricSummary, Reason } from '../../../src/result/records/summary-figures.ts';
import { createRandom } from '../../../src/scenario/plan/random.ts';
import type { SearchSettings } from '../../../src/scenario/plan/search-settings.ts';
import { type Changes, VirtualCapacity } from './virtual-capacity.ts';
import { type Queue, SerialQueue, SharedQueue, type Times } from './virtual-queue.ts';

export interface VirtualPostmaster extends Changes {
  seed: number;
  /** Of the serial stage, in seconds: a backend a turn. */
  serviceS: number;
  /** Each service takes between 1 - spread and 1 + spread of it. */
  spread?: number;
  /** Everybody is served at once, each at a part of the speed. */
  isShared?: boolean;
  /** Beside the service, at no cost to others: log-normal, with this median and sigma. */
  noise?: { medianS: number; sigma: number };
  /** The host is seen: what its neighbour takes is in the steps' evidence. */
  isHostSeen?: boolean;
  /** Connections beyond it are refused; each is held so long. */
  slots?: { count: number; holdS: number };
}

const BACKEND_S = 0.003;
const PAUSE_S = 0.2;
const SAMPLE_S = 0.1;

/** What connstorm's own fault made of a step, as far as its samples told; undefined: it was none of its fault. */
export type OwnFault = (step: { role: string; level: number; index: number }) => Reason | undefined;

class Server {
  readonly options: VirtualPostmaster;
  readonly capacity: VirtualCapacity;
  readonly random: () => number;
  readonly queue: Queue;

  constructor(options: VirtualPostmaster) {
    const { seed, serviceS, isShared = false } = options;
    this.options = options;
    this.capacity = new VirtualCapacity(1 / serviceS, options, seed ^ 0x5bd1e995);
    this.random = createRandom(seed);
    this.queue = isShared ? new SharedQueue(this.capacity) : new SerialQueue(this.capacity);
  }

  drawWork(): number {
    const { spread = 0.3 } = this.options;
    return 1 + spread * (2 * this.random() - 1);
  }

  /** From being served to being ready. */
  drawRestS(): number {
    const { noise } = this.options;
    if (noise === undefined) return BACKEND_S;
    const normal =
      Math.sqrt(-2 * Math.log(1 - this.random())) * Math.cos(2 * Math.PI * this.random());
    return BACKEND_S + noise.medianS * Math.exp(noise.sigma * normal);
  }
}

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
    if (move.next === 'done') {
      return { steps, moves, elapsedS: nowS, capacities, capacity: server.capacity };
    }
    const { outcome, drainedS } = runStep(server, move, nowS);
    const { role, level } = move;
    const own = blame({ role, level, index: steps.length });
    steps.push(judgeStep({ ...outcome, reasons: own === undefined ? [] : [own] }));
    const middleS = (nowS + drainedS) / 2;
    capacities.push({ level, perSecond: server.capacity.at(middleS).perSecond });
    nowS = drainedS + PAUSE_S;
  }
}

function runStep(
  server: Server,
  { role, level, durationUs }: Extract<Move, { next: 'step' }>,
  fromS: number,
): { outcome: StepOutcome; drainedS: number } {
  const { slots } = server.options;
  const durationS = durationUs / 1e6;
  const toS = fromS + durationS;
  const measureFromS = fromS + Math.max(0.5, 0.15 * durationS);
  const isClosed = role === 'taste' || role === 'control';
  const times = (isClosed ? loop : arrive)(server, level, fromS, toS);
  const { kept, refused } =
    slots === undefined ? { kept: times, refused: 0 } : refuse(times, slots);
  const startsS = sortNumbers(kept.map(({ startS }) => startS));
  const readiesS = sortNumbers(kept.map(({ readyS }) => readyS));
  const inFlight: number[] = [];
  for (let atS = measureFromS; atS < toS; atS += SAMPLE_S) {
    inFlight.push(countUntil(startsS, atS) - countUntil(readiesS, atS));
  }
  const measuredS = toS - measureFromS;
  const completed = countUntil(readiesS, toS) - countUntil(readiesS, measureFromS);
  const latenciesUs = kept.map(({ startS, readyS }) => Math.round((readyS - startS) * 1e6));
  return {
    outcome: {
      role,
      atUs: ((measureFromS + toS) / 2) * 1e6,
      level,
      offeredPerSecond: isClosed ? times.length / durationS : level,
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
      served: true,
      isBrokenAtEnd: false,
      reasons: [],
      ...(server.options.isHostSeen === true ? { host: seeHost(server, fromS, toS) } : {}),
    },
    drainedS: Math.max(toS, readiesS.at(-1) ?? toS),
  };
}

/** Samples of a host that is busy, each a second at most, with an error of some hundredths. */
function seeHost({ capacity, random }: Server, fromS: number, toS: number): HostShares[] {
  const stretches: HostShares[] = [];
  for (let atS = fromS; atS < toS; atS += 1) {
    const endS = Math.min(toS, atS + 1);
    const others = capacity.meanTaken(atS, endS) + 0.04 * (random() - 0.5);
    stretches.push({ elapsedUs: (endS - atS) * 1e6, idle: 0.02, stolen: 0, others });
  }
  return stretches;
}

/** Of sorted moments, those up to one. */
function countUntil(sortedS: Float64Array, atS: number): number {
  let [low, high] = [0, sortedS.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sortedS[middle] ?? 0) <= atS) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Arrivals at an even rate; all that come are served in the end. */
function arrive(server: Server, rate: number, fromS: number, toS: number): Times[] {
  const { queue } = server;
  const times: Times[] = [];
  const takeAll = (beforeS: number): void => {
    for (let one = queue.take(beforeS); one !== undefined; one = queue.take(beforeS)) {
      times.push({ startS: one.startS, readyS: one.readyS + server.drawRestS() });
    }
  };
  const count = Math.floor((toS - fromS) * rate + 1e-9);
  for (let index = 0; index < count; index++) {
    const startS = fromS + index / rate;
    takeAll(startS);
    queue.add(startS, server.drawWork());
  }
  takeAll(Number.POSITIVE_INFINITY);
  return times;
}

/** Clients that connect again as soon as they are ready. */
function loop(server: Server, clients: number, fromS: number, toS: number): Times[] {
  const { queue } = server;
  const times: Times[] = [];
  /** When those who are not with the server come, soonest first. */
  const comingS = Array.from({ length: clients }, () => fromS);
  for (;;) {
    const nextS = comingS[0] ?? Number.POSITIVE_INFINITY;
    const one = queue.take(nextS);
    if (one === undefined) {
      if (comingS.length === 0) return times;
      comingS.shift();
      queue.add(nextS, server.drawWork());
      continue;
    }
    const readyS = one.readyS + server.drawRestS();
    times.push({ startS: one.startS, readyS });
    if (readyS < toS) insertSorted(comingS, readyS);
  }
}

function insertSorted(sorted: number[], value: number): void {
  const at = sorted.findIndex((other) => other > value);
  sorted.splice(at < 0 ? sorted.length : at, 0, value);
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

function sortNumbers(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}

function summarise(valuesUs: readonly number[]): MetricSummary {
  const sorted = sortNumbers(valuesUs);
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
