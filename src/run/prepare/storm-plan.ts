import { estimateUs } from '../../analysis/search/settings.ts';
import { describeEvent } from '../../scenario/events/describe-event.ts';
import { type BlockPlan, findPeakRate } from '../../scenario/plan/blocks.ts';
import { noteHeld } from '../../scenario/plan/hold.ts';
import type { Plan, SearchPlan } from '../../scenario/plan/plan.ts';
import { describeSearch } from '../../scenario/plan/search.ts';
import type { EventIntent, SearchIntent, StormPlan } from '../../targets/visit/describe-storm.ts';

/**
 * Sums up all rounds of all variants for the question to a person. `warmUps`: the warm-ups before them, which are load
 * as well.
 */
export function sumUpStorms(
  plans: readonly Plan[],
  {
    warmUps,
    repeat,
    isBeyondSlots,
  }: { warmUps: readonly Plan[]; repeat: number; isBeyondSlots: boolean },
): StormPlan {
  const all = [...plans, ...warmUps];
  const caps = plans.map(({ maxInFlight }) => maxInFlight);
  const known = caps.filter((cap) => cap !== undefined);
  return {
    peakRatePerSecond: findMost(plans.map(findRate)),
    atOnce: findMost(plans.map(countAtOnce)),
    clientCount: findMost(plans.map(({ clientCount }) => clientCount)),
    search: findSearch(plans, repeat),
    maxInFlight: known.length === caps.length ? Math.max(...known) : undefined,
    isBeyondSlots,
    arrivalCount: countArrivals(all, repeat),
    isTasted: false,
    triesEach: Math.max(...plans.map(({ retry }) => retry?.maxAttempts ?? 1)),
    durationUs: repeat * sum(all.map(estimateRunUs)),
    statements: {
      reading: listStatements(plans.filter(({ connection }) => !connection.writes)),
      writing: listStatements(plans.filter(({ connection }) => connection.writes)),
    },
    events: listEvents(plans),
  };
}

function listEvents(plans: readonly Plan[]): EventIntent[] {
  return plans
    .flatMap(({ events }) => events)
    .map(({ atUs, allowUs, action }) => ({ atUs, allowUs, text: describeEvent(action) }))
    .toSorted((a, b) => a.atUs - b.atUs);
}

function listStatements(plans: readonly Plan[]): string[] {
  return [...new Set(plans.flatMap(({ connection }) => connection.statements ?? []))];
}

/** Returns the sum of the blocks' peak rates, without bursts that come all at once; null if no block has a rate. */
function findRate({ blocks }: Plan): number | null {
  const rates = blocks.flatMap((block) => findPeakRate(block) ?? []).filter(Number.isFinite);
  return rates.length === 0 ? null : sum(rates);
}

/** Returns the arrivals of all bursts without a window; null if there is none. */
function countAtOnce({ blocks }: Plan): number | null {
  const bursts = blocks.filter((block) => findPeakRate(block) === Number.POSITIVE_INFINITY);
  return bursts.length === 0 ? null : sum(bursts.map(countBlock));
}

function countBlock({ pace }: BlockPlan): number {
  return pace.loop === 'open' ? pace.schedule.arrivalCount : 0;
}

/**
 * Returns the number of arrivals; null if there are closed loops or a search, because their number is not known
 * beforehand.
 */
function countArrivals(plans: readonly Plan[], repeat: number): number | null {
  const isKnown = plans.every(
    ({ search, clientCount }) => search === undefined && clientCount === null,
  );
  return isKnown ? repeat * sum(plans.map(({ arrivalCount }) => arrivalCount ?? 0)) : null;
}

function findSearch(plans: readonly Plan[], repeat: number): SearchIntent | null {
  const searches = plans.flatMap(({ search }) => search ?? []);
  if (searches.length === 0) return null;
  const held = plans.flatMap(({ search, connection }) =>
    search === undefined ? [] : (noteHeld(connection.holdUs) ?? []),
  );
  return {
    maxRatePerSecond: findHighest(searches),
    mostUs: repeat * sum(plans.map(({ durationUs }) => durationUs)),
    ...(held.length === 0 ? {} : { held: [...new Set(held)].join('; ') }),
  };
}

/** Returns the highest `maxRatePerSecond`; null if one of the searches has no bound. */
function findHighest(searches: readonly SearchPlan[]): number | null {
  const rates = searches.map(({ maxRatePerSecond }) => maxRatePerSecond);
  const known = rates.filter((rate) => rate !== undefined);
  return known.length === rates.length ? Math.max(...known) : null;
}

/** Returns a run's length in microseconds; for a search an estimate. */
function estimateRunUs({ search, durationUs }: Plan): number {
  return search === undefined ? durationUs : estimateUs(describeSearch(search));
}

function findMost(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
