import { parseDuration } from '../duration.ts';
import { type Load, type LoadBlock, listBlocks } from '../schema/load-schema.ts';
import type { BlockPlan, Spacing, Step } from './blocks.ts';
import { countArrivals, type ScheduleProblem, type SearchBlock } from './schedule.ts';
import type { SearchSettings, StepRole } from './search-settings.ts';

/** A load whose steps are decided while it runs. */
export interface SearchPlan extends SearchSettings {
  spacing: Spacing;
  seed: number;
  gracefulStopUs: number;
  /** The scenario's caps, over all workers together. */
  maxInFlight: number | undefined;
  maxOpen: number | undefined;
}

/** A step that the search has decided on: arrivals at a rate, or the clients of a taste or control. */
export interface SearchStep {
  role: StepRole;
  /** Arrivals per second; for a taste or a control, the number of clients. */
  level: number;
  durationUs: number;
}

/** The beginning of a step is not measured: this share of the step, but at least SHORTEST_EDGE_US. */
const EDGE_SHARE = 0.15;
const SHORTEST_EDGE_US = 500_000;

/** Returns the plan of a search; undefined if the load's steps are planned beforehand. */
export function planSearch(load: Load, seed: number): SearchPlan | undefined {
  const [{ block } = {}] = listBlocks<LoadBlock>(load);
  if (block?.executor !== 'saturation-search') return undefined;
  const { startRate, maxRate, latencyGoal } = block;
  return {
    ...(startRate === undefined ? {} : { startRatePerSecond: startRate }),
    growth: block.growth,
    stepUs: parseDuration(block.stepDuration),
    ...(maxRate === undefined ? {} : { maxRatePerSecond: maxRate }),
    tolerance: block.tolerance,
    trials: block.trials,
    ...(latencyGoal === undefined ? {} : { latencyGoalUs: parseDuration(latencyGoal) }),
    maxDurationUs: parseDuration(block.maxDuration),
    spacing: block.arrivals,
    seed,
    gracefulStopUs: parseDuration(block.gracefulStop),
    maxInFlight: block.maxInFlight,
    maxOpen: block.maxOpen,
  };
}

/** Returns the block and the step for a search's decision, both numbered `index`, when they begin at `fromUs`. */
export function planSearchStep(
  search: SearchPlan,
  { role, level, durationUs }: SearchStep,
  { index, fromUs }: { index: number; fromUs: number },
): { block: BlockPlan; step: Step } {
  const toUs = fromUs + durationUs;
  const seed = (search.seed ^ Math.imul(index, 0x85ebca6b)) >>> 0;
  const isClosed = role === 'taste' || role === 'control';
  const edgeUs = Math.round(Math.max(SHORTEST_EDGE_US, durationUs * EDGE_SHARE));
  const window = {
    index,
    block: index,
    fromUs,
    toUs,
    role,
    measureFromUs: fromUs + Math.min(edgeUs, Math.floor(durationUs / 2)),
    measureToUs: toUs,
  };
  const block = {
    name: `${role} ${index}`,
    startUs: fromUs,
    endUs: toUs,
    gracefulStopUs: search.gracefulStopUs,
    lastsUntilEnd: isClosed,
    maxInFlight: search.maxInFlight,
    maxOpen: search.maxOpen,
  };
  if (isClosed) {
    const clients = { startClients: level, endClients: level };
    return {
      block: {
        ...block,
        executor: 'constant-clients',
        pace: {
          loop: 'closed',
          clients: {
            pieces: [{ ...clients, durationUs }],
            clientCount: level,
            think: { minUs: 0, maxUs: 0 },
            seed,
          },
        },
      },
      step: { ...window, loop: 'closed', ...clients, mostClients: level },
    };
  }
  const rates = { startRatePerSecond: level, endRatePerSecond: level };
  const pieces = [{ ...rates, durationUs }];
  const schedule = { pieces, spacing: search.spacing, seed, arrivalCount: countArrivals(pieces) };
  return {
    block: { ...block, executor: 'constant-arrival-rate', pace: { loop: 'open', schedule } },
    step: { ...window, loop: 'open', ...rates },
  };
}

/**
 * The fewest steps of a search: a taste or two, a baseline, one sustained rate, two steps in a row that are not
 * sustained.
 */
const FEWEST_STEPS = 6;

/**
 * Returns what is wrong with a search whose fields are each well-formed, and which other settings cannot be used with
 * it.
 */
export function findSearchProblems(
  load: Load,
  { hasRetry, holdsToTheEnd }: { hasRetry: boolean; holdsToTheEnd: boolean },
): ScheduleProblem[] {
  return listBlocks<LoadBlock>(load).flatMap(({ block, path }) => {
    if (block.executor !== 'saturation-search') return [];
    return [
      ...findOwnProblems(block, path),
      ...(hasRetry ? [{ path: ['retry'], text: NO_RETRY }] : []),
      ...(holdsToTheEnd ? [{ path: ['connection', 'hold'], text: NO_ENDLESS_HOLD }] : []),
    ];
  });
}

const NO_RETRY =
  'cannot be used with saturation-search: retries would be added to the rate that is tried';
const NO_ENDLESS_HOLD =
  'must not be end with saturation-search, because connections would add up from step to step: set a duration, as in 1s';

function findOwnProblems(block: SearchBlock, path: string[]): ScheduleProblem[] {
  const { startRate, maxRate, stepDuration, maxDuration } = block;
  const problems: ScheduleProblem[] = [];
  if (path.length > 1) {
    const text = 'is saturation-search, which must be the only block: write it under load itself';
    problems.push({ path: [...path, 'executor'], text });
  }
  if (startRate !== undefined && maxRate !== undefined && startRate > maxRate) {
    const text = `must be at most ${path.join('.')}.maxRate (${maxRate}), got ${startRate}`;
    problems.push({ path: [...path, 'startRate'], text });
  }
  if (parseDuration(maxDuration) < FEWEST_STEPS * parseDuration(stepDuration)) {
    const text = `must be at least ${FEWEST_STEPS} times stepDuration (${stepDuration}), got ${maxDuration}`;
    problems.push({ path: [...path, 'maxDuration'], text });
  }
  return problems;
}

/** Returns the settings of a search for a result file: everything that its decisions depend on. */
export function describeSearch(search: SearchPlan): SearchSettings {
  const { spacing, seed, gracefulStopUs, maxInFlight, maxOpen, ...record } = search;
  return record;
}
