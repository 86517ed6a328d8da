// @ts-check

import { setTimeout } from 'node:timers/promises';

/**
 * Resolves `ms` from now, never before: a timer of Node counts from the start of its loop's turn and may
 * fire up to a millisecond early.
 *
 * @param {number | undefined} ms
 */
export async function wait(ms) {
  if (ms === undefined || ms <= 0) return;
  const due = performance.now() + ms;
  for (let left = ms; left > 0; left = due - performance.now()) await setTimeout(left);
}

/**
 * Stops this process for `ms`: it accepts nothing and answers nothing, while the kernel goes on completing TCP
 * handshakes, exactly as with a postmaster that is stopped. Unlike after SIGSTOP, the process cannot be
 * left stopped when its parent dies.
 *
 * @param {number} ms @returns {number} How long it was, in milliseconds.
 */
export function stall(ms) {
  const from = performance.now();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  return performance.now() - from;
}
