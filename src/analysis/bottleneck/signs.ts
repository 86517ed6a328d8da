import { isMuchRefused } from '../sustained.ts';
import { MUCH_THROTTLED } from '../validity/host-shares.ts';
import { NO_IDLE_SHARE } from './cpu-shares.ts';
import type { Evidence } from './evidence.ts';
import type { FigureName } from './figures.ts';

/**
 * What evidence shows. A sign is there only where the figures it reads were seen: what is missing shows nothing. Signs
 * named after their contrary are no negations of each other, between them lies what is left open.
 *
 * On two cores as they are, with 48 connects in flight, the postmaster was 13 % of the time on a CPU, 87 % waiting for one and the
 * host 1 % idle; with forks that cost it 5 ms more, 91 %, 7 % and 6 % (5 % stolen). So idle CPUs tell the two apart
 * only on larger machines, and the postmaster's own time on all of them.
 */
export type Sign = (evidence: Evidence) => boolean;

/** Of the time: a loop with one thing after another to do is never measured as 100 %. */
const FULL_SHARE = 0.7;
const HALF_SHARE = 0.5;
/** Of the time it wanted a CPU: waiting for one is what costs it its rate. */
const STARVED_SHARE = 0.5;
const UNSTARVED_SHARE = 0.25;
const LITTLE_SHARE = 0.2;
const SPARE_SHARE = 0.25;
const STOLEN_SHARE = 0.15;
/** Of one CPU: a pooler has a single thread. */
export const POOLER_FULL_SHARE = 0.85;
/** A SYN that is sent again waits for a second first. */
const RESENT_US = 900_000;
/** More than that stand in the queue of a postmaster that does not come to them. */
const QUEUED_MANY = 5;

/** Grown by so many times, and by so much. */
interface Growth {
  times: number;
  byUs: number;
}

const SPAWN_SLOW: Growth = { times: 3, byUs: 10_000 };
const PHASE_SLOW: Growth = { times: 2, byUs: 5000 };
const TCP_SLOW: Growth = { times: 3, byUs: 3000 };
/** The scheduler favours who sleeps a lot: its p90 tells of full CPUs, its median hardly does. */
const CANARY_SLOW: Growth = { times: 2.5, byUs: 1500 };
/** Linux's scheduler lets a task run for about so long when others wait (base_slice_ns on two CPUs and more). */
const SLICE_US = 3000;
const CANARY_KEPT_UP: Growth = { times: 2, byUs: 4000 };
const SETUP_SLOW: Growth = { times: 2, byUs: 10_000 };
const SETUP_FLAT: Growth = { times: 1.6, byUs: 10_000 };

/** Of the growth of a connect: what makes up so much of it is where it waits. */
const MOST_SHARE = 0.5;

export const isSustained: Sign = (evidence) => evidence.isSustained;

export const isRefused: Sign = ({ loaded }) => {
  const { refusedCount, startedCount } = loaded;
  if (refusedCount === undefined || startedCount === undefined) return false;
  return isMuchRefused(refusedCount, startedCount);
};

/** Of its time the postmaster was on a CPU, nearly all, and hardly waited for one. */
export const isPostmasterFull: Sign = (evidence) => {
  const demand = readDemand(evidence);
  if (demand === undefined) return false;
  return demand.onCpu >= FULL_SHARE && demand.starved <= UNSTARVED_SHARE;
};

/** It wanted a CPU, and mostly did not get one. */
export const isPostmasterStarved: Sign = (evidence) => {
  const demand = readDemand(evidence);
  if (demand === undefined) return false;
  return demand.onCpu + demand.waited >= HALF_SHARE && demand.starved >= STARVED_SHARE;
};

/** More CPU would let it do more, whatever else is in its way. */
export const isPostmasterHeldUp: Sign = (evidence) => {
  const demand = readDemand(evidence);
  if (demand === undefined) return false;
  return demand.onCpu + demand.waited >= HALF_SHARE && demand.starved > UNSTARVED_SHARE;
};

/** Neither on a CPU nor waiting for one. */
export const isPostmasterIdle: Sign = (evidence) => {
  const demand = readDemand(evidence);
  if (demand === undefined) return false;
  return demand.onCpu + demand.waited <= LITTLE_SHARE;
};

export const isQueueLong: Sign = ({ loaded }) => (loaded.acceptQueueMost ?? 0) >= QUEUED_MANY;

/** The CPUs have nothing left, and it is not the postmaster alone that takes them. */
export const areCpusFull: Sign = (evidence) => {
  const { hostIdleShare } = evidence.loaded;
  const demand = readDemand(evidence);
  if (hostIdleShare === undefined || demand === undefined) return false;
  return hostIdleShare <= NO_IDLE_SHARE && demand.onCpu < HALF_SHARE;
};

export const haveCpusSpare: Sign = ({ loaded }) => (loaded.hostIdleShare ?? 0) >= SPARE_SHARE;
export const areCpusShort: Sign = ({ loaded }) => (loaded.hostIdleShare ?? 1) <= NO_IDLE_SHARE;
export const areCpusStolen: Sign = ({ loaded }) => (loaded.hostStolenShare ?? 0) >= STOLEN_SHARE;

/** Held back by a quota, whatever the host has to spare; one that leaves the postmaster full does not matter. */
export const isThrottled: Sign = (evidence) => {
  const { throttledShare } = evidence.loaded;
  const demand = readDemand(evidence);
  if (throttledShare === undefined || demand === undefined) return false;
  return throttledShare >= MUCH_THROTTLED && demand.onCpu < FULL_SHARE;
};

export const isPoolerFull: Sign = ({ loaded }) => (loaded.poolerCpuShare ?? 0) >= POOLER_FULL_SHARE;

/** Clients wait in it, and none of its connections is free. */
export const isPoolShort: Sign = ({ loaded }) => {
  const { poolerWaitingMedian, poolerIdleServers } = loaded;
  if (poolerWaitingMedian === undefined || poolerIdleServers === undefined) return false;
  return poolerWaitingMedian >= 1 && poolerIdleServers < 1;
};

/** The first query takes longer than all of the login before it. */
export const isQueryMost: Sign = ({ loaded }) => {
  const loginUs = PARTS.reduce((sum, part) => sum + (loaded[part] ?? 0), 0);
  return (loaded.queryP50Us ?? 0) >= Math.max(loginUs, PHASE_SLOW.byUs);
};

/** Nothing but the postmaster and its backends answers; where it is not known, it is taken for that. */
export const isDirect: Sign = ({ isPooler }) => isPooler !== true;
export const isPooled: Sign = ({ isPooler }) => isPooler === true;

/** The target's own queue was seen full. */
export const isQueueFull: Sign = ({ loaded }) => {
  const { acceptQueueMost, acceptQueueLimit } = loaded;
  if (acceptQueueMost === undefined || acceptQueueLimit === undefined) return false;
  return acceptQueueMost >= acceptQueueLimit;
};

/** The host counts these for all of its queues together: it need not have been the target's. */
export const hasQueueOverflowed: Sign = ({ loaded }) => (loaded.listenOverflows ?? 0) > 0;

/** Connects whose first packet was sent again, as where a queue is full. */
export const isTcpResent: Sign = ({ loaded }) => (loaded.tcpP99Us ?? 0) >= RESENT_US;

/** Such a loss is that of the network. */
export const isTcpResentInCalm: Sign = ({ calm, isCalmAtBest }) =>
  !isCalmAtBest && (calm.tcpP99Us ?? 0) >= RESENT_US;
export const isTcpWholeInCalm: Sign = ({ calm }) => (calm.tcpP99Us ?? RESENT_US) < RESENT_US;

export const isSpawnSlow: Sign = (evidence) => hasGrown(evidence, 'spawnP50Us', SPAWN_SLOW);
export const isTcpFlat: Sign = (evidence) => isFlat(evidence, 'tcpP50Us', TCP_SLOW);
export const isCanarySlow: Sign = (evidence) => hasGrown(evidence, 'canaryP90Us', CANARY_SLOW);
export const isCanarySeen: Sign = ({ loaded }) => loaded.canaryP90Us !== undefined;
/** About as quick as in calm, which was one: no slower than a round trip and a slice of CPU time, or being flat would say nothing. */
export const hasCanaryKeptUp: Sign = (evidence) => {
  const { canaryP90Us, tcpP50Us } = evidence.calm;
  if (canaryP90Us === undefined || tcpP50Us === undefined) return false;
  return isFlat(evidence, 'canaryP90Us', CANARY_KEPT_UP) && canaryP90Us <= tcpP50Us + SLICE_US;
};

/** A connect took longer once the postmaster had taken it, as where backends wait for a CPU. */
export const isSetupSlow: Sign = (evidence) => hasGrown(evidence, setupOf(evidence), SETUP_SLOW);
export const isSetupFlat: Sign = (evidence) => isFlat(evidence, setupOf(evidence), SETUP_FLAT);

export const isAuthMost: Sign = (evidence) =>
  isMost(evidence, 'authP50Us') ||
  (isMost(evidence, 'readyP50Us') && isMostOf(evidence, 'serverAuthP50Us', 'readyP50Us'));
export const isTlsMost: Sign = (evidence) => isMost(evidence, 'tlsP50Us');
export const isTcpMost: Sign = (evidence) => isMost(evidence, 'tcpP50Us');

/** How the postmaster fared, as shares of the time. */
interface Demand {
  onCpu: number;
  waited: number;
  /** Of the time it wanted a CPU. */
  starved: number;
}

/**
 * What the hypervisor takes from a CPU that the postmaster is on counts as time on it; here it is time that it waited. Taken to
 * be stolen from whoever ran, in proportion.
 */
export function readDemand({ loaded }: Evidence): Demand | undefined {
  const { postmasterOnCpuShare, postmasterWaitShare, hostIdleShare, hostStolenShare } = loaded;
  if (postmasterOnCpuShare === undefined || postmasterWaitShare === undefined) return undefined;
  if (hostIdleShare === undefined || hostStolenShare === undefined) return undefined;
  const stolen = hostStolenShare > 0 ? hostStolenShare / Math.max(0.01, 1 - hostIdleShare) : 0;
  const onCpu = postmasterOnCpuShare * (1 - Math.min(1, stolen));
  const waited = postmasterWaitShare + postmasterOnCpuShare - onCpu;
  const wanted = onCpu + waited;
  return { onCpu, waited, starved: wanted > 0 ? waited / wanted : 0 };
}

/** By the server's own clock where it was told under load and in calm; else by the phases that only a backend has. */
function setupOf({ loaded, calm }: Evidence): FigureName {
  const isTold = loaded.setupP50Us !== undefined && calm.setupP50Us !== undefined;
  return isTold ? 'setupP50Us' : 'backendP50Us';
}

function hasGrown({ loaded, calm }: Evidence, name: FigureName, { times, byUs }: Growth): boolean {
  const [now, before] = [loaded[name], calm[name]];
  if (now === undefined || before === undefined) return false;
  return now >= before * times && now - before >= byUs;
}

function isFlat({ loaded, calm }: Evidence, name: FigureName, { times, byUs }: Growth): boolean {
  const [now, before] = [loaded[name], calm[name]];
  if (now === undefined || before === undefined) return false;
  return now < before * times || now - before < byUs;
}

const PARTS = ['tcpP50Us', 'spawnP50Us', 'tlsP50Us', 'authP50Us', 'readyP50Us'] as const;
/** Every login has these; without one of them it is not known where the time went. */
const NEEDED = ['tcpP50Us', 'spawnP50Us', 'readyP50Us'] as const;

/** A phase that has grown, and makes up most of what a connect has grown by; without calm: most of what it takes. */
function isMost(evidence: Evidence, name: (typeof PARTS)[number]): boolean {
  const { loaded, calm, isCalmAtBest } = evidence;
  const isSeen = [...NEEDED, name].every(
    (part) => loaded[part] !== undefined && (isCalmAtBest || calm[part] !== undefined),
  );
  if (!isSeen) return false;
  const more = (part: FigureName): number =>
    Math.max(0, (loaded[part] ?? 0) - (isCalmAtBest ? 0 : (calm[part] ?? 0)));
  const total = PARTS.reduce((sum, part) => sum + more(part), 0);
  const isSlow = isCalmAtBest
    ? more(name) >= PHASE_SLOW.byUs
    : hasGrown(evidence, name, PHASE_SLOW);
  return isSlow && more(name) >= total * MOST_SHARE;
}

function isMostOf({ loaded }: Evidence, part: FigureName, whole: FigureName): boolean {
  const [a, b] = [loaded[part], loaded[whole]];
  return a !== undefined && b !== undefined && a >= b * MOST_SHARE;
}
