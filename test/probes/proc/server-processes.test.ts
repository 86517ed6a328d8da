import { expect, it } from 'vitest';
import { isDue, isServersOwn, parseChildren } from '../../../src/probes/proc/server-processes.ts';

it.each([
  // Linux 6.18; a kernel without CONFIG_PROC_CHILDREN has no such file.
  ['2113 2114 2118 ', [2113, 2114, 2118]],
  ['7 ', [7]],
  ['', undefined],
])('children %j are %j', (text, pids) => {
  expect(parseChildren(text)).toEqual(pids);
});

it.each([
  // PostgreSQL 18 and 15, Debian's with its cluster's name.
  ['postgres: checkpointer ', true],
  ['postgres: background writer ', true],
  ['postgres: io worker 1 ', true],
  ['postgres: 15/main: logical replication launcher ', true],
  ['postgres: autovacuum launcher ', true],
  ['postgres: walsender replicator 127.0.0.1(51234) streaming 0/3000148', true],
  ['postgres: storm storm 127.0.0.1(35992) idle', false],
  ['postgres: 15/main: storm storm [local] SELECT', false],
  ['postgres: storm storm ::1(35992) authentication', false],
  // Forked, and not named yet.
  ['/usr/lib/postgresql/18/bin/postgres\0-D\0/data\0', false],
  ['', false],
])('a process called %j is the own one of a server: %s', (title, own) => {
  expect(isServersOwn(title)).toBe(own);
});

it.each([
  [0, 1, true],
  [200, 1, true],
  [201, 1, false],
  [201, 2, true],
  [1000, 4, false],
  [1000, 5, true],
])('%i processes that were looked into %i samples ago are due: %s', (count, times, due) => {
  expect(isDue(count, times)).toBe(due);
});
