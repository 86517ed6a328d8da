import type { ServerTimesPlan } from '../drivers/server-times.ts';
import type { Lab } from '../lab/lab.ts';
import { describeEnvironment } from '../probes/environment.ts';
import {
  type BlockRecord,
  type HeaderRecord,
  type HostRecord,
  RESULT_VERSION,
} from '../result/records.ts';
import type { BlockPlan, Plan } from '../scenario/plan.ts';
import type { LoadedScenario } from '../scenario/read.ts';
import type { Preflight } from '../target/preflight.ts';
import type { ResolvedTarget } from '../target/resolve.ts';
import { describeServerTimes } from '../target/server-times.ts';
import { readVersion } from '../version.ts';

export interface RunShape {
  loaded: LoadedScenario;
  plan: Plan;
  /** The servers to storm. */
  found: readonly [Preflight, ...Preflight[]];
  resolved: Pick<ResolvedTarget, 'dnsUs' | 'sessionAttrs'>;
  lab: Lab | undefined;
  maxInFlight: number;
  workers: number;
  serverTimes: ServerTimesPlan;
}

/** The header of a run that has not started yet: `startedAt` is empty. */
export function describeRun(shape: RunShape): HeaderRecord {
  const { loaded, plan, maxInFlight, workers, serverTimes } = shape;
  const { blocks, steps, seed, arrivalCount, clientCount, durationUs, retry } = plan;
  return {
    type: 'header',
    version: RESULT_VERSION,
    connstorm: readVersion(),
    startedAt: '',
    scenario: loaded.name,
    spec: loaded.scenario,
    plan: {
      executor: [...new Set(blocks.map(({ executor }) => executor))].join(' + '),
      seed,
      workers,
      maxInFlight,
      arrivalCount,
      ...(clientCount === null ? {} : { clientCount }),
      durationUs,
      ...(retry?.goalUs === undefined ? {} : { goalUs: retry.goalUs }),
      blocks: blocks.map(describeBlock),
      steps,
    },
    environment: describeEnvironment(),
    ...describeServerTimes(serverTimes),
    target: describeTarget(shape),
  };
}

function describeBlock({ name, executor, startUs, endUs, ...caps }: BlockPlan): BlockRecord {
  const { maxInFlight, maxOpen } = caps;
  return {
    name,
    executor,
    fromUs: startUs,
    toUs: endUs,
    ...(maxInFlight === undefined ? {} : { maxInFlight }),
    ...(maxOpen === undefined ? {} : { maxOpen }),
  };
}

function describeTarget({ found, resolved, lab }: RunShape): HeaderRecord['target'] {
  const [first] = found;
  const { role, database, user } = first.target;
  const { dnsUs, sessionAttrs } = resolved;
  return {
    role,
    lab: lab !== undefined,
    labNiceness: lab?.niceness ?? null,
    ...describeHost(first),
    database,
    user,
    dnsUs,
    ...(found.length === 1 ? {} : { hosts: found.map(describeHost) }),
    ...(sessionAttrs === 'any' ? {} : { sessionAttrs }),
  };
}

function describeHost({ target, server }: Preflight): HostRecord {
  const { host, address, port, sslmode } = target;
  return { host, address, port, sslmode, server };
}
