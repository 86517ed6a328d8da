import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { NO_SERVER_TIMES } from '../../../src/drivers/protocol/server-times.ts';
import {
  Coordinator,
  type LoadListener,
  type LoadOptions,
} from '../../../src/load/threads/coordinator.ts';
import { type LoadPorts, REAL_LOAD, startWorker } from '../../../src/load/threads/ports.ts';
import { checkAccounting } from '../../../src/model/accounting.ts';
import type { IntervalRecord } from '../../../src/result/records/intervals.ts';
import { planConnection } from '../../../src/run/legs/load-options.ts';
import { planRun } from '../../../src/scenario/plan/plan.ts';
import { constantRate } from '../../support/run-storm.ts';
import {
  type KnownServer,
  startKnownServer,
  waitForCounters,
} from '../../support/servers/known-server.ts';
import { localEndpoint } from '../../support/synthetic/open-attempt.ts';
import { parseScenario } from '../../support/synthetic/parse-scenario.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-workers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let server: KnownServer | undefined;
afterEach(() => server?.stop());

const REAL = new URL('../../../dist/load/threads/worker.thread.js', import.meta.url);

/** A worker that is the real one, with `code` run once it has been started; `input` is its workerData. */
function meddledWorker(name: string, code: string): URL {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(
    file,
    `import { parentPort, workerData as input } from 'node:worker_threads';
    await import('${REAL.href}');
    parentPort.on('message', ({ type }) => {
      if (type === 'start') { ${code} }
    });`,
  );
  return pathToFileURL(file);
}

/** Threads of another entry point. */
function startingWorkers(file: URL): LoadPorts {
  return { ...REAL_LOAD, startThread: (input) => startWorker(file, input) };
}

const NOBODY: LoadListener = { onInterval: () => {} };

function describeLoad(port: number, over: Partial<LoadOptions>): LoadOptions {
  const load = constantRate(100, '30s', { gracefulStop: '1s' });
  const plan = planRun(parseScenario(JSON.stringify({ shows: 'a test', load }), 'test.json'));
  return {
    plan,
    connection: {
      ...planConnection(plan, { serverTimes: NO_SERVER_TIMES, isReadOnly: false }),
      holdUs: 'end',
    },
    maxInFlight: 500,
    workers: 2,
    endpoints: [localEndpoint(port)],
    ...over,
  };
}

describe('Coordinator', () => {
  it('ends the run when a worker crashes: what it had under way is lost, what it wrote is kept', async () => {
    // A third of the attempts are never answered: they are in flight when the worker dies.
    server = await startKnownServer({ fault: { at: 'sslrequest', how: 'silence', every: 3 } });
    const crash = `if (input.worker === 0) setTimeout(() => { throw new Error('a defect'); }, 700);`;
    const intervals: IntervalRecord[] = [];
    const coordinator = await Coordinator.launch(
      describeLoad(server.port, { ports: startingWorkers(meddledWorker('crash', crash)) }),
    );
    coordinator.start({ onInterval: (record) => intervals.push(record) });
    const end = await coordinator.finished;
    expect(end.stoppedBy).toBe('error');
    expect(end.reason).toBe('worker 1 of 2 crashed: a defect');
    const { accounting, connections } = coordinator.recorder.accounting();
    expect(accounting.lost).toBeGreaterThan(5);
    expect(accounting.cancelled).toBeGreaterThan(5);
    expect(accounting.ok).toBeGreaterThan(10);
    expect(connections.lost).toBeGreaterThan(5);
    expect(connections.closed).toBeGreaterThan(5);
    expect(checkAccounting(accounting, connections, { complete: true })).toEqual([]);
    const written = intervals.flatMap(({ steps }) => steps.map(({ counts }) => counts.ok));
    expect(written.reduce((sum, ok) => sum + ok, 0)).toBe(accounting.ok);
  });

  it('notices a worker that ends without a word', async () => {
    server = await startKnownServer();
    const leave = 'if (input.worker === 1) setTimeout(() => process.exit(0), 300);';
    const coordinator = await Coordinator.launch(
      describeLoad(server.port, { ports: startingWorkers(meddledWorker('leave', leave)) }),
    );
    coordinator.start(NOBODY);
    const end = await coordinator.finished;
    expect(end).toMatchObject({
      stoppedBy: 'error',
      reason: 'worker 2 of 2 crashed: it ended without a message',
    });
  });

  it('holds connections until the last worker has nothing under way', async () => {
    server = await startKnownServer();
    // Arrivals 0 to 4, half a second apart: worker 1 has had its last when worker 0 still waits for one.
    const load = constantRate(2, '2500ms');
    const plan = planRun(parseScenario(JSON.stringify({ shows: 'a test', load }), 'test.json'));
    const coordinator = await Coordinator.launch(describeLoad(server.port, { plan }));
    coordinator.start(NOBODY);
    await coordinator.finished;
    const { maxOpen, terminates } = await waitForCounters(server, ({ open }) => open === 0);
    expect({ maxOpen, terminates }).toEqual({ maxOpen: 5, terminates: 5 });
  });

  it('stopped as it is started runs hardly at all', async () => {
    server = await startKnownServer();
    const coordinator = await Coordinator.launch(describeLoad(server.port, {}));
    coordinator.start(NOBODY);
    coordinator.stop('signal', 'interrupted');
    await coordinator.finished;
    // None, unless the machine holds a thread up: test/run/stop-conditions.test.ts. The plan has 3,000.
    expect(coordinator.recorder.accounting().accounting.due).toBeLessThan(1_000);
  });

  it('is stopped at once although it is far behind a schedule that nothing could keep', async () => {
    server = await startKnownServer({ fault: { at: 'sslrequest', how: 'silence' } });
    const load = constantRate(50_000, '60s');
    const plan = planRun(parseScenario(JSON.stringify({ shows: 'a test', load }), 'test.json'));
    const maxInFlight = 2_000;
    const coordinator = await Coordinator.launch(describeLoad(server.port, { plan, maxInFlight }));
    coordinator.start(NOBODY);
    await waitForCounters(server, ({ accepted }) => accepted >= 200);
    coordinator.stop('signal', 'interrupted');
    coordinator.cancel();
    const { stopAtUs = 0 } = await coordinator.finished;
    const { accounting, connections } = coordinator.recorder.accounting();
    expect(checkAccounting(accounting, connections, { complete: true })).toEqual([]);
    // One arrival every 20 us: exactly those whose moment came before the stop, or before the cancel just ahead of it.
    expect(accounting.due).toBeLessThanOrEqual(Math.ceil(stopAtUs / 20));
    expect(accounting.lost).toBe(0);
  });

  it('does not start where a worker cannot', async () => {
    const broken = join(folder, 'broken.mjs');
    writeFileSync(broken, "throw new Error('no such module');\n");
    const options = describeLoad(1, { ports: startingWorkers(pathToFileURL(broken)) });
    await expect(Coordinator.launch(options)).rejects.toThrow('no such module');
  });

  it('rejects when a record cannot be taken, and stops its threads', async () => {
    server = await startKnownServer();
    const coordinator = await Coordinator.launch(describeLoad(server.port, {}));
    coordinator.start({
      onInterval: () => {
        throw new Error('a defect of the reader');
      },
    });
    await expect(coordinator.finished).rejects.toThrow('a defect of the reader');
  });
});
