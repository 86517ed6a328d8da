import { medianOf } from '../figures/median.ts';
import type { Figures } from './figures.ts';
import type { ProbeLog, SampleOf } from './probe-log.ts';

/** The part of a run that is judged. */
export interface Window {
  fromUs: number;
  toUs: number;
}

/** Returns what the probes saw in a window. */
export function readProbes(log: ProbeLog, window: Window): Figures {
  const figures = {
    ...readCanary(log.during('canary', window)),
    ...readHost(log.during('host', window)),
    ...readServer(log.during('server', window)),
    ...readPooler(log.during('pooler', window)),
    ...readGenerator(log.during('generator', window)),
  };
  return { ...figures, ...readOthers(figures) };
}

/** Returns the share of the CPUs that went to others: backends that still live, and other processes. */
function readOthers(figures: Figures): Figures {
  const { hostIdleShare, hostStolenShare, backendsCpuShare, ownCpuShare } = figures;
  const { postmasterCpusShare } = figures;
  const known = [
    hostIdleShare,
    hostStolenShare,
    backendsCpuShare,
    ownCpuShare,
    postmasterCpusShare,
  ];
  const shares = known.filter((share) => share !== undefined);
  if (shares.length < known.length) return {};
  return { othersCpuShare: Math.max(0, 1 - shares.reduce((sum, share) => sum + share, 0)) };
}

/** Returns the canary's quicker answers, to compare with if nothing was measured at low load. */
export function readBestCanary(log: ProbeLog, window: Window): Figures {
  const answers = listAnswers(log.during('canary', window));
  if (answers.length === 0) return {};
  return { canaryP90Us: rankedAt(answers, 0.25) };
}

/**
 * Returns the p90 of the canary. A query that still waits counts with its wait so far, because a server that does not
 * answer must not look quick.
 */
function readCanary(samples: readonly SampleOf<'canary'>[]): Figures {
  const answers = listAnswers(samples);
  if (answers.length === 0) return {};
  return { canaryP90Us: rankedAt(answers, 0.9) };
}

function listAnswers(samples: readonly SampleOf<'canary'>[]): number[] {
  const answers = samples.flatMap(({ answersUs }) => answersUs);
  const waitingUs = samples.at(-1)?.waitingUs;
  const all = waitingUs === undefined ? answers : [...answers, waitingUs];
  return all.sort((a, b) => a - b);
}

/** Returns a quantile. `sorted` has at least one value. */
function rankedAt(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? 0;
}

function readHost(samples: readonly SampleOf<'host'>[]): Figures {
  return {
    ...readPostmaster(samples),
    ...readCpus(samples),
    ...shareOfTime('throttledShare', samples, ({ throttledUs }) => throttledUs),
    ...readAcceptQueue(samples),
  };
}

function readPostmaster(samples: readonly SampleOf<'host'>[]): Figures {
  return {
    ...shareOfTime('postmasterOnCpuShare', samples, ({ postmaster }) => postmaster?.onCpuUs),
    ...shareOfTime('postmasterWaitShare', samples, ({ postmaster }) => postmaster?.waitUs),
  };
}

function readCpus(samples: readonly SampleOf<'host'>[]): Figures {
  const cpus = samples.flatMap(({ cpu, reapedUs }) =>
    cpu === undefined ? [] : [{ ...cpu, reapedUs }],
  );
  const totalUs = sumOf(cpus, (cpu) => cpu.totalUs);
  if (totalUs === 0) return {};
  const onCpuUs = sumOf(samples, ({ postmaster }) => postmaster?.onCpuUs ?? 0);
  const hasReaped = cpus.some(({ reapedUs }) => reapedUs !== undefined);
  return {
    hostIdleShare: sumOf(cpus, ({ idleUs }) => idleUs) / totalUs,
    hostStolenShare: sumOf(cpus, ({ stolenUs }) => stolenUs) / totalUs,
    postmasterCpusShare: onCpuUs / totalUs,
    ...(hasReaped
      ? { backendsCpuShare: sumOf(cpus, ({ reapedUs }) => reapedUs ?? 0) / totalUs }
      : {}),
  };
}

function readAcceptQueue(samples: readonly SampleOf<'host'>[]): Figures {
  const depths = samples.flatMap(({ acceptQueue }) => acceptQueue?.depth ?? []);
  const limits = samples.flatMap(({ acceptQueue }) => acceptQueue?.limit ?? []);
  const overflows = samples.flatMap(({ listenOverflows }) => listenOverflows ?? []);
  return {
    ...(depths.length === 0 ? {} : { acceptQueueMost: Math.max(...depths) }),
    ...(limits.length === 0 ? {} : { acceptQueueLimit: Math.max(...limits) }),
    ...(overflows.length === 0 ? {} : { listenOverflows: sumOf(overflows, (count) => count) }),
  };
}

function readServer(samples: readonly SampleOf<'server'>[]): Figures {
  const counted = samples.filter(({ parallelWorkers }) => parallelWorkers !== undefined);
  const elapsedUs = sumOf(counted, (sample) => sample.elapsedUs);
  if (elapsedUs === 0) return {};
  const launched = sumOf(counted, ({ parallelWorkers }) => parallelWorkers ?? 0);
  return { parallelPerSecond: (launched / elapsedUs) * 1_000_000 };
}

function readPooler(samples: readonly SampleOf<'pooler'>[]): Figures {
  if (samples.length === 0) return {};
  return {
    poolerWaitingMedian: medianOf(samples.map(({ clientsWaiting }) => clientsWaiting)),
    ...readLongestWait(samples),
    poolerIdleServers: medianOf(samples.map(({ serversIdle }) => serversIdle)),
    ...shareOfTime('poolerCpuShare', samples, ({ cpuUs }) => cpuUs),
  };
}

/**
 * Returns the longest wait that was reported. PgBouncer's maxwait covers only clients that have logged in. Clients that
 * wait for auth_query during their login are in cl_waiting while maxwait stays 0. So a 0 beside waiting clients is no
 * time.
 */
function readLongestWait(samples: readonly SampleOf<'pooler'>[]): Figures {
  const certain = samples.filter(
    ({ clientsWaiting, maxWaitUs }) => clientsWaiting === 0 || maxWaitUs > 0,
  );
  const mostUs = Math.max(0, ...certain.map(({ maxWaitUs }) => maxWaitUs));
  const isUnknown = mostUs === 0 && certain.length < samples.length;
  return isUnknown ? {} : { poolerWaitMostUs: mostUs };
}

function readGenerator(samples: readonly SampleOf<'generator'>[]): Figures {
  const totalUs = sumOf(samples, ({ hostTotalUs }) => hostTotalUs);
  if (totalUs === 0) return {};
  const busyUs = sumOf(samples, ({ hostBusyUs }) => hostBusyUs);
  return {
    ownCpuShare: sumOf(samples, ({ cpuUs }) => cpuUs) / totalUs,
    ownIdleShare: Math.max(0, 1 - busyUs / totalUs),
  };
}

/** Returns a share of the time, over the samples that have the value. */
function shareOfTime<Name extends keyof Figures, Sample extends { elapsedUs: number }>(
  name: Name,
  samples: readonly Sample[],
  read: (sample: Sample) => number | undefined,
): Figures {
  const known = samples.filter((sample) => read(sample) !== undefined);
  const elapsedUs = sumOf(known, (sample) => sample.elapsedUs);
  if (elapsedUs === 0) return {};
  return { [name]: sumOf(known, (sample) => read(sample) ?? 0) / elapsedUs };
}

function sumOf<Item>(items: readonly Item[], read: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + read(item), 0);
}
