import { type Budget, type BudgetFigure, isRecoveryFigure, parseBudget } from '../budget.ts';
import { suggestNearest } from '../nearest.ts';
import type { ScheduleProblem } from '../plan/schedule.ts';
import { type LoadBlock, listBlocks } from '../schema/load-schema.ts';
import type { Scenario } from '../schema/schema.ts';

interface Named {
  /** undefined: the file has no variants, and this is its only scenario. */
  name: string | undefined;
  scenario: Scenario;
}

/**
 * Returns a problem for each budget on a figure that these variants cannot have. Texts that are no budgets are skipped.
 * `names`: the names of all variants, including those that are not well-formed.
 */
export function findBudgetProblems(
  budgets: readonly string[],
  variants: readonly Named[],
  names: readonly string[] = variants.flatMap(({ name }) => name ?? []),
): ScheduleProblem[] {
  return budgets.flatMap((given, index) => {
    const budget = parseBudget(given);
    if ('fault' in budget) return [];
    const text = describeProblem(budget, variants, names);
    return text === undefined ? [] : [{ path: ['budgets', index], text: `"${given}" ${text}` }];
  });
}

function describeProblem(
  budget: Budget,
  variants: readonly Named[],
  names: readonly string[],
): string | undefined {
  const { variant } = budget;
  if (variant !== undefined && !names.includes(variant)) {
    return names.length === 0
      ? 'selects a variant, and the scenario has none: leave the braces out'
      : `selects a variant that does not exist: there are ${names.join(', ')}${suggestNearest(variant, names)}`;
  }
  for (const { name, scenario } of variants) {
    if (variant !== undefined && variant !== name) continue;
    const obstacle = findObstacle(budget, scenario);
    const whose = name === undefined ? '' : `variant ${name}: `;
    if (obstacle !== undefined) return `does not fit the scenario: ${whose}${obstacle}`;
  }
  return undefined;
}

/** Returns why the scenario has no such figure; undefined if it has one. */
function findObstacle({ figure }: Budget, scenario: Scenario): string | undefined {
  const { metric } = figure;
  const blocks = listBlocks<LoadBlock>(scenario.load).map(({ block }) => block);
  const isSearch = blocks.some(({ executor }) => executor === 'saturation-search');
  if (isSearch && metric !== 'capacity') return SEARCH_HAS_ONE;
  if (isSearch && figure.unit === 'perSecond' && figure.of === 'underGoal') {
    const hasGoal = blocks.some(
      (block) => 'latencyGoal' in block && block.latencyGoal !== undefined,
    );
    return hasGoal ? undefined : NEEDS_LATENCY_GOAL;
  }
  if (isSearch) return undefined;
  if (metric === 'capacity') return NEEDS_SEARCH;
  if (metric === 'tls' && scenario.connection.sslmode === 'disable') return NEEDS_TLS;
  const isClosed = blocks.every(({ executor }) => executor.endsWith('-clients'));
  if (isClosed && metric === 'latency') return CLOSED_HAS_NO_LATENCY;
  if (isClosed && metric === 'dropped') return CLOSED_DROPS_NOTHING;
  const { queries, statements } = scenario.connection;
  if (ASKS.includes(metric) && queries === 0 && statements === undefined) {
    return `there is no ${metric} without a query. Set connection.queries to 1 or more`;
  }
  if (TELLS_USABLE.includes(metric) && queries < 2 && statements === undefined) {
    return `there is no ${metric} without statements. Set connection.statements, or connection.queries to 2 or more`;
  }
  if (metric === 'sessionLatency' && scenario.retry === undefined) return NEEDS_RETRY;
  if (metric === 'attemptsPerSuccess' && scenario.retry === undefined) return NEEDS_RETRY;
  if (isRecoveryFigure(figure)) {
    if (!mayBeDisturbed(scenario)) return NEEDS_DISTURBANCE;
    if (isClosed && metric === 'recovery') return CLOSED_HAS_NO_ARRIVALS;
  }
  if (metric === 'goodput' && scenario.retry?.goal === undefined) return NEEDS_GOAL;
  return undefined;
}

/** Returns whether a run of the scenario may have recovery figures. */
function mayBeDisturbed({ events = [], retry }: Scenario): boolean {
  return events.length > 0 || (retry !== undefined && retry.policy !== 'none');
}

const NEEDS_DISTURBANCE =
  'nothing disturbs the load. Set events, or retry, with which it counts as a disturbance if the server cuts sessions';
const CLOSED_HAS_NO_ARRIVALS =
  'recovery is seen by the latency of arrivals, and the clients of a closed loop have none. Use outage';
const SEARCH_HAS_ONE =
  'a saturation-search tries many rates, and this figure would mix them. Give a budget for the capacity, such as capacity value > 400/s';
/** Figures that need queries. */
const ASKS: readonly BudgetFigure['metric'][] = [
  'firstQuery',
  'firstQueryServiceTime',
  'query',
  'queryFailed',
];
/** Figures that need statements. */
const TELLS_USABLE: readonly BudgetFigure['metric'][] = ['usable', 'usableServiceTime'];
const NEEDS_TLS = 'connection.sslmode is disable, so that no connect has a TLS phase';
const NEEDS_LATENCY_GOAL = 'the search has no goal for its latency. Set load.latencyGoal';
const NEEDS_SEARCH =
  'only a search finds a capacity. Use a load with the executor saturation-search';
const CLOSED_HAS_NO_LATENCY =
  'latency counts from a scheduled arrival, and a closed loop has no schedule. Use serviceTime';
const CLOSED_DROPS_NOTHING =
  'clients of a closed loop wait, so that no arrival is dropped. The budget can never fail';
const NEEDS_RETRY = 'the scenario has no sessions. Set retry';
const NEEDS_GOAL = 'the sessions have no goal. Set retry.goal';
