import { type ReconnectStorm, TOGETHER_US } from './ledgers.ts';

/**
 * Groups sessions that were cut together, in whatever order they are added. Each session has a span from its cut until
 * it is back, at least TOGETHER_US long. Sessions whose spans overlap, directly or through others, form one storm.
 * Merging storms gives the same as adding their sessions one by one.
 */
export class ReconnectStorms {
  #storms: ReconnectStorm[] = [];

  addSession(cutUs: number, endUs: number, outcome: 'back' | 'gaveUp' | 'ended'): void {
    const one = {
      firstCutUs: cutUs,
      lastCutUs: cutUs,
      endUs,
      cut: 1,
      back: 0,
      gaveUp: 0,
      ended: 0,
    };
    this.add({ ...one, [outcome]: 1 });
  }

  add(storm: ReconnectStorm): void {
    let merged = { ...storm };
    const apart: ReconnectStorm[] = [];
    for (const other of this.#storms) {
      if (areTogether(merged, other)) merged = merge(merged, other);
      else apart.push(other);
    }
    // The merged storm has grown, so that it may now touch a storm that was apart before.
    const grown = apart.some((other) => areTogether(merged, other));
    this.#storms = grown ? apart : [...apart, merged];
    if (grown) this.add(merged);
  }

  /** Returns the storms in the order of time. */
  list(): ReconnectStorm[] {
    return [...this.#storms].sort((a, b) => a.firstCutUs - b.firstCutUs);
  }
}

function areTogether(a: ReconnectStorm, b: ReconnectStorm): boolean {
  return a.firstCutUs <= reachOf(b) && b.firstCutUs <= reachOf(a);
}

function reachOf({ lastCutUs, endUs }: ReconnectStorm): number {
  return Math.max(endUs, lastCutUs + TOGETHER_US);
}

function merge(a: ReconnectStorm, b: ReconnectStorm): ReconnectStorm {
  return {
    firstCutUs: Math.min(a.firstCutUs, b.firstCutUs),
    lastCutUs: Math.max(a.lastCutUs, b.lastCutUs),
    endUs: Math.max(a.endUs, b.endUs),
    cut: a.cut + b.cut,
    back: a.back + b.back,
    gaveUp: a.gaveUp + b.gaveUp,
    ended: a.ended + b.ended,
  };
}
