import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { SummaryRecord } from '../../src/result/records/summary-records.ts';
import { LAUNCHER } from '../support/cli/cli.ts';
import { constantRate, temporaryPath } from '../support/run-storm.ts';
import {
  type Behaviour,
  type KnownServer,
  startKnownServer,
  waitForCounters,
} from '../support/servers/known-server.ts';
import { findObstacle } from '../support/servers/network-namespace.ts';

/**
 * Who keeps TIME_WAIT, read from the kernel: client and server share a network namespace that is theirs alone, so
 * every row of /proc/net/tcp is of this test.
 */

const obstacle = findObstacle();
/** Connects a storm makes: 1 s at 100/s. */
const CONNECTS = 100;
/** The run's own look at the target before the storm: connections of which either side may keep TIME_WAIT, or both of one whose FINs cross. */
const PREFLIGHT = 2;

describe.skipIf(obstacle !== undefined)(
  `TIME_WAIT${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`,
  () => {
    it('stays with us where we close first', async () => {
      const kept = await storm({ close: 'terminate' });
      // The server's FIN may be out before ours where we are stopped between Terminate and it: on a busy machine, often.
      expect(kept.client, kept.told).toBeGreaterThan(0.6 * CONNECTS);
      expect(kept.server, kept.told).toBeLessThan(0.4 * CONNECTS);
    });

    it.concurrent('stays with the server where it closes first', async () => {
      const kept = await storm({ close: 'server-first' });
      expect(kept.server, kept.told).toBeGreaterThanOrEqual(kept.ports - PREFLIGHT);
      expect(kept.client, kept.told).toBeLessThanOrEqual(PREFLIGHT);
    });

    it.concurrent('stays with the server where it closes first, under TLS', async () => {
      const kept = await storm({ close: 'server-first' }, { sslReply: 'S' });
      // We wait 100 ms for the FIN behind its close_notify: on a busy machine it may be stopped for longer between the two.
      expect(kept.server, kept.told).toBeGreaterThan(0.6 * CONNECTS);
      expect(kept.client, kept.told).toBeLessThan(0.4 * CONNECTS);
      expect(kept.server + kept.client, kept.told).toBeGreaterThanOrEqual(kept.ports - PREFLIGHT);
    });

    it.concurrent('is nowhere after a reset', async () => {
      const kept = await storm({ close: 'reset' });
      expect(kept.client, kept.told).toBeLessThanOrEqual(PREFLIGHT);
      expect(kept.server, kept.told).toBeLessThanOrEqual(PREFLIGHT);
    });

    it.concurrent('stays with us for connects that were abandoned', async () => {
      const silence: Behaviour = {
        fault: { at: 'sslrequest', how: 'silence' },
        spareFirst: PREFLIGHT,
      };
      const kept = await storm({ close: 'abandon', abandonAfter: '100ms' }, silence);
      expect(kept.client, kept.told).toBeGreaterThanOrEqual(kept.ports - PREFLIGHT);
      expect(kept.server, kept.told).toBeLessThanOrEqual(PREFLIGHT);
    });
  },
);

/**
 * Runs a storm beside the server, and counts the sockets in TIME_WAIT once all are closed. `ports`: how many of ours there
 * were. Every ten seconds the kernel begins anew where it looks for a free port, and one whose TIME_WAIT is with the server
 * is free on our side: a second connection from there takes the place of the first.
 */
async function storm(
  connection: Record<string, unknown>,
  behaviour: Behaviour = {},
): Promise<{ client: number; server: number; ports: number; told: string }> {
  const server = await startKnownServer(behaviour, { alone: true });
  try {
    const told = await runBeside(server, connection);
    const { ports } = await waitForCounters(server, ({ open }) => open === 0);
    // A handful of ports would be a fault of the counting.
    expect(ports).toBeGreaterThan(0.6 * CONNECTS);
    const kept = { ...countTimeWait(server), ports };
    return { ...kept, told: `${JSON.stringify(kept)} of ${told}` };
  } finally {
    await server.stop();
  }
}

/** Resolves with what the run says of its connects and their ends, for a test that fails. */
async function runBeside(
  server: KnownServer,
  connection: Record<string, unknown>,
): Promise<string> {
  const path = temporaryPath('storm.json');
  const load = constantRate(100, '1s');
  writeFileSync(path, JSON.stringify({ shows: 'a test', killSwitch: false, load, connection }));
  const run = ['run', path, '--target', server.url, '--out', `${path}.ndjson`, '--json'];
  // What it exits with is not asked: on a busy machine the measurement may be invalid.
  const { stdout, stderr }: { stdout: string; stderr: string } = await promisify(execFile)(
    'nsenter',
    ['-n', '-t', String(server.pid), process.execPath, LAUNCHER, ...run],
    { cwd: dirname(path) },
  ).catch((ended) => ended);
  expect(stdout, stderr).toContain(`"begun":${CONNECTS}`);
  const { accounting, connections, errors }: SummaryRecord = JSON.parse(stdout);
  return JSON.stringify({ accounting, connections, errors });
}

/** By the side that keeps it: the server's sockets have its port as their own. `others`: what is in another state. */
function countTimeWait({ pid, port }: KnownServer): {
  client: number;
  server: number;
  others: string[];
} {
  const portOf = (address = ''): number => Number.parseInt(address.split(':')[1] ?? '', 16);
  const rows = readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
    .split('\n')
    .slice(1, -1)
    .map((line) => line.trim().split(/\s+/));
  const waiting = rows.filter(([, , , state]) => state === '06');
  const others = rows.filter((row) => !waiting.includes(row));
  return {
    client: waiting.filter(([, , remote]) => portOf(remote) === port).length,
    server: waiting.filter(([, local]) => portOf(local) === port).length,
    others: others.map(([, local, remote, state]) => `${local} ${remote} ${state}`),
  };
}
