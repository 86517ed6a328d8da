/** Shares of the CPU time of the target's host in a stretch of time. They are of all its CPUs together, 0 to 1. */
export interface HostShares {
  /** Length of the stretch, in microseconds. */
  elapsedUs: number;
  /** Idle time. */
  idle: number;
  /** Time that the hypervisor gave to other machines. */
  stolen: number;
  /** Time of processes that are neither connstorm's nor the target's. */
  others: number;
  /** Only if the target and connstorm share a quota of CPU (cgroup v2). */
  quota?: QuotaShares;
}

/** Figures of a control group with a quota of CPU time, in a stretch of time. */
export interface QuotaShares {
  /** Share of the time in which the quota kept the group from running, 0 to 1. */
  throttled: number;
  /** Share of the group's CPU time that was neither connstorm's nor the target's. */
  others: number;
}

/** A host with at least this share of idle CPU has enough for all. */
const ENOUGH_IDLE = 0.15;
/**
 * A group that its quota keeps from running for at least this share of the time has too little for all, however idle
 * its host is.
 */
export const MUCH_THROTTLED = 0.1;
/** Others take a smaller share on every machine, and errors of the samples are as large. */
const NOTICEABLE_TAKEN = 0.05;

/**
 * Returns the share of the CPU that others took while there was too little for all, as the mean over all stretches;
 * undefined if it is too small to matter, and without stretches.
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
 * Returns what others took in a stretch: of the host's CPU, or of the quota if that was the limit; 0 if there was
 * enough for all. Errors of samples may make it negative. A quota that the target alone uses up is the target's own
 * limit.
 */
export function takenOf(stretch: HostShares): number {
  const { idle, stolen, others, quota } = stretch;
  if (quota !== undefined && isBoundByQuota(stretch)) return quota.others;
  return idle < ENOUGH_IDLE ? stolen + others : 0;
}

/** Returns whether a quota was the limit, and not the host's CPUs. */
export function isBoundByQuota({ idle, quota }: HostShares): boolean {
  return idle >= ENOUGH_IDLE && quota !== undefined && quota.throttled >= MUCH_THROTTLED;
}
