import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { afterEach, expect, it, vi } from 'vitest';
import { AcceptQueue, findListeningPids } from '../../../src/probes/proc/accept-queue.ts';
import { readText } from '../../../src/probes/proc/proc-text.ts';
import { type KnownServer, startKnownServer } from '../../support/servers/known-server.ts';

const onLinux = process.platform === 'linux';
const isRoot = userInfo().uid === 0;

let server: KnownServer;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.stop();
});

it.runIf(onLinux)('counts the connections that nobody has accepted yet', async () => {
  server = await startKnownServer();
  const queue = AcceptQueue.find(server.pid, server.port);
  expect(queue?.read()).toMatchObject({ depth: 0 });
  process.kill(server.pid, 'SIGSTOP');
  for (let count = 0; count < 3; count++) await connectSocket();
  expect(queue?.read()).toMatchObject({ depth: 3 });
  process.kill(server.pid, 'SIGCONT');
  await vi.waitFor(() => expect(queue?.read()).toMatchObject({ depth: 0 }), 40_000);
});

/** By the kernel alone, if need be. */
async function connectSocket(): Promise<void> {
  const socket = connect(server.port, '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'connect');
}

it.runIf(onLinux)('is of the process, whatever port clients reach it by', async () => {
  server = await startKnownServer();
  const mapped = AcceptQueue.find(server.pid, server.port === 5432 ? 5433 : 5432);
  expect(mapped?.read()).toEqual(AcceptQueue.find(server.pid, server.port)?.read());
  expect(mapped?.read()?.depth).toBe(0);
});

it.runIf(onLinux && isRoot)('is seen in another network namespace, limit and all', async () => {
  server = await startKnownServer({ backlog: 7 }, { alone: true });
  const queue = AcceptQueue.find(server.pid, server.port);
  expect(queue?.read()).toEqual({ depth: 0, limit: 7 });
});

it.runIf(onLinux)('tells who listens on a port, by name', async () => {
  server = await startKnownServer();
  const name = readText(`/proc/${server.pid}/comm`).trim();
  expect(findListeningPids(name, server.port)).toEqual([server.pid]);
  expect(findListeningPids('pgbouncer', server.port)).toEqual([]);
});
