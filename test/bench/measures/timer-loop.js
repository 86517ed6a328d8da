// @ts-check

/**
 * Does nothing at a constant rate, paced by setTimeout as the open loop is, and prints by how many milliseconds it was
 * late at p99: node timer-loop.js RATE SECONDS
 */

const [rate = 0, seconds = 0] = process.argv.slice(2).map(Number);
const count = rate * seconds;
/** Later, so that what the start costs is over. */
const from = performance.now() + 200;
/** @type {number[]} */
const lateMs = [];

wait();

function turn() {
  const now = performance.now();
  while (lateMs.length < count && dueMs() <= now) lateMs.push(now - dueMs());
  if (lateMs.length < count) wait();
  else console.log(lateMs.toSorted((a, b) => a - b)[Math.ceil(0.99 * count) - 1]);
}

function wait() {
  setTimeout(turn, Math.max(1, Math.ceil(dueMs() - performance.now())));
}

function dueMs() {
  return from + (lateMs.length * 1000) / rate;
}
