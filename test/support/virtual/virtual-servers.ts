import type { Failure } from '../../../src/model/measures.ts';
import { REFUSAL } from './simulated-driver.ts';
import type { VirtualServer } from './virtual-run.ts';

const GONE: Failure = {
  layer: 'network',
  phase: 'tcp',
  code: 'ECONNREFUSED',
  message: 'connection refused',
};

/** Every connect is ready after so long. */
export function readyAfter(ms: number): VirtualServer {
  return () => ({ ready: ms * 1000 });
}

/** Takes one connect at a time, so long each. */
export function serveInTurn(ms: number): VirtualServer {
  let freeUs = 0;
  return (_attempt, _serial, nowUs) => {
    freeUs = Math.max(freeUs, nowUs) + ms * 1000;
    return { ready: freeUs - nowUs };
  };
}

/** Refuses the n-th, the 2n-th and so on. */
export function refuseEvery(n: number): VirtualServer {
  return (_attempt, serial) => ((serial + 1) % n === 0 ? { failed: 1000 } : { ready: 1000 });
}

/** Has so many slots, each of which is taken for `heldMs` by whoever is let in. */
export function haveSlots(slots: number, heldMs: number): VirtualServer {
  let endsUs: number[] = [];
  return (_attempt, _serial, nowUs) => {
    endsUs = endsUs.filter((endUs) => endUs > nowUs);
    if (endsUs.length >= slots) return { failed: 1000, failure: REFUSAL };
    endsUs.push(nowUs + 1000 + heldMs * 1000);
    return { ready: 1000 };
  };
}

/** Is there until `isGone`: then nobody listens any more. */
export function goWhen(isGone: () => boolean): VirtualServer {
  return () => (isGone() ? { failed: 100, failure: GONE } : { ready: 1000 });
}
