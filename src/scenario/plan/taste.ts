import { parseDuration } from '../duration.ts';
import { isBlockMap, type LoadBlock, listBlocks } from '../schema/load-schema.ts';
import type { Scenario } from '../schema/schema.ts';
import type { Taste } from '../schema/taste-schema.ts';
import { type Plan, planRun } from './plan.ts';

type RateBlock = Extract<LoadBlock, { executor: 'constant-arrival-rate' }>;

/** Returns why the variants of a file cannot be tasted, one line each. */
export function findTasteProblems(
  variants: readonly { scenario: Pick<Scenario, 'load'> }[],
): string[] {
  const isRated = variants.every(({ scenario }) => listRateBlocks(scenario) !== undefined);
  return isRated ? [] : [NEEDS_RATES];
}

const NEEDS_RATES =
  'needs a load whose blocks all have the executor constant-arrival-rate: other loads have no constant rates that could be set';

/** The most attempts of a taste: enough to find the rate of a fast target. */
export const MOST_TASTED = 2000;

/** Returns the taste that a run begins with; undefined if it has none, or if a flag or the environment sets the rate. */
export function findTaste({
  taste,
  flagged = [],
}: {
  taste?: Taste;
  flagged?: readonly string[];
}): Taste | undefined {
  const isTasteFlagged = flagged.some((path) => path.startsWith('taste'));
  const isRateFlagged = flagged.some((path) => RATE_PATH.test(path));
  return isRateFlagged && !isTasteFlagged ? undefined : taste;
}

/** The rate of a load of one block, or of one of several blocks. */
const RATE_PATH = /(?:^|\.)load(?:\.[^.]+)?\.rate$/;

/** Plans the taste: clients in a closed loop, one connection after another, with the scenario's connection settings. */
export function planTaste(scenario: Scenario, { clients, duration }: Taste): Plan {
  const { retry, stop: _, ...kept } = scenario;
  const { abandonAfter: __, ...connection } = scenario.connection;
  const { timeout = connection.timeout } = retry ?? {};
  const close = connection.close === 'abandon' ? 'terminate' : connection.close;
  return planRun({
    ...kept,
    connection: { ...connection, timeout, close, hold: '0s' },
    load: {
      executor: 'constant-clients',
      clients,
      duration,
      think: '0s',
      startTime: '0s',
      gracefulStop: '10s',
    },
  });
}

/** Returns the highest rate of any block of these scenarios, per second. A taste chooses no higher one. */
export function findHighestRate(scenarios: readonly Pick<Scenario, 'load'>[]): number {
  const rates = scenarios.flatMap((scenario) => (listRateBlocks(scenario) ?? []).map(rateOf));
  return Math.max(0, ...rates);
}

/**
 * Returns the same scenario at other rates. The block whose rate is `highest` gets `ratePerSecond`, and the others keep
 * their ratio to it. The number of arrivals changes with the rates.
 */
export function settleRates(
  scenario: Scenario,
  { highest, ratePerSecond }: { highest: number; ratePerSecond: number },
): Scenario {
  const settle = (block: RateBlock): RateBlock => {
    const own = rateOf(block);
    const settled = own === highest ? ratePerSecond : (own * ratePerSecond) / highest;
    return { ...block, rate: (settled * parseDuration(block.timeUnit)) / 1e6 };
  };
  if (listRateBlocks(scenario) === undefined) return scenario;
  const { load } = scenario;
  if (!isBlockMap(load)) return { ...scenario, load: settle(load as RateBlock) };
  const blocks = Object.entries(load).map(([name, block]) => [name, settle(block as RateBlock)]);
  return { ...scenario, load: Object.fromEntries(blocks) };
}

/**
 * Returns a share of the slowest rate, rounded down to 1/s (below 10/s: to 0.1/s): at least one connect in
 * `durationUs`, at most `highest`.
 */
export function chooseRate(
  takenPerSecond: readonly number[],
  { share, highest, durationUs }: { share: number; highest: number; durationUs: number },
): number {
  const wanted = Math.min(highest, share * Math.min(...takenPerSecond));
  const unit = wanted >= 10 ? 1 : 0.1;
  const fewest = 1e6 / durationUs;
  return Math.min(highest, Math.max(fewest, Math.floor(wanted / unit) * unit));
}

/** Returns the blocks of a load if each has one constant rate, otherwise undefined. */
function listRateBlocks({ load }: Pick<Scenario, 'load'>): RateBlock[] | undefined {
  const blocks = listBlocks<LoadBlock>(load).map(({ block }) => block);
  const rated = blocks.filter((block) => block.executor === 'constant-arrival-rate');
  return rated.length === blocks.length ? rated : undefined;
}

/** Returns a block's rate per second. */
function rateOf({ rate, timeUnit }: RateBlock): number {
  return (rate * 1e6) / parseDuration(timeUnit);
}
