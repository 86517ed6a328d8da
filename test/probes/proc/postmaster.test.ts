import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { userInfo } from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import {
  findPostmaster,
  parseNamespacePids,
  parseParent,
} from '../../../src/probes/proc/postmaster.ts';
import { readText } from '../../../src/probes/proc/proc-text.ts';

it.each([
  ['4242 (postgres) S 4200 4242 4242 0 -1', 4200],
  ['4242 (a name) S 1 (with) S 4200 4242', 4200],
  ['', undefined],
])('reads the parent from %j', (stat, expected) => {
  expect(parseParent(stat)).toBe(expected);
});

it.each([
  ['Name:\tpostgres\nNSpid:\t4242\t17\nNSpgid:\t4242\t17\n', [4242, 17]],
  ['Name:\tpostgres\nNSpid:\t4242\nNSpgid:\t4242\n', [4242]],
  // Before Linux 4.1
  ['Name:\tpostgres\n', []],
])('reads the numbers of a process in its namespaces from %j', (status, expected) => {
  expect(parseNamespacePids(status)).toEqual(expected);
});

const mayUnshare = process.platform === 'linux' && userInfo().uid === 0;

describe.skipIf(!mayUnshare)(
  mayUnshare ? 'the postmaster of a container' : 'of a container (skipped: needs Linux and root)',
  () => {
    /** A process that calls itself as a backend does, as number 1 of a namespace; its parent stands for the postmaster. */
    const startContained = async (title: string) => {
      const args = ['-p', '-f', 'bash', '-c', 'exec -a "$0" sleep 60', title];
      const parent = spawn('unshare', args, { stdio: 'ignore', detached: true });
      await once(parent, 'spawn');
      const { pid = 0 } = parent;
      const child = await vi.waitFor(() => {
        const [found] = readText(`/proc/${pid}/task/${pid}/children`).trim().split(' ');
        expect(readText(`/proc/${found}/cmdline`).startsWith(title)).toBe(true);
        return found;
      }, 40_000);
      return { pid, stop: () => [Number(child), pid].map((it) => process.kill(it, 'SIGKILL')) };
    };
    const login = { user: `storm${process.pid}`, database: 'contained' };

    it("is told by its backend's number there and its login", async () => {
      const title = `postgres: main: ${login.user} ${login.database} 10.0.0.9(4711) idle`;
      const { pid, stop } = await startContained(title);
      try {
        expect(findPostmaster(1, login)).toBe(pid);
        expect(findPostmaster(2, login)).toBeUndefined();
        expect(findPostmaster(1, { ...login, user: 'other' })).toBeUndefined();
      } finally {
        stop();
      }
    });

    it('is nobody where two would do', async () => {
      const title = `postgres: ${login.user} ${login.database} [local] idle`;
      const both = [await startContained(title), await startContained(title)];
      try {
        expect(findPostmaster(1, login)).toBeUndefined();
      } finally {
        for (const { stop } of both) stop();
      }
    });
  },
);

it('is nobody where the number is of a process that is no backend', () => {
  expect(findPostmaster(process.pid, { user: 'storm', database: 'storm' })).toBeUndefined();
});
