import { nounOf } from '../../counted.ts';
import { formatSpan } from '../../duration-text.ts';
import { type BlockPlan, findPeakRate } from './blocks.ts';
import type { Plan } from './plan.ts';

/** A run's cap on attempts in flight, and advice on what to change if it is too low. */
export interface RunCap {
  maxInFlight: number;
  cure: string;
}

/**
 * A Postgres connect is hardly ever quicker. If the cap leaves each connect less time than this, arrivals will be
 * dropped.
 */
const SHORTEST_CONNECT_US = 5_000;

/**
 * Returns a sentence for each cap below what the load needs. By Little's law, the number under way is the arrival rate
 * times the duration of each. `run`: the run's own cap, for all blocks together.
 */
export function findCapWarnings(plan: Plan, run: RunCap): string[] {
  return plan.blocks.flatMap((block) => {
    if (block.pace.loop === 'closed')
      return warnOfWaiting(block, block.pace.clients.clientCount, run.maxInFlight);
    return [...warnOfInFlight(block, run), ...warnOfOpen(block, plan)];
  });
}

function warnOfWaiting(block: BlockPlan, clients: number, maxInFlight: number): string[] {
  const cap = Math.min(block.maxInFlight ?? maxInFlight, maxInFlight, block.maxOpen ?? maxInFlight);
  if (cap >= clients) return [];
  return [
    `${nameOf(block)} has up to ${clients} ${nounOf(clients, 'client')} and room for ${cap}: the others wait for their turn`,
  ];
}

/** Returns the advice: the block's own cap can be raised in the scenario; the run's may come from the target. */
function chooseCure({ maxInFlight }: BlockPlan, run: RunCap): string {
  return maxInFlight !== undefined && maxInFlight < run.maxInFlight
    ? 'raise maxInFlight'
    : run.cure;
}

function warnOfInFlight(block: BlockPlan, run: RunCap): string[] {
  const { maxInFlight } = run;
  const cap = Math.min(block.maxInFlight ?? maxInFlight, maxInFlight);
  const cure = chooseCure(block, run);
  const rate = findPeakRate(block) ?? 0;
  if (rate === Number.POSITIVE_INFINITY) return warnOfHerd(block, cap, cure);
  const eachUs = (cap / rate) * 1e6;
  if (eachUs >= SHORTEST_CONNECT_US) return [];
  return [
    `with at most ${cap} in flight at ${Math.round(rate)}/s, each connect of ${nameOf(block)} has only ` +
      `${formatSpan(eachUs)}: arrivals will be dropped; ${cure}`,
  ];
}

/**
 * Returns how many arrivals a block begins whatever the target does: all of them, but of a herd only as many as may be
 * in flight at once.
 */
export function countBegun(block: BlockPlan, maxInFlight: number): number {
  if (block.pace.loop === 'closed') return 0;
  const { arrivalCount } = block.pace.schedule;
  if (findPeakRate(block) !== Number.POSITIVE_INFINITY) return arrivalCount;
  return Math.min(arrivalCount, block.maxInFlight ?? maxInFlight, maxInFlight);
}

/** Warns of a herd above the cap: all its clients come before any attempt can have ended. */
function warnOfHerd(block: BlockPlan, cap: number, cure: string): string[] {
  const count = block.pace.loop === 'open' ? block.pace.schedule.arrivalCount : 0;
  if (count <= cap) return [];
  return [
    `${nameOf(block)} brings ${count} ${nounOf(count, 'client')} at once with at most ${cap} in flight: ${count - cap} of them will be ` +
      `dropped; ${cure}`,
  ];
}

/** Warns of too many open connections: each stays open at least for its hold. */
function warnOfOpen(block: BlockPlan, { connection }: Plan): string[] {
  const { pace, maxOpen } = block;
  if (maxOpen === undefined || pace.loop === 'closed') return [];
  const { holdUs } = connection;
  const rate = findPeakRate(block) ?? 0;
  const heldUs = typeof holdUs === 'object' ? holdUs.minUs : holdUs;
  const { arrivalCount } = pace.schedule;
  const byHold = heldUs === 'end' ? arrivalCount : Math.min(arrivalCount, rate * (heldUs / 1e6));
  const needed = Number.isNaN(byHold) ? 0 : Math.floor(byHold);
  if (needed <= maxOpen) return [];
  return [
    `${nameOf(block)} would hold ${needed} ${nounOf(needed, 'connection')} and maxOpen is ${maxOpen}: arrivals will be dropped; raise it, ` +
      'or shorten connection.hold',
  ];
}

function nameOf({ name }: BlockPlan): string {
  return name === 'load' ? 'load' : `load.${name}`;
}
