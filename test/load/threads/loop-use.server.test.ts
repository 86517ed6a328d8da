import { once } from 'node:events';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { readLoopUse } from '../../../src/load/threads/loop-use.ts';

const IDLE_WORKER = `
  const { parentPort } = require('node:worker_threads');
  parentPort.once('message', () => parentPort.close());
  parentPort.postMessage('here');
`;

it('never calls a thread active for the time in which it was idle, also while the thread ends', async () => {
  const worker = new Worker(IDLE_WORKER, { eval: true });
  const read = () => readLoopUse(() => worker.performance.eventLoopUtilization());
  await once(worker, 'message');
  await pause(300);
  const idle = read();
  expect(idle?.idleMs).toBeGreaterThan(0);
  let hasEnded = false;
  worker.once('exit', () => {
    hasEnded = true;
  });
  worker.postMessage('end');
  while (!hasEnded) {
    const use = read();
    if (use !== undefined) expect(use.idleMs).toBeGreaterThanOrEqual(idle?.idleMs ?? 0);
    await turn();
  }
  expect(read()).toBeUndefined();
});
