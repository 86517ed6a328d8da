/** The plan of a run, as pure data. Times are integer microseconds since T0, rates are per second. */

import { parseDuration } from '../duration.ts';
import { type EventPlan, planEvents } from '../events/plan-events.ts';
import type { DriverName } from '../schema/driver-name.ts';
import { type LoadBlock, listBlocks, type NamedBlock } from '../schema/load-schema.ts';
import type { Scenario } from '../schema/schema.ts';
import type { SslMode } from '../schema/sslmode.ts';
import type { Protocol } from '../statements.ts';
import { type BlockPlan, cutBlock, findPeakRate, planBlock, type Step } from './blocks.ts';
import { type Hold, planHold } from './hold.ts';
import { planRetry, planStop, type RetryPlan, type StopPlan } from './retry.ts';
import type { PlannedBlock } from './schedule.ts';
import { planSearch, type SearchPlan } from './search.ts';

export type { EventPlan } from '../events/plan-events.ts';
export { SSL_MODES, type SslMode } from '../schema/sslmode.ts';
export type { ArrivalSchedule, BlockPlan, ClientsPlan, Spacing, Step } from './blocks.ts';
export { drawHoldUs, type Hold } from './hold.ts';
export type { RetryPlan, StopPlan } from './retry.ts';
export type { ClientPiece, RatePiece } from './schedule.ts';
export type { SearchPlan, SearchStep } from './search.ts';

/**
 * The way in which a ready connection is closed: Terminate without waiting, Terminate and a wait for the server's FIN,
 * or RST.
 */
export type CloseMode = 'terminate' | 'server-first' | 'reset';

export interface Plan {
  seed: number;
  /** undefined: the whole load is planned beforehand. */
  search: SearchPlan | undefined;
  /** Empty for a search, which decides on its blocks during the run. */
  blocks: BlockPlan[];
  /** The steps of all blocks, with one numbering for all. */
  steps: Step[];
  /** Arrivals of all open-loop blocks together; null without any such block. */
  arrivalCount: number | null;
  /** Time until the last block ends; for a search the longest time. */
  durationUs: number;
  /**
   * The highest rate of all blocks together. Infinity if clients come all at once; null if there are only closed loops,
   * or if a search has no highest rate.
   */
  peakRatePerSecond: number | null;
  /** The most clients of all closed loops together; null without any. */
  clientCount: number | null;
  /** The scenario's cap for all blocks together; undefined if a block has none: the run then decides. */
  maxInFlight: number | undefined;
  /** undefined: there are no sessions, and each arrival is a single attempt. */
  retry: RetryPlan | undefined;
  stop: StopPlan;
  /** In the order in which they are written. Legs have them; warm-ups and tastes ignore them. */
  events: EventPlan[];
  driver: DriverName;
  connection: {
    /** undefined: the target's sslmode, otherwise `prefer`. */
    sslmode: SslMode | undefined;
    /** Number of statements that each connection sends. */
    queries: number;
    /** The scenario's own statements, in their order; undefined: `SELECT 1`, as often as `queries` says. */
    statements: readonly string[] | undefined;
    protocol: Protocol;
    /** Whether the scenario's own statements may write to a target. */
    writes: boolean;
    /** Whether the time until the last statement's result is a figure of its own. */
    tellsUsable: boolean;
    holdUs: Hold;
    close: CloseMode;
    /** Time from its start after which an attempt that is not ready is abandoned; undefined: never. Below timeoutUs. */
    abandonAfterUs: number | undefined;
    timeoutUs: number;
    scramCache: boolean;
    /** Spread over the attempts by arrival index; empty: the kernel chooses. */
    localAddresses: readonly string[];
    /** Whether the server is asked for its own times, if the database user may ask. */
    serverTimes: boolean;
  };
}

/** Returns the plan of a scenario. The same scenario always gives the same plan. */
export function planRun(scenario: Scenario): Plan {
  const { connection, seed } = scenario;
  const retry = planRetry(scenario.retry);
  const retries = retry !== undefined && retry.policy !== 'none';
  const events = planEvents(scenario.events);
  const search = planSearch(scenario.load, seed);
  const blocks = listPlanned(scenario.load).map((named, index) =>
    planBlock(named, { seed: seedOf(seed, index), retries, hasEvents: events.length > 0 }),
  );
  return {
    seed,
    search,
    blocks,
    ...(search === undefined ? measureLoad(blocks) : measureSearch(search)),
    retry,
    stop: planStop(scenario.stop),
    events,
    driver: connection.driver,
    connection: {
      sslmode: connection.sslmode,
      ...planStatements(connection),
      holdUs: planHold(connection.hold),
      // An attempt that was ready in time is closed like any other.
      close: connection.close === 'abandon' ? 'terminate' : connection.close,
      abandonAfterUs:
        connection.abandonAfter === undefined ? undefined : parseDuration(connection.abandonAfter),
      timeoutUs: retry?.timeoutUs ?? parseDuration(connection.timeout),
      // The pg driver derives the key at every login, whatever the scenario says.
      scramCache: connection.scramCache && connection.driver !== 'pg',
      localAddresses: connection.localAddresses ?? [],
      serverTimes: connection.serverTimes,
    },
  };
}

/** With one SELECT 1 the figure `usable` would equal the first query, so there is none. */
function planStatements({
  queries,
  statements,
  protocol = 'simple',
  writes = false,
}: Scenario['connection']): Pick<
  Plan['connection'],
  'queries' | 'statements' | 'protocol' | 'writes' | 'tellsUsable'
> {
  const count = statements?.length ?? queries;
  const tellsUsable = statements !== undefined || count > 1;
  return { queries: count, statements, protocol, writes, tellsUsable };
}

function listPlanned(load: Scenario['load']): NamedBlock<PlannedBlock>[] {
  return listBlocks<LoadBlock>(load).flatMap(({ block, ...named }) =>
    block.executor === 'saturation-search' ? [] : [{ ...named, block }],
  );
}

/** Returns the figures of a search's load as far as they are known beforehand. */
function measureSearch({
  maxDurationUs,
  maxRatePerSecond,
  maxInFlight,
}: SearchPlan): ReturnType<typeof measureLoad> {
  return {
    steps: [],
    arrivalCount: null,
    durationUs: maxDurationUs,
    peakRatePerSecond: maxRatePerSecond ?? null,
    clientCount: null,
    maxInFlight,
  };
}

/**
 * Returns a block's seed. Each block has its own, so that equal blocks do not run in step. The first has the
 * scenario's.
 */
function seedOf(seed: number, block: number): number {
  return (seed ^ Math.imul(block, 0x85ebca6b)) >>> 0;
}

/** Returns the steps and totals of a load of several blocks. */
export function measureLoad(
  blocks: readonly BlockPlan[],
): Pick<
  Plan,
  'steps' | 'arrivalCount' | 'durationUs' | 'peakRatePerSecond' | 'clientCount' | 'maxInFlight'
> {
  const steps = blocks.flatMap((block, index) =>
    cutBlock(block).map((step) => ({ ...step, block: index })),
  );
  const counts = blocks.map(({ pace }) =>
    pace.loop === 'open' ? pace.schedule.arrivalCount : undefined,
  );
  const clients = blocks.map(({ pace }) =>
    pace.loop === 'closed' ? pace.clients.clientCount : undefined,
  );
  return {
    steps: steps.map((step, index) => ({ ...step, index })),
    arrivalCount: sumPresent(counts),
    durationUs: Math.max(...blocks.map(({ endUs }) => endUs)),
    peakRatePerSecond: sumPresent(blocks.map(findPeakRate)),
    clientCount: sumPresent(clients),
    maxInFlight: sumIfAll(blocks.map(({ maxInFlight }) => maxInFlight)),
  };
}

/** Returns the sum of the values that are present; null if none is. */
function sumPresent(values: readonly (number | undefined)[]): number | null {
  const present = values.filter((value) => value !== undefined);
  return present.length === 0 ? null : present.reduce((sum, value) => sum + value, 0);
}

function sumIfAll(values: readonly (number | undefined)[]): number | undefined {
  const isAll = values.every((value) => value !== undefined);
  return isAll ? (sumPresent(values) ?? undefined) : undefined;
}
