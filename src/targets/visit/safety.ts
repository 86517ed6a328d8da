import { BlockList, isIPv6 } from 'node:net';
import { isUnixSocket } from '../../drivers/endpoint.ts';
import { UsageError } from '../../errors.ts';
import { type TextStream, writeMessage } from '../../wrap-text.ts';
import type { ResolvedHost } from '../naming/resolved-target.ts';
import { askPerson } from './ask-person.ts';
import { describeStorm, type StormPlan } from './describe-storm.ts';

export interface Confirmation {
  hosts: readonly ResolvedHost[];
  /** Whether connstorm started the target for this run. */
  isLab: boolean;
  plan: StormPlan;
  /** Whether the run does more than to connect: then it needs consent even at a server on this machine. */
  runsCommands: boolean;
  /** Whether `--yes` was given. */
  yes: boolean;
  env: Record<string, string | undefined>;
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stderr: NodeJS.WritableStream & TextStream;
  /** Ends the question. The caller throws then. */
  stop: AbortSignal;
}

/** End of a message that describes the storm, if there is no terminal to ask at. */
export const UNASKED =
  'this needs --yes or CONNSTORM_YES=1, because there is no terminal to ask at';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Returns whether an address never leaves this machine: a Unix socket, or loopback, also as IPv4 mapped to IPv6. */
export function isLocal(address: string): boolean {
  return isUnixSocket(address) || LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/**
 * Resolves when the storm may begin: the target is the lab, or all of its addresses are on this machine and no event
 * runs a command, or `--yes` or CONNSTORM_YES=1 allows it, or a person at the terminal types `yes`. Otherwise throws
 * UsageError.
 */
export async function confirmTarget(confirmation: Confirmation): Promise<void> {
  const { hosts, isLab, plan, runsCommands, yes, env, stdin, stderr, stop } = confirmation;
  const isHere = hosts.every(({ addresses }) => addresses.every(isLocal));
  const isOurs = isLab || (isHere && !runsCommands);
  if (isOurs || findConsent(yes, env) !== undefined) return;
  const intent = describeStorm(hosts, plan);
  if (stdin.isTTY !== true) {
    throw notConfirmed(`the run would storm ${intent}: ${UNASKED}`);
  }
  writeMessage(stderr, `connstorm will storm ${intent}.`, env);
  const answer = await askPerson('Type yes to go on: ', { stdin, stderr, stop });
  if (answer?.trim() !== 'yes') {
    throw notConfirmed(
      'not confirmed, so nothing was sent: type yes, or pass --yes or CONNSTORM_YES=1',
    );
  }
}

/** Returns what allows a storm without asking, as a user writes it; undefined if nothing does. */
export function findConsent(yes: boolean, env: Confirmation['env']): string | undefined {
  if (yes) return '--yes';
  return env.CONNSTORM_YES === '1' ? 'CONNSTORM_YES=1' : undefined;
}

function notConfirmed(message: string): UsageError {
  return new UsageError('NOT_CONFIRMED', message);
}
