import { BlockList, isIPv6 } from 'node:net';
import { createInterface } from 'node:readline';
import { isUnixSocket } from '../drivers/driver.ts';
import { UsageError } from '../errors.ts';
import { describeServer } from './describe.ts';
import type { ResolvedHost } from './resolve.ts';

/** What is told before a storm at a server that may be somebody's. */
export interface StormPlan {
  /** Infinity: clients at once; null: closed loops alone. */
  peakRatePerSecond: number | null;
  /** undefined: as many as the target's free slots allow, which is not known before it is asked. */
  maxInFlight: number | undefined;
  /** null: closed loops alone. */
  arrivalCount: number | null;
  /** Of closed loops; null: there are none. */
  clientCount: number | null;
  durationUs: number;
}

export interface Confirmation {
  hosts: readonly ResolvedHost[];
  /** Started by us for this run. */
  isLab: boolean;
  plan: StormPlan;
  /** `--yes`. */
  yes: boolean;
  env: Record<string, string | undefined>;
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stderr: NodeJS.WritableStream;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether an address never leaves this machine: a Unix socket, or loopback; IPv4 mapped to IPv6 is seen through. */
export function isLocal(address: string): boolean {
  return isUnixSocket(address) || LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/**
 * Resolves when the storm may begin: the target is the lab or all of its addresses are on this machine, `--yes` or
 * CONNSTORM_YES=1 allows it, or a person at the terminal types `yes`. Else throws UsageError.
 */
export async function confirmTarget(confirmation: Confirmation): Promise<void> {
  const { hosts, isLab, plan, yes, env, stdin, stderr } = confirmation;
  const isOurs = isLab || hosts.every(({ addresses }) => addresses.every(isLocal));
  if (isOurs || yes || env.CONNSTORM_YES === '1') return;
  const intent = describeStorm(hosts, plan);
  if (stdin.isTTY !== true) {
    throw notConfirmed(
      `${intent}: this needs --yes or CONNSTORM_YES=1, as there is no terminal to ask at`,
    );
  }
  stderr.write(`connstorm will storm ${intent}.\nType yes to go on: `);
  const answer = await readLine(stdin);
  if (answer?.trim() !== 'yes') {
    throw notConfirmed(`${intent}: not confirmed; type yes, or pass --yes or CONNSTORM_YES=1`);
  }
}

function notConfirmed(message: string): UsageError {
  return new UsageError('NOT_CONFIRMED', message);
}

function describeStorm(hosts: readonly ResolvedHost[], plan: StormPlan): string {
  const count = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
  const { peakRatePerSecond, arrivalCount, clientCount } = plan;
  const seconds = count.format(plan.durationUs / 1_000_000);
  const paces = [
    ...(peakRatePerSecond === null ? [] : [describePeak(peakRatePerSecond, arrivalCount)]),
    ...(clientCount === null
      ? []
      : [`${count.format(clientCount)} clients that connect as fast as they can`]),
  ];
  const servers = hosts.filter(isResolved).map(describeHost).join(' and ');
  return [
    `${servers} with ${paces.join(' and ')}`,
    plan.maxInFlight === undefined
      ? 'as many in flight as its free slots allow'
      : `${count.format(plan.maxInFlight)} in flight`,
    arrivalCount === null
      ? `for ${seconds} s`
      : `${count.format(arrivalCount)} connects in ${seconds} s`,
  ].join(', ');
}

function describePeak(ratePerSecond: number, arrivalCount: number | null): string {
  const count = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
  if (ratePerSecond !== Number.POSITIVE_INFINITY)
    return `up to ${count.format(ratePerSecond)} connects/s`;
  return `up to ${count.format(arrivalCount ?? 0)} connects at once`;
}

function isResolved({ addresses }: ResolvedHost): boolean {
  return addresses.length > 0;
}

/** With every address that may be tried. */
function describeHost({ target, addresses }: ResolvedHost): string {
  return describeServer({ ...target, address: addresses.join(', ') });
}

/** One line, or undefined at the end of the stream. Ctrl-C stays with the process: the terminal is not made raw. */
async function readLine(input: NodeJS.ReadableStream): Promise<string | undefined> {
  const reader = createInterface({ input, terminal: false });
  try {
    return await new Promise((resolve) => {
      reader.once('line', resolve);
      reader.once('close', () => resolve(undefined));
    });
  } finally {
    reader.close();
  }
}
