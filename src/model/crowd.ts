/**
 * Crowds: numbers of attempts in flight when others began. They show whether connstorm's lateness has changed the load.
 */

/**
 * Numbers of attempts by how many others were in flight when they began, the smallest crowd first. Crowds of 8 and more
 * are rounded down to three significant bits.
 */
export type CrowdCounts = [others: number, attempts: number][];

/** The crowds of attempts that were scheduled. */
export interface CrowdRecord {
  /** The crowds if each attempt had begun at its due moment and taken the same time. */
  due: CrowdCounts;
  /** The actual crowds. */
  begun: CrowdCounts;
}

/** Returns how many crowds are rounded down to this one, itself included: 1 below 8, 2 below 16, 4 below 32 and so on. */
export function unitOfCrowd(others: number): number {
  return 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, others))) - 2);
}

export function addCrowds(a: CrowdRecord | undefined, b: CrowdRecord): CrowdRecord {
  if (a === undefined) return b;
  return { due: addCounts(a.due, b.due), begun: addCounts(a.begun, b.begun) };
}

function addCounts(a: CrowdCounts, b: CrowdCounts): CrowdCounts {
  const sums = new Map(a);
  for (const [others, attempts] of b) sums.set(others, (sums.get(others) ?? 0) + attempts);
  return [...sums].sort(([one], [other]) => one - other);
}
