import { isMuchRefused } from '../sustained.ts';
import { MUCH_THROTTLED } from '../validity/host-shares.ts';
import { NO_IDLE_SHARE } from './cpu-shares.ts';
import type { Evidence } from './evidence.ts';
import type { FigureName } from './figures.ts';

/**
 * A sign that evidence shows. It shows only if the figures it reads were seen; a missing figure shows nothing. Two
 * signs with opposite names do not negate each other: between them lies the range that is left open.
 *
 * Measured on two cores with 48 connects in flight: the postmaster was on a CPU for 13 % of the time and waited for one
 * for 87 %, with the host 1 % idle. With forks that cost the postmaster 5 ms more, it was 91 %, 7 % and 6 % (5 %
 * stolen). So idle CPUs tell the two cases apart only on larger machines, and the postmaster's own time tells them
 * apart on all.
 */
export type Sign = (evidence: Evidence) => boolean;

/** Share of the time. A loop that always has something to do is never measured at 100 %. */
const FULL_SHARE = 0.7;
const HALF_SHARE = 0.5;
/** Share of the time that the postmaster wanted a CPU. Waiting for one is what lowers its rate. */
const STARVED_SHARE = 0.5;
const UNSTARVED_SHARE = 0.25;
const LITTLE_SHARE = 0.2;
const SPARE_SHARE = 0.25;
const STOLEN_SHARE = 0.15;
/** Share of one CPU, because a pooler has a single thread. */
export const POOLER_FULL_SHARE = 0.85;
/** A SYN is sent again only after a second. */
const RESENT_US = 900_000;
/** From this depth on, the postmaster does not keep up with its accept queue. */
const QUEUED_MANY = 5;

/** Growth by at least this factor and this time. */
interface Growth {
  times: number;
  byUs: number;
}

const SPAWN_SLOW: Growth = { times: 3, byUs: 10_000 };
const PHASE_SLOW: Growth = { times: 2, byUs: 5000 };
const TCP_SLOW: Growth = { times: 3, byUs: 3000 };
/**
 * The scheduler favours a process that sleeps a lot. So full CPUs show in the canary's p90, and hardly in its median.
 */
const CANARY_SLOW: Growth = { times: 2.5, byUs: 1500 };
/** Time that Linux's scheduler lets a task run while others wait (about base_slice_ns on two CPUs and more). */
const SLICE_US = 3000;
const CANARY_KEPT_UP: Growth = { times: 2, byUs: 4000 };
const SETUP_SLOW: Growth = { times: 2, byUs: 10_000 };
const SETUP_FLAT: Growth = { times: 1.6, byUs: 10_000 };

/** Share of a connect's growth. The phase with so much of it is where connects wait. */
const MOST_SHARE = 0.5;

export const isSustained: Sign = (evidence) => evidence.isSustained;

export const isRefused: Sign = ({ loaded }) => {
  const { refusedCount, startedCount } = loaded;
  if (refusedCount === undefined || startedCount === undefined) return false;
  return isMuchRefused(refusedCount, startedCount);
};

/** The postmaster was on a CPU for nearly all of its time, and hardly waited for one. */
export const isPostmasterFull: Sign = (evidence) => {
  const demand = readDemand(evidence);
  if (demand === undefined) return false;
  return demand.onCpu >= FULL_SHARE && demand.starved <= UNSTARVED_SHARE;
};

/** The postmaster wanted a CPU, and mostly did not get one. */
export const isPostmasterStarved: Sign = (evidence) => {
  const demand = readDemand(evidence);
  if (demand === undefined) return false;
  return demand.onCpu + demand.waited >= HALF_SHARE && demand.starved >= STARVED_SHARE;
};

/** More CPU would let the postmaster do more, whatever else limits it. */
export const isPostmasterHeldUp: Sign = (evidence) => {
  const demand = readDemand(evidence);
  if (demand === undefined) return false;
  return demand.onCpu + demand.waited >= HALF_SHARE && demand.starved > UNSTARVED_SHARE;
};

/** The postmaster was neither on a CPU nor waiting for one. */
export const isPostmasterIdle: Sign = (evidence) => {
  const demand = readDemand(evidence);
  if (demand === undefined) return false;
  return demand.onCpu + demand.waited <= LITTLE_SHARE;
};

export const isQueueLong: Sign = ({ loaded }) => (loaded.acceptQueueMost ?? 0) >= QUEUED_MANY;

/** The CPUs have no idle time, and not the postmaster alone takes them. */
export const areCpusFull: Sign = (evidence) => {
  const { hostIdleShare } = evidence.loaded;
  const demand = readDemand(evidence);
  if (hostIdleShare === undefined || demand === undefined) return false;
  return hostIdleShare <= NO_IDLE_SHARE && demand.onCpu < HALF_SHARE;
};

export const haveCpusSpare: Sign = ({ loaded }) => (loaded.hostIdleShare ?? 0) >= SPARE_SHARE;
export const areCpusShort: Sign = ({ loaded }) => (loaded.hostIdleShare ?? 1) <= NO_IDLE_SHARE;
export const areCpusStolen: Sign = ({ loaded }) => (loaded.hostStolenShare ?? 0) >= STOLEN_SHARE;

/**
 * A quota holds the server back, whatever CPU the host has left. It does not matter if the postmaster is full all the
 * same.
 */
export const isThrottled: Sign = (evidence) => {
  const { throttledShare } = evidence.loaded;
  const demand = readDemand(evidence);
  if (throttledShare === undefined || demand === undefined) return false;
  return throttledShare >= MUCH_THROTTLED && demand.onCpu < FULL_SHARE;
};

export const isPoolerFull: Sign = ({ loaded }) => (loaded.poolerCpuShare ?? 0) >= POOLER_FULL_SHARE;

/** Clients wait in the pooler, and none of its connections is free. */
export const isPoolShort: Sign = ({ loaded }) => {
  const { poolerWaitingMedian, poolerIdleServers } = loaded;
  if (poolerWaitingMedian === undefined || poolerIdleServers === undefined) return false;
  return poolerWaitingMedian >= 1 && poolerIdleServers < 1;
};

/** The first query takes at least as long as the whole login before it. */
export const isQueryMost: Sign = ({ loaded }) => {
  const loginUs = PARTS.reduce((sum, part) => sum + (loaded[part] ?? 0), 0);
  return (loaded.queryP50Us ?? 0) >= Math.max(loginUs, PHASE_SLOW.byUs);
};

/** Only the postmaster and its backends answer. Assumed if it is not known. */
export const isDirect: Sign = ({ isPooler }) => isPooler !== true;
export const isPooled: Sign = ({ isPooler }) => isPooler === true;

/** The target's own accept queue was seen full. */
export const isQueueFull: Sign = ({ loaded }) => {
  const { acceptQueueMost, acceptQueueLimit } = loaded;
  if (acceptQueueMost === undefined || acceptQueueLimit === undefined) return false;
  return acceptQueueMost >= acceptQueueLimit;
};

/** The host counts overflows of all its queues together, so they may not be the target's. */
export const hasQueueOverflowed: Sign = ({ loaded }) => (loaded.listenOverflows ?? 0) > 0;

/** Some connects had their first packet sent again, as happens when a queue is full. */
export const isTcpResent: Sign = ({ loaded }) => (loaded.tcpP99Us ?? 0) >= RESENT_US;

/** First packets are lost at low load, too. That loss is the network's. */
export const isTcpResentInCalm: Sign = ({ calm, isCalmAtBest }) =>
  !isCalmAtBest && (calm.tcpP99Us ?? 0) >= RESENT_US;
export const isTcpWholeInCalm: Sign = ({ calm }) => (calm.tcpP99Us ?? RESENT_US) < RESENT_US;

export const isSpawnSlow: Sign = (evidence) => hasGrown(evidence, 'spawnP50Us', SPAWN_SLOW);
export const isTcpFlat: Sign = (evidence) => isFlat(evidence, 'tcpP50Us', TCP_SLOW);
export const isCanarySlow: Sign = (evidence) => hasGrown(evidence, 'canaryP90Us', CANARY_SLOW);
export const isCanarySeen: Sign = ({ loaded }) => loaded.canaryP90Us !== undefined;
/**
 * The canary is about as quick as at low load, and was quick there: at most a round trip and a slice of CPU time.
 * Otherwise unchanged answers would show nothing.
 */
export const hasCanaryKeptUp: Sign = (evidence) => {
  const { canaryP90Us, tcpP50Us } = evidence.calm;
  if (canaryP90Us === undefined || tcpP50Us === undefined) return false;
  return isFlat(evidence, 'canaryP90Us', CANARY_KEPT_UP) && canaryP90Us <= tcpP50Us + SLICE_US;
};

/** A connect took longer after the postmaster had taken it, as happens when backends wait for a CPU. */
export const isSetupSlow: Sign = (evidence) => hasGrown(evidence, setupOf(evidence), SETUP_SLOW);
export const isSetupFlat: Sign = (evidence) => isFlat(evidence, setupOf(evidence), SETUP_FLAT);

export const isAuthMost: Sign = (evidence) =>
  isMost(evidence, 'authP50Us') ||
  (isMost(evidence, 'readyP50Us') && isMostOf(evidence, 'serverAuthP50Us', 'readyP50Us'));
export const isTlsMost: Sign = (evidence) => isMost(evidence, 'tlsP50Us');
export const isTcpMost: Sign = (evidence) => isMost(evidence, 'tcpP50Us');

/** The postmaster's use of CPUs, as shares of the time. */
interface Demand {
  onCpu: number;
  waited: number;
  /** Share of the time that it wanted a CPU. */
  starved: number;
}

/**
 * Returns the postmaster's demand; undefined if a figure is missing. Time that the hypervisor takes from the
 * postmaster's CPU is counted as time on it. Here it counts as time waited. Stolen time is assumed to be taken from all
 * running processes in proportion.
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

/**
 * Returns the name of the figure for setup: by the server's own clock if it was reported both under load and at low
 * load; else the phases that only a backend has.
 */
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
/** Phases of every login. If one is missing, it is not known where the time went. */
const NEEDED = ['tcpP50Us', 'spawnP50Us', 'readyP50Us'] as const;

/**
 * Returns whether the phase has grown and makes up most of a connect's growth. Without figures at low load: whether it
 * makes up most of a connect.
 */
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
