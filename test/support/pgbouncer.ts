import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '../../src/lab/lab.ts';
import { findServerAccount } from '../../src/lab/server-account.ts';

/** Where Debian's package puts it: not on everybody's PATH. */
export const PGBOUNCER = '/usr/sbin/pgbouncer';
export const hasPgbouncer = existsSync(PGBOUNCER);

/** A PgBouncer before a lab, that lets every client in and takes the lab's role; `use` gets its URL. */
export async function withPgbouncer<T>(lab: Lab, use: (url: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'connstorm-test-'));
  chmodSync(folder, 0o755);
  const port = await findFreePort();
  const { username, password, port: labPort, pathname } = new URL(lab.url);
  const config = join(folder, 'pgbouncer.ini');
  writeFileSync(
    config,
    `[databases]
* = host=127.0.0.1 port=${labPort} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
ignore_startup_parameters = extra_float_digits,options
`,
  );
  const child = spawn(PGBOUNCER, [config], { stdio: 'ignore', ...findServerAccount() });
  try {
    await waitForPort(port);
    return await use(`postgres://${username}@127.0.0.1:${port}${pathname}?sslmode=disable`);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
    rmSync(folder, { recursive: true });
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves once something listens there; throws after 10 s. */
async function waitForPort(port: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
      delay(1000, false, { ref: false }),
    ]);
    socket.destroy();
    if (isThere) return;
    if (performance.now() > deadline) throw new Error(`nothing listens on ${port}`);
    await delay(20);
  }
}
