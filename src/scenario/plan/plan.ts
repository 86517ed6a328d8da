/** What a run will do, as pure data. Times are integer microseconds since T0, rates are per second. */

import { parseDuration } from '../duration.ts';
import type { DriverName } from '../schema/driver-name.ts';
import { type LoadBlock, listBlocks, type NamedBlock } from '../schema/load-schema.ts';
import type { Scenario } from '../schema/schema.ts';
import type { SslMode } from '../schema/sslmode.ts';
import { type BlockPlan, cutBlock, findPeakRate, planBlock, type Step } from './blocks.ts';
import { type Hold, planHold } from './hold.ts';
import { planRetry, planStop, type RetryPlan, type StopPlan } from './retry.ts';
import type { PlannedBlock } from './schedule.ts';
import { planSearch, type SearchPlan } from './search.ts';

export { SSL_MODES, type SslMode } from '../schema/sslmode.ts';
export type { ArrivalSchedule, BlockPlan, ClientsPlan, Spacing, Step } from './blocks.ts';
export { drawHoldUs, type Hold } from './hold.ts';
export type { RetryPlan, StopPlan } from './retry.ts';
export type { ClientPiece, RatePiece } from './schedule.ts';
export type { SearchPlan, SearchStep } from './search.ts';

/** How a ready connection is closed: Terminate and gone, Terminate and wait for the server's FIN, or RST. */
export type CloseMode = 'terminate' | 'server-first' | 'reset';

export interface Plan {
  seed: number;
  /** undefined: all is planned beforehand. */
  search: SearchPlan | undefined;
  /** Of a search none: it decides on them. */
  blocks: BlockPlan[];
  /** Of all blocks, numbered through. */
  steps: Step[];
  /** Of all open-loop blocks together; null where there is none. */
  arrivalCount: number | null;
  /** Until the last block ends; of a search at most. */
  durationUs: number;
  /**
   * Of the blocks together, at most; Infinity for clients at once, null where there are only closed loops, and where a
   * search has no highest rate.
   */
  peakRatePerSecond: number | null;
  /** Of the closed loops together, at most; null where there is none. */
  clientCount: number | null;
  /** As the scenario asks for all blocks together; the run decides where one of them does not. */
  maxInFlight: number | undefined;
  /** undefined: no sessions, an arrival is one attempt. */
  retry: RetryPlan | undefined;
  stop: StopPlan;
  driver: DriverName;
  connection: {
    /** undefined: as the target says, else `prefer`. */
    sslmode: SslMode | undefined;
    queries: number;
    holdUs: Hold;
    close: CloseMode;
    /** When an attempt that is not ready yet is given up on purpose; undefined: never. Below timeoutUs. */
    abandonAfterUs: number | undefined;
    timeoutUs: number;
    scramCache: boolean;
    /** Spread over the attempts by arrival index; empty: the kernel chooses. */
    localAddresses: readonly string[];
    /** Whether the server is asked for its own times, where it may be. */
    serverTimes: boolean;
  };
}

/** The plan of a scenario: the same for the same scenario, wherever and whenever it is made. */
export function planRun(scenario: Scenario): Plan {
  const { connection, seed } = scenario;
  const retry = planRetry(scenario.retry);
  const retries = retry !== undefined && retry.policy !== 'none';
  const search = planSearch(scenario.load, seed);
  const blocks = listPlanned(scenario.load).map((named, index) =>
    planBlock(named, { seed: seedOf(seed, index), retries }),
  );
  return {
    seed,
    search,
    blocks,
    ...(search === undefined ? measureLoad(blocks) : measureSearch(search)),
    retry,
    stop: planStop(scenario.stop),
    driver: connection.driver,
    connection: {
      sslmode: connection.sslmode,
      queries: connection.queries,
      holdUs: planHold(connection.hold),
      // An attempt that was ready in time is closed like any other.
      close: connection.close === 'abandon' ? 'terminate' : connection.close,
      abandonAfterUs:
        connection.abandonAfter === undefined ? undefined : parseDuration(connection.abandonAfter),
      timeoutUs: retry?.timeoutUs ?? parseDuration(connection.timeout),
      // pg derives at every login, whatever one asks.
      scramCache: connection.scramCache && connection.driver !== 'pg',
      localAddresses: connection.localAddresses ?? [],
      serverTimes: connection.serverTimes,
    },
  };
}

function listPlanned(load: Scenario['load']): NamedBlock<PlannedBlock>[] {
  return listBlocks<LoadBlock>(load).flatMap(({ block, ...named }) =>
    block.executor === 'saturation-search' ? [] : [{ ...named, block }],
  );
}

/** Nobody knows beforehand what a search comes to. */
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

/** Blocks that are alike must not come in step. The first one's is the scenario's own. */
function seedOf(seed: number, block: number): number {
  return (seed ^ Math.imul(block, 0x85ebca6b)) >>> 0;
}

/** What a load of several blocks comes to. */
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

/** null where none is present. */
function sumPresent(values: readonly (number | undefined)[]): number | null {
  const present = values.filter((value) => value !== undefined);
  return present.length === 0 ? null : present.reduce((sum, value) => sum + value, 0);
}

function sumIfAll(values: readonly (number | undefined)[]): number | undefined {
  const isAll = values.every((value) => value !== undefined);
  return isAll ? (sumPresent(values) ?? undefined) : undefined;
}
