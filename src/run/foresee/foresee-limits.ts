import { nounOf } from '../../counted.ts';
import { formatSpan } from '../../duration-text.ts';
import { RAISE } from '../../model/slot-limits.ts';
import { TIME_WAIT_S } from '../../model/time-wait.ts';
import type { Hold } from '../../scenario/plan/hold.ts';
import type { CloseMode } from '../../scenario/plan/plan.ts';

/** What a plan will need of this machine and of the target. */
export interface Demand {
  /** The highest rate; Infinity for all at once, 0 if there are only closed loops. */
  ratePerSecond: number;
  /**
   * All arrivals of the run, less those that caps are known to drop. Retries are not included, because their number is
   * not known beforehand.
   */
  arrivalCount: number;
  /** Clients of closed loops. Each has one connection at a time, at a rate that the server decides. */
  clientCount: number;
  close: CloseMode;
  holdUs: Hold;
  /** The highest number of attempts that are not yet ready. */
  maxInFlight: number;
  /** The highest number of connections in flight or ready; Infinity without a cap. */
  maxOpen: number;
  /** Whether the planned load needs more attempts in flight than the cap allows. */
  isCapShort: boolean;
  /** Whether a host is reached over TCP. A Unix socket takes no port. */
  isTcp: boolean;
  /** Whether all hosts are on this machine. */
  isLoopback: boolean;
  /** Number of local addresses. Each has its own local ports, for each of the target's addresses. */
  localAddresses: number;
  hosts: number;
}

/** What is available; null if it is not known. */
export interface Supply {
  descriptors: { limit: number; inUse: number } | null;
  /** Number of local ports that can be used towards one address and port. */
  localPorts: number | null;
  /**
   * Number of connections that each host, or the pooler in front of it, still accepts; null also if there may be a
   * pooler whose limit is not known.
   */
  freeSlots: number | null;
  /** The limit that decides `freeSlots`. */
  slotLimit: 'server' | 'role' | 'database' | 'pgbouncer';
}

/**
 * Returns which limits a plan will run into, each with its numbers and what to change; empty if everything fits, as far
 * as is known. The number of connections at once is rate x hold (Little's law). The time that a connect takes comes on
 * top.
 */
export function foreseeLimits(demand: Demand, supply: Supply): string[] {
  return [
    ...foreseePorts(demand, supply),
    ...foreseeDescriptors(demand, supply),
    ...foreseeSlots(demand, supply),
  ];
}

function foreseePorts(demand: Demand, { localPorts }: Supply): string[] {
  const { close, isTcp, isLoopback, localAddresses, hosts } = demand;
  if (localPorts === null || !isTcp) return [];
  const ports = localPorts * Math.max(1, localAddresses) * hosts;
  const held = countHeld(demand);
  // A reset leaves no TIME_WAIT, and server-first leaves it to the server. On loopback Linux reuses such a port at
  // once.
  const keepsPorts = close === 'terminate' && !isLoopback;
  const waiting = keepsPorts ? countArrivalsIn(demand, TIME_WAIT_S) : 0;
  const wanted = Math.min(countAll(demand), held + waiting);
  if (wanted <= ports) return [];
  const why =
    waiting > held
      ? `${formatRate(demand)} leaves up to ${format(waiting)} connections in TIME_WAIT on this machine, for ${TIME_WAIT_S} s each`
      : `${format(held)} ${nounOf(held, 'connection is', 'connections are')} held at once`;
  const cure =
    waiting > held
      ? `lower the rate to ${format(Math.floor(ports / TIME_WAIT_S))}/s, close by server-first or reset, or use more localAddresses`
      : 'shorten hold, lower the rate, or use more localAddresses';
  return [
    `this plan may run out of local ports: ${why}, and there are ${format(ports)} ports: ${cure}`,
  ];
}

function foreseeDescriptors(demand: Demand, { descriptors }: Supply): string[] {
  if (descriptors === null) return [];
  const held = countHeld(demand);
  const { limit, inUse } = descriptors;
  const free = Math.max(0, limit - inUse);
  const wanted = Math.min(countAll(demand), demand.maxInFlight + held);
  if (wanted <= free) return [];
  // If a cap drops arrivals already, a lower cap is bad advice.
  const less = demand.isCapShort ? ', or lower the load' : ', or lower maxInFlight and hold';
  const parts = `${format(demand.maxInFlight)} in flight and ${format(held)} held`;
  return [
    `this plan may run out of file descriptors: ${parts}, and ${format(free)} are free (ulimit -n ${format(limit)}): raise ulimit -n to ${format(wanted + inUse)}${less}`,
  ];
}

function foreseeSlots(demand: Demand, { freeSlots, slotLimit }: Supply): string[] {
  if (freeSlots === null) return [];
  const held = countHeld(demand);
  const slots = freeSlots * demand.hosts;
  if (held <= slots) return [];
  const what =
    demand.arrivalCount === 0
      ? `${format(held)} ${nounOf(held, 'client has a connection', 'clients have a connection each')}`
      : `${formatRate(demand)}, each connection held for ${formatHold(demand.holdUs)}, make ${format(held)} ${nounOf(held, 'connection')} at once`;
  return [
    `this plan may fill the target: ${what}, and it has ${format(slots)} free ${nounOf(slots, 'slot')}; it refuses connections beyond that: shorten hold, lower the rate, limit what is open (load.maxOpen), or ${RAISE[slotLimit]}`,
  ];
}

/**
 * Returns the highest possible number of connections, however long each is kept. A client of a closed loop counts once.
 */
function countAll({ arrivalCount, clientCount }: Demand): number {
  return arrivalCount + clientCount;
}

/** Returns the highest number of connections that are held at once. */
function countHeld(demand: Demand): number {
  return Math.min(countWanted(demand), demand.maxOpen);
}

function countWanted(demand: Demand): number {
  const { holdUs, clientCount } = demand;
  if (holdUs === 'end') return countAll(demand);
  const longestUs = typeof holdUs === 'number' ? holdUs : holdUs.maxUs;
  return countArrivalsIn(demand, longestUs / 1_000_000) + clientCount;
}

/** Returns the number of arrivals within some seconds, at the highest rate. */
function countArrivalsIn({ ratePerSecond, arrivalCount }: Demand, seconds: number): number {
  if (seconds === 0) return 0;
  return Math.min(arrivalCount, Math.ceil(ratePerSecond * seconds));
}

function formatRate({ ratePerSecond, arrivalCount }: Demand): string {
  if (!Number.isFinite(ratePerSecond)) return `${format(arrivalCount)} at once`;
  return `${format(Math.round(ratePerSecond))}/s`;
}

function formatHold(holdUs: Hold): string {
  if (holdUs === 'end') return 'endless';
  const longestUs = typeof holdUs === 'number' ? holdUs : holdUs.maxUs;
  return formatSpan(longestUs);
}

function format(count: number): string {
  return count.toLocaleString('en-US');
}
