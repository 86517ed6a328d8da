import { TIME_WAIT_S } from '../../model/time-wait.ts';
import type { HeaderRecord } from '../../result/records/header.ts';
import type { GeneratorSample } from '../../result/records/samples.ts';
import type { Reason } from '../../result/records/summary-figures.ts';

type Environment = HeaderRecord['environment'];

/** A warning is due when this share of a limit of this machine is in use. */
const NEAR_SHARE = 0.8;

const TIME_WAIT_US = TIME_WAIT_S * 1_000_000;

/**
 * Number of address pairs that a run's connects are spread over, each with local ports of its own; 0: it uses no ports.
 */
export interface PortUse {
  pairs: number;
}

/** Counts the pairs of a local and a remote address. A Unix socket has no ports. */
export function countPairs(
  { connection }: HeaderRecord['spec'],
  { address, hosts }: HeaderRecord['target'],
): number {
  if (address.startsWith('/')) return 0;
  const { localAddresses } = (connection ?? {}) as { localAddresses?: unknown };
  const local = Array.isArray(localAddresses) ? Math.max(1, localAddresses.length) : 1;
  return local * (hosts?.length ?? 1);
}

/**
 * Tracks the most that was in use of what this machine limits. The kernel counts sockets in TIME_WAIT of all targets
 * together, while ports are limited for each target. So at most the run's own connects of the last minute count.
 * Otherwise sockets of others would cause a warning.
 */
export class LimitsInUse {
  readonly #pairs: number;
  #descriptors = 0;
  #ports = 0;
  #timeWait = 0;
  /** Connects that began in the last minute, one count for each interval. */
  #connects: { atUs: number; count: number }[] = [];

  constructor({ pairs }: PortUse) {
    this.#pairs = pairs;
  }

  /** Begins a leg, whose times begin at 0 again. */
  openLeg(): void {
    this.#connects = [];
  }

  /** Adds the attempts that began in an interval. `count`: their number; `atUs`: the interval's end. */
  addConnects(atUs: number, count: number): void {
    this.#connects = this.#connects.filter((past) => past.atUs > atUs - TIME_WAIT_US);
    this.#connects.push({ atUs, count });
    this.#notePorts();
  }

  add({ descriptors = 0, sockets }: GeneratorSample): void {
    this.#descriptors = Math.max(this.#descriptors, descriptors);
    this.#timeWait = sockets?.timeWait ?? 0;
    this.#notePorts();
  }

  #notePorts(): void {
    const connects = this.#connects.reduce((sum, { count }) => sum + count, 0);
    const own = Math.min(this.#timeWait, connects);
    if (this.#pairs > 0) this.#ports = Math.max(this.#ports, Math.ceil(own / this.#pairs));
  }

  /** Returns an empty list if nothing is near its limit, or no limit is known. */
  warn({ descriptorLimit, localPorts }: Environment): Reason[] {
    const portCount = localPorts === null ? null : localPorts[1] - localPorts[0] + 1;
    return [
      ...(isNear(this.#descriptors, descriptorLimit)
        ? [describe('NEAR_DESCRIPTORS', this.#descriptors, descriptorLimit, DESCRIPTORS)]
        : []),
      ...(isNear(this.#ports, portCount)
        ? [describe('NEAR_PORTS', this.#ports, portCount, PORTS)]
        : []),
    ];
  }
}

/** Texts in which `%` stands for the number. */
interface Words {
  used: string;
  limit: string;
  cure: string;
}

const DESCRIPTORS: Words = {
  used: '% descriptors were open at once',
  limit: 'this process may open %',
  cure: 'raise ulimit -n, or lower maxInFlight and hold',
};
const PORTS: Words = {
  used: 'up to % local ports were kept in TIME_WAIT towards one target',
  limit: 'this machine has % for each',
  cure: 'lower the rate, close by server-first, or use several localAddresses',
};

function isNear(used: number, limit: number | null): limit is number {
  return limit !== null && used >= limit * NEAR_SHARE;
}

function describe(code: string, count: number, most: number, words: Words): Reason {
  const used = words.used.replace('%', String(count));
  const limit = words.limit.replace('%', String(most));
  return {
    code,
    message: `${used}, and ${limit}: ${words.cure}`,
    evidence: [{ text: `${words.used.replace('% ', '')}, of ${most}`, value: count, unit: '1' }],
  };
}
