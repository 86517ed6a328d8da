/** How the CPU time of the target's host was shared in a stretch of time. Shares are of all its CPUs together, 0 to 1. */
export interface HostShares {
  /** Length of the stretch, in microseconds. */
  elapsedUs: number;
  /** Time that nobody used. */
  idle: number;
  /** Time that the hypervisor gave to other machines. */
  stolen: number;
  /** Time of processes that are neither connstorm's nor the target's. */
  others: number;
  /** Where the target and connstorm share a quota of CPU (cgroup v2). */
  quota?: QuotaShares;
}

/** A control group with a quota of CPU time, in a stretch of time. */
export interface QuotaShares {
  /** Share of the time in which the group was kept from running, 0 to 1. */
  throttled: number;
  /** Share of what the group used that was neither connstorm's nor the target's. */
  others: number;
}

/** A host with more idle CPU than this has enough for everybody. */
const ENOUGH_IDLE = 0.15;
/** A group that is kept from running for more of the time than this has too little for everybody, idle as its host may be. */
export const MUCH_THROTTLED = 0.1;
/** Others take a smaller share on every machine, and the samples' own errors are as large. */
const NOTICEABLE_TAKEN = 0.05;

/**
 * The share of the CPU that others took while there was too little for everybody, in the mean over all stretches; undefined
 * where it is too little to matter, and without stretches.
 */
export function findTakenShare(stretches: readonly HostShares[]): number | undefined {
  let takenUs = 0;
  let totalUs = 0;
  for (const stretch of stretches) {
    totalUs += stretch.elapsedUs;
    takenUs += stretch.elapsedUs * takenOf(stretch);
  }
  const share = totalUs === 0 ? 0 : takenUs / totalUs;
  return share < NOTICEABLE_TAKEN ? undefined : share;
}

/**
 * What others took in a stretch, of the host's CPU or, where a quota was the bound, of the quota; 0 where there was enough for
 * everybody. Errors of samples may make it negative. A quota that the target alone uses up is the target's own limit.
 */
export function takenOf(stretch: HostShares): number {
  const { idle, stolen, others, quota } = stretch;
  if (quota !== undefined && isBoundByQuota(stretch)) return quota.others;
  return idle < ENOUGH_IDLE ? stolen + others : 0;
}

/** Whether a quota was what kept everybody from running, not the host's CPUs. */
export function isBoundByQuota({ idle, quota }: HostShares): boolean {
  return idle >= ENOUGH_IDLE && quota !== undefined && quota.throttled >= MUCH_THROTTLED;
}
