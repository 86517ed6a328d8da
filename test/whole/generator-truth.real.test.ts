import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createSummary } from '../../src/analysis/summary.ts';
import { NO_SERVER_TIMES } from '../../src/drivers/protocol/server-times.ts';
import { Coordinator } from '../../src/load/threads/coordinator.ts';
import { REAL_LOAD, startWorker } from '../../src/load/threads/ports.ts';
import { GeneratorProbe } from '../../src/probes/generator/generator.ts';
import type { SummaryRecord } from '../../src/result/records/summary-records.ts';
import { planConnection } from '../../src/run/legs/load-options.ts';
import { planRun } from '../../src/scenario/plan/plan.ts';
import { constantRate, runStorm } from '../support/run-storm.ts';
import {
  type Behaviour,
  type KnownServer,
  startDuring,
  startKnownServer,
} from '../support/servers/known-server.ts';
import { localEndpoint } from '../support/synthetic/open-attempt.ts';
import { parseScenario } from '../support/synthetic/parse-scenario.ts';
import { makeHeader } from '../support/synthetic/synthetic-run.ts';

/** A generator that is slowed on purpose is called invalid for that reason; a slow server never is. */

const folder = mkdtempSync(join(tmpdir(), 'connstorm-truth-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let server: KnownServer | undefined;
afterEach(() => server?.stop());

const REAL = new URL('../../dist/load/threads/worker.thread.js', import.meta.url);

describe('a worker that is busy with something else is saturated', () => {
  it.each([
    ['an open loop', constantRate(100, '3s'), 300, 'started attempts late'],
    ['a closed loop', constantClients(20, '3s'), null, 'processed answers late'],
  ])('in %s', async (_, load, arrivalCount, text) => {
    const summary = await stormBusily(load, arrivalCount);
    const late = summary.validity.reasons.find(({ code }) => code === 'LATE_GENERATOR');
    expect(late?.message).toContain(text);
    const { reasons } = summary.validity;
    const saturated = reasons.find(({ code }) => code === 'WORKER_SATURATED');
    // Where the machine has no CPU for it either, that is what it is told.
    if (reasons.some(({ code }) => code === 'GENERATOR_STARVED')) return;
    expect(saturated?.message).toMatch(
      /event loop of worker 2 was busy (9\d|100)%.*use more workers/,
    );
  });
});

function constantClients(clients: number, duration: string): Record<string, unknown> {
  return { executor: 'constant-clients', clients, duration };
}

/** The second of two workers has something else to do. */
async function stormBusily(
  load: Record<string, unknown>,
  arrivalCount: number | null,
): Promise<SummaryRecord> {
  server = await startKnownServer();
  const plan = planRun(parseScenario(JSON.stringify({ shows: 'a test', load }), 'test.json'));
  const made = makeHeader({ steps: plan.steps });
  const header = { ...made, plan: { ...made.plan, arrivalCount } };
  const fold = createSummary(header);
  const busy = writeBusyWorker();
  const coordinator = await Coordinator.launch({
    plan,
    connection: planConnection(plan, { serverTimes: NO_SERVER_TIMES, isReadOnly: false }),
    maxInFlight: 500,
    workers: 2,
    endpoints: [localEndpoint(server.port)],
    ports: { ...REAL_LOAD, startThread: (input) => startWorker(busy, input) },
  });
  const probe = new GeneratorProbe(coordinator.crew);
  coordinator.start({
    onInterval: (interval) => {
      fold.add(interval);
      fold.add(probe.sample(coordinator.nowUs));
    },
  });
  const { scram: _, ...end } = await coordinator.finished;
  probe.stop();
  fold.add({ type: 'end', ...end });
  return fold.finish();
}

/** 100 ms at a time. */
function writeBusyWorker(): URL {
  const file = join(folder, 'busy.mjs');
  const spin = 'const until = Date.now() + 100; while (Date.now() < until);';
  const code = [
    "import { workerData } from 'node:worker_threads';",
    `await import('${REAL.href}');`,
    `if (workerData.worker === 1) setInterval(() => { ${spin} }, 1).unref();`,
  ];
  writeFileSync(file, code.join('\n'));
  return pathToFileURL(file);
}

// So slow that what runs beside it makes none invalid either.
describe.concurrent('a slow server makes no run invalid', () => {
  it.for<[string, Behaviour]>([
    ['before it says anything', { sslReplyDelayMs: 1_000 }],
    ['before it is ready', { readyDelayMs: 1_000 }],
  ])('1 s %s', async ([, behaviour], { onTestFinished }) => {
    const server = await startDuring(onTestFinished, behaviour);
    const { summary } = await runStorm(server.url, { load: constantRate(100, '2s') });
    expect(summary.metrics.latency?.p50Us).toBeGreaterThan(999_000);
    expect(summary.validity).toEqual({ valid: true, reasons: [] });
  });

  it.for<[string, Behaviour]>([
    ['before it says anything', { sslReplyDelayMs: 500 }],
    ['before it is ready', { readyDelayMs: 500 }],
  ])('of a closed loop, 500 ms %s', async ([, behaviour], { onTestFinished }) => {
    const server = await startDuring(onTestFinished, behaviour);
    const { summary, records } = await runStorm(server.url, { load: constantClients(50, '3s') });
    expect(summary.metrics.serviceTime?.p50Us).toBeGreaterThan(499_000);
    expect(summary.validity).toEqual({ valid: true, reasons: [] });
    // What it was judged by is in the file.
    const told = records.flatMap((it) =>
      it.type === 'sample' && it.probe === 'generator' ? (it.workers ?? []) : [],
    );
    expect(told.flatMap(({ loopDelaysUs = [] }) => loopDelaysUs).length).toBeGreaterThan(10);
  });
});
