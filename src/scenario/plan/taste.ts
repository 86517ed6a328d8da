import { parseDuration } from '../duration.ts';
import { isBlockMap, type LoadBlock } from '../schema/load-schema.ts';
import type { Scenario } from '../schema/schema.ts';
import type { Taste } from '../schema/taste-schema.ts';
import { type Plan, planRun } from './plan.ts';

type RateBlock = Extract<LoadBlock, { executor: 'constant-arrival-rate' }>;

/** What keeps the variants of a file from being tasted, a line each. */
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

/** A target that is fast tells enough in so many attempts. */
export const MOST_TASTED = 2000;

/** The taste that a run is to begin with; undefined without one, and where a flag or the environment says the rate. */
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

/** Clients in a closed loop, one connection after another, as the scenario connects. */
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

/** The highest rate that a taste may settle on. */
export function findHighestRate(scenario: Scenario): number {
  const block = pickBlock(scenario);
  return block === undefined ? 0 : (block.rate * 1e6) / parseDuration(block.timeUnit);
}

/** The same scenario at another rate, and the number of its arrivals with it. */
export function settleRate(scenario: Scenario, ratePerSecond: number): Scenario {
  const block = pickBlock(scenario);
  if (block === undefined) return scenario;
  const rate = (ratePerSecond * parseDuration(block.timeUnit)) / 1e6;
  return { ...scenario, load: { ...block, rate } };
}

/** A share of what the slowest took, in whole connects a second from 10 on; at least one in `durationUs`, at most `highest`. */
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
