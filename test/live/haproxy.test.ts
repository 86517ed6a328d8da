import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { inspect } from '../../src/commands/inspect.ts';
import { chooseRandomPort } from '../../src/lab/process/port.ts';
import type { InspectionReport } from '../../src/report/inspect/inspection.ts';
import { captureIo } from '../commands/captured-io.ts';
import { constantRate, runStorm, temporaryPath } from '../support/run-storm.ts';
import { labForSuite } from '../support/servers/lab.ts';

const NO_HAPROXY =
  spawnSync('haproxy', ['-v']).status === 0 ? '' : ' (skipped: haproxy is not installed)';

/** A plain TCP proxy in front of a real Postgres: none of its protocol, and not a word to clients when it is full or has no server. */
describe.skipIf(NO_HAPROXY !== '')(`through HAProxy${NO_HAPROXY}`, () => {
  const lab = labForSuite({ auth: 'scram-sha-256' });
  const [plain, checked, full, dead, downs] = Array.from({ length: 5 }, chooseRandomPort);
  const through = (port: number | undefined): string => {
    const url = new URL(lab().url);
    url.port = String(port);
    return url.href;
  };

  const write = (server: string): string => {
    const path = temporaryPath('haproxy.cfg');
    writeFileSync(
      path,
      `global
  maxconn 200
defaults
  mode tcp
  timeout connect 1s
  timeout client 1m
  timeout server 1m
  timeout queue 200ms
listen plain
  bind 127.0.0.1:${plain}
  server a ${server}
listen checked
  bind 127.0.0.1:${checked}
  option pgsql-check user storm
  server a ${server} check inter 500ms
listen full
  bind 127.0.0.1:${full}
  server a ${server} maxconn 1
listen dead
  bind 127.0.0.1:${dead}
  server a 127.0.0.1:1
listen downs
  bind 127.0.0.1:${downs}
  server a 127.0.0.1:1 check inter 100ms fall 1
`,
    );
    return path;
  };

  let stop = async (): Promise<void> => {};
  beforeAll(async () => {
    const path = write(`127.0.0.1:${new URL(lab().url).port}`);
    const child = spawn('haproxy', ['-db', '-f', path], { stdio: 'ignore' });
    const exited = once(child, 'exit');
    stop = async () => {
      child.kill('SIGKILL');
      await exited;
    };
    await vi.waitFor(() => reach(Number(plain)), { timeout: 30_000, interval: 50 });
  });
  afterAll(() => stop());

  async function reach(port: number): Promise<void> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect').finally(() => socket.destroy());
  }

  it.each([
    ['with a health check', checked],
    ['without one', plain],
  ])('a server %s is seen through, and what stands between is told', async (_, port) => {
    const { io, readStdout } = captureIo();
    expect(await inspect.execute({ target: through(port), json: true }, io)).toEqual([]);
    const { server }: InspectionReport = JSON.parse(readStdout());
    expect(server).toMatchObject({
      version: lab().version,
      auth: 'scram-sha-256',
      pooler: null,
      between: true,
      slots: { reserved: 3 },
    });
  });

  it.each([
    ['is down', dead],
    ['is known to be down', downs],
  ])('a server that %s is told as a proxy without one', async (_, port) => {
    const { io } = captureIo();
    const inspecting = inspect.execute({ target: through(port) }, io);
    await expect(inspecting).rejects.toMatchObject({
      exit: 'unreachable',
      message: expect.stringMatching(
        /closed it without an answer.*: check that Postgres listens there\. Otherwise a proxy or load balancer may be full or have no server/,
      ),
    });
  });

  it('a storm has its connects', async () => {
    const { summary } = await runStorm(through(plain), {
      load: constantRate(20, '1s'),
      connection: { queries: 1 },
    });
    expect(summary.accounting).toMatchObject({ due: 20, ok: 20, failed: 0 });
  });

  it('those that its queue gives up have failed by the network, not by the server', async () => {
    const { summary } = await runStorm(through(full), {
      load: { executor: 'burst', clients: 8, duration: '1s' },
      connection: { hold: '2s' },
    });
    const { ok, failed } = summary.accounting;
    expect(ok).toBeGreaterThanOrEqual(1);
    expect(failed).toBeGreaterThanOrEqual(1);
    expect(ok + failed).toBe(8);
    expect(summary.errors).toEqual([
      expect.objectContaining({ layer: 'network', phase: 'spawn', code: 'CLOSED', count: failed }),
    ]);
  });
});
