import { parseDuration } from '../duration.ts';
import { isBlockMap, type LoadBlock } from '../schema/load-schema.ts';
import type { Scenario } from '../schema/schema.ts';
import type { Taste } from '../schema/taste-schema.ts';
import { type Plan, planRun } from './plan.ts';

type RateBlock = Extract<LoadBlock, { executor: 'constant-arrival-rate' }>;

/** Returns why the variants of a file cannot be tasted, one line each. */
export function findTasteProblems(
  variants: readonly { scenario: Pick<Scenario, 'load'> }[],
): string[] {
  const blocks = variants.map(({ scenario }) => pickBlock(scenario));
  if (blocks.some((block) => block === undefined)) return [NEEDS_RATE];
  const rates = new Set(blocks.map((block) => `${block?.rate} per ${block?.timeUnit}`));
  return rates.size > 1 ? [`${NEEDS_ONE_RATE}, got ${[...rates].join(' and ')}`] : [];
}

const NEEDS_RATE =
  'needs a load of one block with the executor constant-arrival-rate: other loads do not have one rate that could be set';
const NEEDS_ONE_RATE =
  'needs the same load.rate in all variants, because load.rate is the upper limit of the rate that is found';

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
  const isRateFlagged = flagged.some((path) => path.endsWith('load.rate'));
  return isRateFlagged && !isTasteFlagged ? undefined : taste;
}

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

/** Returns the highest rate that a taste may choose, per second. */
export function findHighestRate(scenario: Scenario): number {
  const block = pickBlock(scenario);
  return block === undefined ? 0 : (block.rate * 1e6) / parseDuration(block.timeUnit);
}

/** Returns the same scenario at another rate; the number of its arrivals changes with it. */
export function settleRate(scenario: Scenario, ratePerSecond: number): Scenario {
  const block = pickBlock(scenario);
  if (block === undefined) return scenario;
  const rate = (ratePerSecond * parseDuration(block.timeUnit)) / 1e6;
  return { ...scenario, load: { ...block, rate } };
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

function pickBlock({ load }: Pick<Scenario, 'load'>): RateBlock | undefined {
  if (isBlockMap(load)) return undefined;
  const block = load as LoadBlock;
  return block.executor === 'constant-arrival-rate' ? block : undefined;
}
