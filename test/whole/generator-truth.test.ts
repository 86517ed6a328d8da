import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { SummaryRecord } from '../../src/result/records/summary-records.ts';
import { LAUNCHER, startCli } from '../support/cli/cli.ts';
import { constantRate, temporaryPath } from '../support/run-storm.ts';
import { startDuring, startKnownServer } from '../support/servers/known-server.ts';
import { findObstacle } from '../support/servers/network-namespace.ts';

/** A generator that lacks something says so. generator-truth.real.test.ts has one that lacks CPU time, and slow servers. */

const codesOf = ({ validity }: SummaryRecord): string[] => validity.reasons.map(({ code }) => code);

it.concurrent('a process that was stopped for 2 s says so', async ({ onTestFinished }) => {
  const server = await startDuring(onTestFinished);
  const { args, out } = writeScenario({ load: constantRate(50, '3s') }, server.url);
  const run = startCli(args, dirname(out));
  while (!readText(out).includes('"interval"')) await Promise.race([run.ended, delay(20)]);
  run.child.kill('SIGSTOP');
  try {
    // More than steal of the same sample explains, on a busy host too.
    await delay(2000);
  } finally {
    run.child.kill('SIGCONT');
  }
  const { code, stdout, stderr } = await run.ended;
  expect(code, stderr).toBe(111);
  const summary: SummaryRecord = JSON.parse(stdout);
  expect(codesOf(summary)).toContain('GENERATOR_STOPPED');
});

it.concurrent('a process that runs out of descriptors says so, before and after', async ({
  skip,
  onTestFinished,
}) => {
  skip(spawnSync('prlimit', ['--version']).error !== undefined, 'no prlimit');
  const server = await startDuring(onTestFinished);
  const { summary, stderr } = await runUnder(['prlimit', '--nofile=250:250'], server.url, 400);
  expect(codesOf(summary)).toContain('OUT_OF_DESCRIPTORS');
  expect(stderr).toContain('this plan may run out of file descriptors');
});

const noNamespace = findObstacle();

it.concurrent(`a machine that runs out of local ports says so, before and after${noNamespace === undefined ? '' : ` (skipped: ${noNamespace})`}`, {
  skip: noNamespace !== undefined,
}, async ({ onTestFinished }) => {
  const server = await startKnownServer({}, { alone: true });
  onTestFinished(() => server.stop());
  const inside = ['nsenter', '-n', '-t', String(server.pid)];
  const narrow = 'echo "40000 40099" > /proc/sys/net/ipv4/ip_local_port_range';
  const [command = '', ...args] = inside;
  expect(spawnSync(command, [...args, 'sh', '-c', narrow]).status).toBe(0);
  const { summary, stderr } = await runUnder(inside, server.url, 300);
  expect(codesOf(summary)).toContain('OUT_OF_PORTS');
  expect(stderr).toContain('this plan may run out of local ports');
});

/** Holds `count` connections at once. */
async function runUnder(
  wrapper: readonly string[],
  url: string,
  count: number,
): Promise<{ summary: SummaryRecord; stderr: string }> {
  const load = constantRate(100, `${count / 100}s`, { maxInFlight: 500 });
  const { args, out } = writeScenario({ load, connection: { hold: 'end' } }, url);
  const [command = '', ...rest] = [...wrapper, process.execPath, LAUNCHER, ...args];
  // It ends with a code of its own.
  const { stdout, stderr }: { stdout: string; stderr: string } = await promisify(execFile)(
    command,
    rest,
    { cwd: dirname(out) },
  ).catch((ended) => ended);
  expect(stdout, stderr).toContain('"type":"summary"');
  return { summary: JSON.parse(stdout), stderr: stderr.replace(/\s+/g, ' ') };
}

function writeScenario(
  scenario: Record<string, unknown>,
  url: string,
): { args: string[]; out: string } {
  const path = temporaryPath('storm.json');
  writeFileSync(path, JSON.stringify({ shows: 'a test', ...scenario }));
  const out = `${path}.ndjson`;
  return { args: ['run', path, '--target', url, '--out', out, '--json'], out };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
