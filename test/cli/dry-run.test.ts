import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DryRun } from '../../src/run/dry-run.ts';
import { runInProcess } from '../support/cli-in-process.ts';
import { expectLines } from '../support/cli-output.ts';
import { startDuring } from '../support/known-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-dry-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FAR = 'postgres://u:hush@192.0.2.1/x';

async function dryRun(...args: string[]): Promise<DryRun> {
  const { code, stdout, stderr } = await runInProcess(['run', ...args, '--dry-run', '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('--dry-run', () => {
  it('connects to nothing and writes nothing', async ({ onTestFinished }) => {
    const server = await startDuring(onTestFinished, { auth: 'trust' });
    const out = join(folder, 'never.ndjson');
    const args = ['run', 'steady', '--dry-run', '--out', out, '--target', server.url];
    const { code, stdout } = await runInProcess(args);
    expect(code).toBe(0);
    expect(stdout).toContain('nothing was connected to');
    expect((await server.counters()).accepted).toBe(0);
    expect(existsSync(out)).toBe(false);
  });

  it('tells how many arrivals come, over what time, and the first of them', async () => {
    const told = await dryRun('steady', '--rate', '100', '--duration', '2s', '--target', FAR);
    expect(told).toMatchObject({ scenario: 'steady', lab: false, durationUs: 2_000_000 });
    const [variant] = told.variants;
    expect(variant).toMatchObject({ arrivalCount: 200, maxInFlight: null, search: null });
    expect(variant?.blocks).toEqual([
      {
        name: 'load',
        executor: 'constant-arrival-rate',
        startUs: 0,
        endUs: 2_000_000,
        arrivalCount: 200,
        clientCount: null,
        firstArrivalsUs: [0, 10_000, 20_000, 30_000, 40_000],
      },
    ]);
  });

  it('tells when the arrivals of a later block come', async () => {
    const path = join(folder, 'blocks.yaml');
    const block = 'executor: constant-arrival-rate, rate: 2, duration: 1s';
    writeFileSync(path, `shows: x\nload:\n  a: { ${block} }\n  b: { ${block}, startTime: 3s }\n`);
    const [variant] = (await dryRun(path)).variants;
    expect(variant?.blocks.map(({ firstArrivalsUs }) => firstArrivalsUs)).toEqual([
      [0, 500_000],
      [3_000_000, 3_500_000],
    ]);
  });

  it('tells the cap of attempts in flight, and each variant', async () => {
    const told = await dryRun('drivers', '--set', 'load.maxInFlight=7', '--repeat', '2');
    expect(told).toMatchObject({ repeat: 2, lab: true, consent: null });
    expect(told.variants.map(({ name, maxInFlight }) => [name, maxInFlight])).toEqual([
      ['wire', 7],
      ['pg', 7],
    ]);
  });

  it('tells what a search will do', async () => {
    const args = ['run', '--dry-run', '--set', 'load.maxRate=300'];
    const { stdout } = await runInProcess(args);
    const text = stdout.replace(/\s+/g, ' ');
    expect(text).toMatch(/rates that grow .* until one is not sustained twice, at most 300\/s/);
    expect(text).toMatch(/about [\d.]+ s, 120 s at most/);
    expect((await dryRun()).variants[0]?.search).toMatchObject({ maxDurationUs: 120_000_000 });
  });

  it('tells the very text of consent, though consent is given or could be asked for', async () => {
    const refused = await runInProcess(['run', 'steady', '--target', FAR]);
    expect(refused.code).toBe(104);
    const told = await dryRun('steady', '--yes', '--target', FAR);
    expect(`connstorm: ${told.consent}\n`).toBe(refused.stderr);
    const asked = await runInProcess(['run', 'steady', '--dry-run', '--target', FAR], {
      isTerminal: true,
      env: { CONNSTORM_YES: '1' },
    });
    expect(asked.stderr).toBe('');
    expect(asked.stdout).toContain('consent: 192.0.2.1:5432 with up to 50 connects/s');
    expect((await dryRun('steady', '--target', 'postgres://u@127.0.0.1/x')).consent).toBe(null);
  });

  it.each([60, 80])('fits %i columns and tells no password', async (columns) => {
    const args = ['run', 'steady', '--dry-run', '--target', FAR];
    const { stdout } = await runInProcess(args, { columns });
    expectLines(stdout, columns);
    expect(stdout).not.toContain('hush');
  });

  it('refuses what a run refuses', async () => {
    const args = ['run', '--dry-run', '--repeat', '2'];
    expect(await runInProcess(args)).toMatchObject({ code: 104, stdout: '' });
  });
});
