import type { HeaderRecord } from '../result/header.ts';
import type { GeneratorSample } from '../result/samples.ts';
import type { Reason } from '../result/summary-records.ts';

type Environment = HeaderRecord['environment'];

/** Of a limit of this machine: so much of it in use is told. */
const NEAR_SHARE = 0.8;

/** The most that was in use of what this machine has a limit of. */
export class LimitsInUse {
  #descriptors = 0;
  #ports = 0;

  add({ descriptors = 0, sockets }: GeneratorSample): void {
    this.#descriptors = Math.max(this.#descriptors, descriptors);
    this.#ports = Math.max(this.#ports, sockets?.timeWait ?? 0);
  }

  /** Empty where nothing is near its limit, or no limit is known. */
  warn({ descriptorLimit, localPorts }: Environment): Reason[] {
    const descriptors = isNear(this.#descriptors, descriptorLimit)
      ? [describe('NEAR_DESCRIPTORS', this.#descriptors, descriptorLimit, DESCRIPTORS)]
      : [];
    const portCount = localPorts === null ? null : localPorts[1] - localPorts[0] + 1;
    const ports = isNear(this.#ports, portCount)
      ? [describe('NEAR_PORTS', this.#ports, portCount, PORTS)]
      : [];
    return [...descriptors, ...ports];
  }
}

const DESCRIPTORS = {
  what: 'open descriptors of at most',
  cure: 'raise ulimit -n, or lower maxInFlight and hold',
};
/** In use are also the server's own sockets, where it runs here; those in TIME_WAIT are what a storm piles up. */
const PORTS = {
  what: "of this machine's sockets in TIME_WAIT against local ports for each target:",
  cure: 'lower the rate, close by server-first, or use several localAddresses',
};

function isNear(used: number, limit: number | null): limit is number {
  return limit !== null && used >= limit * NEAR_SHARE;
}

function describe(
  code: string,
  used: number,
  limit: number,
  { what, cure }: { what: string; cure: string },
): Reason {
  return {
    code,
    message: `${used} ${what} ${limit}: ${cure}`,
    evidence: [{ text: `${what} ${limit}`, value: used, unit: '1' }],
  };
}
