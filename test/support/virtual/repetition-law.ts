import { findCapacity } from '../../../src/analysis/search/answer/capacity.ts';
import type { Capacity } from '../../../src/result/records/capacity.ts';
import { createRandom } from '../../../src/scenario/plan/random.ts';
import type { SearchSettings } from '../../../src/scenario/plan/search-settings.ts';
import { searchVirtually, type VirtualPostmaster } from './virtual-postmaster.ts';

/** A kind of server that searches are repeated against; `draw` gives numbers in [0, 1). */
export type Model = (draw: () => number) => Omit<VirtualPostmaster, 'seed' | 'serviceS'>;

export const MODELS = {
  quiet: () => ({}),
  neighbour: () => ({
    isShared: true,
    neighbour: { most: 0.7, burstS: [1, 10], pauseS: [1, 20] },
  }),
  stalls: (draw) => ({ stalls: { perSecond: 0.1 + 0.4 * draw(), lengthS: 0.1 + 0.2 * draw() } }),
  drift: (draw) => ({ drift: { share: 0.4 * draw() - 0.2, overS: 45 } }),
  step: (draw) => ({ step: { atS: 10 + 15 * draw(), factor: draw() < 0.5 ? 2 / 3 : 4 / 3 } }),
  noise: (draw) => ({ noise: { medianS: 0.002 + 0.02 * draw(), sigma: 0.5 + draw() } }),
} satisfies Record<string, Model>;

export type ModelName = keyof typeof MODELS;

/** One search of a pair, and what was true meanwhile. */
export interface Repeat {
  capacity: Capacity;
  /** What an answer must hold: each level that lasted a quarter of the search, else the mean. */
  truths: number[];
  elapsedS: number;
}

const LASTING_SHARE = 0.25;

/** Two searches of the same server, each with luck of its own. */
export function searchTwice(
  name: ModelName,
  { seed, isHostSeen, settings }: { seed: number; isHostSeen: boolean; settings: SearchSettings },
): [Repeat, Repeat] {
  const draw = createRandom(seed);
  const perSecond = 100 + 300 * draw();
  const model = MODELS[name](draw);
  const repeat = (turn: number): Repeat => {
    const options = { ...model, isHostSeen, serviceS: 1 / perSecond, seed: seed * 2 + turn };
    const run = searchVirtually(options, settings);
    const { elapsedS } = run;
    const ending = run.moves.at(-1)?.reason ?? '';
    const truths = listTruths(name, run, perSecond);
    return {
      capacity: findCapacity(settings, run.steps, { reason: ending }, []),
      truths,
      elapsedS,
    };
  };
  return [repeat(0), repeat(1)];
}

function listTruths(
  name: ModelName,
  { capacity, elapsedS }: ReturnType<typeof searchVirtually>,
  perSecond: number,
): number[] {
  const mean = capacity.meanPerSecond(0, elapsedS);
  if (name === 'neighbour') return [perSecond];
  if (name !== 'step') return [mean];
  const lasted = new Map<number, number>();
  for (const stretch of capacity.until(elapsedS)) {
    const s = Math.min(elapsedS, stretch.toS) - stretch.fromS;
    lasted.set(stretch.perSecond, (lasted.get(stretch.perSecond) ?? 0) + s);
  }
  return [...lasted].filter(([, s]) => s >= LASTING_SHARE * elapsedS).map(([level]) => level);
}

export function holds(
  { lowerPerSecond, upperPerSecond }: Capacity,
  truths: readonly number[],
): boolean {
  return truths.every(
    (truth) => (lowerPerSecond ?? 0) <= truth && truth <= (upperPerSecond ?? Infinity),
  );
}

export function overlap(a: Capacity, b: Capacity): boolean {
  return (
    (a.lowerPerSecond ?? 0) <= (b.upperPerSecond ?? Infinity) &&
    (b.lowerPerSecond ?? 0) <= (a.upperPerSecond ?? Infinity)
  );
}

/** What many pairs of searches come to; `of`: out of how many. */
export interface Law {
  overlapping: Share;
  holding: Share;
  /** Of the unstable answers. */
  bounded: Share;
  found: Share;
  /** Medians: width of what was found as a share of its lower end, upper by lower bound of the unstable, length. */
  foundWidth: number;
  boundsRatio: number;
  elapsedS: number;
}

export interface Share {
  count: number;
  of: number;
}

/** Repeats pairs with seeds from `firstSeed` on. */
export function repeatPairs(
  name: ModelName,
  options: { firstSeed: number; pairs: number; isHostSeen: boolean; settings: SearchSettings },
): Law {
  const pairs = Array.from({ length: options.pairs }, (_, at) =>
    searchTwice(name, { ...options, seed: options.firstSeed + at }),
  );
  const repeats = pairs.flat();
  const found = repeats.filter(({ capacity }) => capacity.kind === 'found');
  const unstable = repeats.filter(({ capacity }) => capacity.kind === 'unstable');
  const bothFound = pairs.filter((pair) => pair.every(({ capacity }) => capacity.kind === 'found'));
  const holdsTruth = ({ capacity, truths }: Repeat): boolean => holds(capacity, truths);
  return {
    overlapping: share(bothFound, ([a, b]) => overlap(a.capacity, b.capacity)),
    holding: share(bothFound, (pair) => pair.every(holdsTruth)),
    bounded: share(unstable, holdsTruth),
    found: { count: found.length, of: repeats.length },
    foundWidth: medianOf(found.map(({ capacity }) => ratioOf(capacity) - 1)),
    boundsRatio: medianOf(unstable.map(({ capacity }) => ratioOf(capacity))),
    elapsedS: medianOf(repeats.map(({ elapsedS }) => elapsedS)),
  };
}

function share<T>(items: readonly T[], is: (item: T) => boolean): Share {
  return { count: items.filter(is).length, of: items.length };
}

/** Upper by lower; an open end is infinitely far. */
function ratioOf({ lowerPerSecond, upperPerSecond }: Capacity): number {
  return (upperPerSecond ?? Infinity) / (lowerPerSecond ?? 0);
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/**
 * Whether a count speaks against a true share of at least `share`: as few or fewer would come out in less than 5 % of all cases
 * (one-sided, binomial). Of none nothing speaks against anything.
 */
export function isBelow({ count, of }: Share, share: number): boolean {
  let logTerm = of * Math.log(1 - share);
  let tail = 0;
  for (let k = 0; k <= count; k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log(((of - k) / (k + 1)) * (share / (1 - share)));
  }
  return of > 0 && tail < 0.05;
}
