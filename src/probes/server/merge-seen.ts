import type { WatchRecord } from '../../result/records/samples.ts';

/** An account of what the kill switch saw since the previous one. */
export type Seen = Pick<WatchRecord, 'canary' | 'witness'>;

/** Merges two accounts into one. Waits that still go on come from the later one. */
export function mergeSeen(earlier: Seen, later: Seen): Seen {
  return {
    canary: mergeCanary(earlier.canary, later.canary),
    witness: {
      ...later.witness,
      connected: earlier.witness.connected + later.witness.connected,
      failed: earlier.witness.failed + later.witness.failed,
      maxUs: max(earlier.witness.maxUs, later.witness.maxUs),
    },
  };
}

function mergeCanary(earlier: Seen['canary'], later: Seen['canary']): Seen['canary'] {
  const answered = earlier.answered + later.answered;
  const sumUs = sum(earlier) + sum(later);
  return {
    ...later,
    answered,
    meanUs: answered === 0 ? null : Math.round(sumUs / answered),
    maxUs: max(earlier.maxUs, later.maxUs),
  };
}

function sum({ answered, meanUs }: Seen['canary']): number {
  return answered * (meanUs ?? 0);
}

function max(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
