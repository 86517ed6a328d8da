import type { Pooler } from '../../lab/pgbouncer/pgbouncer.ts';
import { describeEnvironment } from '../../probes/proc/environment.ts';
import type { RunHeader } from '../../result/lift.ts';
import type { PlannedEventRecord } from '../../result/records/events.ts';
import type {
  BlockRecord,
  CompareRecord,
  HeaderRecord,
  VariantRecord,
} from '../../result/records/header.ts';
import type { HostRecord, TurnHostRecord } from '../../result/records/target.ts';
import { parseDuration } from '../../scenario/duration.ts';
import { describeEvent } from '../../scenario/events/describe-event.ts';
import type { EventPlan } from '../../scenario/events/plan-events.ts';
import { parseFigure } from '../../scenario/figure.ts';
import type { LoadedScenario } from '../../scenario/file/read.ts';
import type { BlockPlan } from '../../scenario/plan/plan.ts';
import type { Round } from '../../scenario/plan/rounds.ts';
import { describeSearch } from '../../scenario/plan/search.ts';
import type { CompareSettings } from '../../scenario/schema/compare-schema.ts';
import type { DriverName } from '../../scenario/schema/driver-name.ts';
import type { Preflight } from '../../targets/visit/preflight.ts';
import { describeServerTimes } from '../../targets/visit/server-times.ts';
import { readVersion } from '../../version.ts';
import { POOLED } from '../place/lab-roles.ts';
import { findLab, type RunLab } from '../place/run-lab.ts';
import type { Prepared, TurnHost } from '../prepare/prepared.ts';

/**
 * Returns the header of a run that has not started yet: `startedAt` is empty. A scenario without variants that runs
 * once is a lone run.
 */
export function describeRun(
  { name, compare, budgets, answer, label, variants: [{ name: given }] }: LoadedScenario,
  variants: readonly Prepared[],
  rounds: readonly Round[],
  labs: readonly RunLab[],
): RunHeader {
  return {
    type: 'header',
    isLone: variants.length === 1 && rounds.length === 1 && given === undefined,
    connstorm: readVersion(),
    startedAt: '',
    scenario: name,
    ...(label === undefined ? {} : { label }),
    ...listBudgets(budgets),
    ...(answer === undefined ? {} : { answer }),
    environment: describeEnvironment(),
    seed: rounds[0]?.seed ?? 0,
    variants: variants.map((variant) => ({
      name: variant.name,
      ...describeVariant(variant, findLab(labs, variant.variant)),
    })),
    rounds: rounds.map(({ round, seed, order }) => ({
      round,
      seed,
      order: order.flatMap((index) => variants[index]?.name ?? []),
    })),
    compare: describeCompare(compare),
  };
}

function listBudgets(budgets: readonly string[]): Pick<HeaderRecord, 'budgets'> {
  return budgets.length === 0 ? {} : { budgets: [...budgets] };
}

function describeCompare({ primary, relative, absolute, across }: CompareSettings): CompareRecord {
  const figure = primary === undefined ? undefined : parseFigure(primary);
  return {
    ...(figure === undefined || 'fault' in figure ? {} : { primary: figure }),
    relative,
    absoluteUs: parseDuration(absolute),
    across: across ?? [],
  };
}

function describeVariant(prepared: Prepared, lab: RunLab | undefined): Omit<VariantRecord, 'name'> {
  const { scenario, plan, maxInFlight, workers, serverTimes, warmUpUs, watch } = prepared;
  const { search, blocks, steps, seed, arrivalCount, clientCount, durationUs, retry } = plan;
  return {
    spec: scenario,
    plan: {
      executor:
        search === undefined
          ? [...new Set(blocks.map(({ executor }) => executor))].join(' + ')
          : 'saturation-search',
      seed,
      workers,
      maxInFlight,
      arrivalCount,
      ...(clientCount === null ? {} : { clientCount }),
      durationUs,
      ...(warmUpUs === 0 ? {} : { warmUpUs }),
      ...(retry?.goalUs === undefined ? {} : { goalUs: retry.goalUs }),
      blocks: blocks.map(describeBlock),
      steps,
      ...(search === undefined ? {} : { search: describeSearch(search) }),
      ...(plan.events.length === 0 ? {} : { events: plan.events.map(describePlanned) }),
    },
    ...(watch === undefined ? {} : { watch }),
    ...describeServerTimes(serverTimes),
    target: describeTarget(prepared, lab),
  };
}

function describePlanned({ atUs, allowUs, action }: EventPlan): PlannedEventRecord {
  return { kind: action.kind, atUs, allowUs, text: describeEvent(action) };
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

function describeTarget(
  { found, turns, resolved, plan }: Prepared,
  lab: RunLab | undefined,
): HeaderRecord['target'] {
  const [first] = found;
  const { role, database, user } = first.target;
  const { dnsUs, sessionAttrs } = resolved;
  return {
    role,
    lab: lab !== undefined,
    labNiceness: lab?.lab.niceness ?? null,
    ...(role === POOLED ? describePooler(lab?.pooler) : {}),
    ...describeHost(first, plan.driver),
    database,
    user,
    dnsUs,
    ...(found.length === 1 || turns !== undefined
      ? {}
      : { hosts: found.map((host) => describeHost(host, plan.driver)) }),
    ...(turns === undefined
      ? {}
      : {
          hostTurns: {
            order: resolved.spread ? 'random' : 'given',
            hosts: turns.map((host) => describeTurnHost(host, plan.driver)),
          },
        }),
    ...(sessionAttrs === 'any' ? {} : { sessionAttrs }),
  };
}

function describePooler(pooler: Pooler | undefined): Pick<HeaderRecord['target'], 'labPooler'> {
  if (pooler === undefined) return {};
  const { version, poolMode, poolSize, pids } = pooler;
  return { labPooler: { version, poolMode, poolSize, processes: pids.length } };
}

function describeTurnHost(
  { target, visited, problem }: TurnHost,
  driver: DriverName,
): TurnHostRecord {
  const { host, address, port, sslmode } = target;
  return {
    host,
    address,
    port,
    sslmode,
    ...(visited === undefined ? {} : { server: describeHost(visited, driver).server }),
    ...(problem === undefined ? {} : { problem }),
  };
}

/** Describes one host. The first login uses the wire driver. pg does no channel binding, so it is left out there. */
function describeHost({ target, server }: Preflight, driver: DriverName): HostRecord {
  const { host, address, port, sslmode } = target;
  const { channelBinding, ...found } = server;
  const isBound = channelBinding === true && driver === 'wire';
  return { host, address, port, sslmode, server: isBound ? server : found };
}
