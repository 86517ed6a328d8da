import type { BudgetFigure } from '../budget.ts';
import { describeNamed, type FigureNeed } from '../named-figure.ts';
import { isSearch } from '../plan/quick.ts';
import { type LoadBlock, listBlocks } from '../schema/load-schema.ts';
import type { Scenario } from '../schema/schema.ts';
import { findBackgroundObstacle } from './background-obstacle.ts';

/** Returns why a run of the scenario has no such figure; undefined if it has one. */
export function findObstacle(figure: BudgetFigure, scenario: Scenario): string | undefined {
  if (figure.kind === 'background') return findBackgroundObstacle(figure, scenario);
  const isSearched = isSearch(scenario);
  if (figure.kind === 'named') {
    const { needs, mixes } = describeNamed(figure.name);
    if (isSearched && figure.metric !== 'capacity' && mixes !== true) return SEARCH_HAS_ONE;
    return needs === undefined ? undefined : OBSTACLES[needs](scenario, figure.metric);
  }
  return isSearched ? SEARCH_HAS_ONE : findObstacleOfTime(figure.metric, scenario);
}

function findObstacleOfTime(metric: string, scenario: Scenario): string | undefined {
  if (metric === 'tls' && scenario.connection.sslmode === 'disable') return NEEDS_TLS;
  if (metric === 'latency' && isClosed(scenario)) return CLOSED_HAS_NO_LATENCY;
  if (metric === 'sessionLatency') return OBSTACLES.retry(scenario, metric);
  const { queries, statements } = scenario.connection;
  if (TELLS_USABLE.includes(metric) && queries < 2 && statements === undefined) {
    return `there is no ${metric} without statements. Set connection.statements, or connection.queries to 2 or more`;
  }
  return ASKS.includes(metric) ? OBSTACLES.queries(scenario, metric) : undefined;
}

const OBSTACLES: Record<FigureNeed, (scenario: Scenario, metric: string) => string | undefined> = {
  search: (scenario) => (isSearch(scenario) ? undefined : NEEDS_SEARCH),
  latencyGoal: (scenario) => {
    if (!isSearch(scenario)) return NEEDS_SEARCH;
    const hasGoal = listLoads(scenario).some(
      (block) => 'latencyGoal' in block && block.latencyGoal !== undefined,
    );
    return hasGoal ? undefined : NEEDS_LATENCY_GOAL;
  },
  retry: ({ retry }) => (retry === undefined ? NEEDS_RETRY : undefined),
  goal: ({ retry }) => (retry?.goal === undefined ? NEEDS_GOAL : undefined),
  disturbance: (scenario) => (mayBeDisturbed(scenario) ? undefined : NEEDS_DISTURBANCE),
  disturbedArrivals: (scenario, metric) =>
    OBSTACLES.disturbance(scenario, metric) ??
    (isClosed(scenario) ? CLOSED_HAS_NO_LATENCIES : undefined),
  reconnects: ({ retry }) =>
    retry === undefined || retry.policy === 'none' ? NEEDS_RECONNECTS : undefined,
  restart: ({ events = [] }) =>
    events.some(({ do: kind }) => kind === 'restart') ? undefined : NEEDS_RESTART,
  schedule: (scenario) => (isClosed(scenario) ? CLOSED_DROPS_NOTHING : undefined),
  arrivals: (scenario) => (isClosed(scenario) ? CLOSED_HAS_NO_ARRIVALS : undefined),
  queries: ({ connection: { queries, statements } }, metric) =>
    queries === 0 && statements === undefined
      ? `there is no ${metric} without a query. Set connection.queries to 1 or more`
      : undefined,
  cpuOfQueries: (scenario, metric) =>
    OBSTACLES.probes(scenario, metric) ?? OBSTACLES.queries(scenario, 'query'),
  held: ({ background = {} }) =>
    Object.values(background).some(({ activity }) => activity === 'held') ? undefined : NEEDS_HELD,
  probes: ({ probes = false }) => (probes === false ? NEEDS_PROBES : undefined),
};

function listLoads({ load }: Scenario): LoadBlock[] {
  return listBlocks<LoadBlock>(load).map(({ block }) => block);
}

/** Returns whether a run of the scenario may have recovery figures. */
function mayBeDisturbed({ events = [], retry }: Scenario): boolean {
  return events.length > 0 || (retry !== undefined && retry.policy !== 'none');
}

/** Returns whether all of the load is closed loops, whose clients come again as soon as they are served. */
export function isClosed(scenario: Scenario): boolean {
  return listLoads(scenario).every(({ executor }) => executor.endsWith('-clients'));
}

const SEARCH_HAS_ONE =
  'a saturation-search tries many rates, and this figure would mix them. Use the capacity, as in: capacity value > 400/s';
/** Figures that need queries. */
const ASKS: readonly string[] = ['firstQuery', 'firstQueryServiceTime', 'query'];
/** Figures that need statements. */
const TELLS_USABLE: readonly string[] = ['usable', 'usableServiceTime'];
const NEEDS_TLS = 'connection.sslmode is disable, so no connect has a TLS phase';
const NEEDS_LATENCY_GOAL = 'the search has no goal for its latency. Set load.latencyGoal';
const NEEDS_SEARCH =
  'only a search finds a capacity. Use a load with the executor saturation-search';
const CLOSED_HAS_NO_LATENCY =
  'latency counts from a scheduled arrival, and a closed loop has no schedule. Use serviceTime';
const CLOSED_DROPS_NOTHING =
  'clients of a closed loop wait, so that no arrival is dropped. The budget can never fail';
const CLOSED_HAS_NO_ARRIVALS = 'clients of a closed loop come again and again, so none is the last';
const NEEDS_DISTURBANCE =
  'nothing can disturb the load. Set events, or set retry, so that cuts of sessions by the server are seen';
const CLOSED_HAS_NO_LATENCIES =
  'recovery shows in the latency of arrivals, and the clients of a closed loop have none. Use outage';
const NEEDS_RECONNECTS =
  'clients that are cut come back only with retry. Set retry.policy, not to none';
const NEEDS_RESTART = 'only a restart has this figure. Set events, as in - { at: 5s, do: restart }';
const NEEDS_RETRY = 'the scenario has no sessions. Set retry';
const NEEDS_GOAL = 'the sessions have no goal. Set retry.goal';
const NEEDS_PROBES = 'nothing samples the target. Set probes: true';
const NEEDS_HELD =
  'nothing is held beside the load. Set background, as in: { held: { activity: held, connections: 100 } }';
