import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { DryRun } from '../../src/run/describe/dry-run.ts';
import { countPoolSlots } from '../../src/run/place/run-lab.ts';
import { readScenario } from '../../src/scenario/file/read.ts';
import { runInProcess } from '../support/cli/cli-in-process.ts';
import { expectLines } from '../support/cli/cli-output.ts';
import { startDuring } from '../support/servers/known-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-dry-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const POOL_BY_SETTING =
  '{ target: pooled, lab: { pgbouncer: { settings: { Default_Pool_Size: "5" } } } }';
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
    expect(stdout).toContain('no connection was opened');
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
        lastsUntilEnd: false,
        arrivalCount: 200,
        arrivalsUs: 2_000_000,
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

  it('tells the statements of each connection, and whether they may write', async () => {
    const path = join(folder, 'statements.yaml');
    const load = 'load: { executor: constant-arrival-rate, rate: 2, duration: 1s }';
    const texts = `["SELECT 1", "ALTER ROLE me PASSWORD 'hunter2'"]`;
    writeFileSync(path, `shows: x\n${load}\nconnection: { statements: ${texts} }\n`);
    const shown = ['"SELECT 1"', `"ALTER ROLE me PASSWORD '***'"`];
    const [own] = (await dryRun(path)).variants;
    expect(own?.statements).toEqual({ texts: shown, protocol: 'simple', mayWrite: true });
    const told = await dryRun(path, '--target', FAR);
    expect(told.variants[0]?.statements).toMatchObject({ texts: shown, mayWrite: false });
    expect(told.consent).toContain('each connection runs in read-only transactions: "SELECT 1"');
    const written = await dryRun(path, '--target', FAR, '--set', 'connection.writes=true');
    expect(written.variants[0]?.statements?.mayWrite).toBe(true);
    expect(written.consent).toContain('each connection runs, and may write: "SELECT 1"');
    const args = ['run', path, '--dry-run', '--target', FAR];
    const { stdout } = await runInProcess(args);
    const line =
      'each connection runs, by the simple protocol, in read-only transactions: "SELECT 1"';
    expect(stdout.replace(/\s+/g, ' ')).toContain(line);
    expect(stdout).not.toContain('hunter2');
  });

  it('refuses a statement that could leave its read-only transaction', async () => {
    const set = `connection.statements=["SELECT 1; DELETE FROM t"]`;
    const args = ['run', 'steady', '--dry-run', '--target', FAR, '--set', set];
    const { code, stderr } = await runInProcess(args);
    expect(code).toBe(104);
    expect(stderr.replace(/\s+/g, ' ')).toContain(
      'connection.statements[0] has 2 statements, so it could leave the read-only transaction',
    );
    expect((await runInProcess([...args, '--set', 'connection.writes=true'])).code).toBe(0);
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
    expect(text).toMatch(
      /Each further rate is .* \(at most 300\/s\), .* until two steps at the same rate are not sustained/,
    );
    expect(text).toMatch(/about [\d.]+ s, at most 120 s/);
    expect((await dryRun()).variants[0]?.search).toMatchObject({ maxDurationUs: 120_000_000 });
  });

  it('tells the very text of consent where none was given', async () => {
    const refused = await runInProcess(['run', 'steady', '--target', FAR]);
    expect(refused.code).toBe(104);
    const told = await dryRun('steady', '--target', FAR);
    expect(`connstorm: ${told.consent}\n`).toBe(refused.stderr);
  });

  it.each([
    ['--yes', ['--yes'], {}],
    ['CONNSTORM_YES=1', [], { CONNSTORM_YES: '1' }],
  ])('says that consent is given by %s, and asks for none', async (name, flags, env) => {
    const args = ['run', 'steady', '--dry-run', '--target', FAR, ...flags];
    const { stdout } = await runInProcess(args, { env });
    const text = stdout.replace(/\s+/g, ' ');
    expect(text).toMatch(
      new RegExp(
        `confirmation: the run would storm 192.0.2.1:5432 with .* 500 connects in 10 s: given by ${name} $`,
      ),
    );
    expect(text).not.toContain('this needs');
  });

  it('tells where the result goes, the label and the budgets', async () => {
    const out = join(folder, 'told.ndjson');
    const flags = ['--label', 'before', '--budget', 'latency p(99) < 250ms'];
    expect(await dryRun('steady', '--out', out, ...flags)).toMatchObject({
      out,
      label: 'before',
      budgets: ['latency p(99) < 250ms'],
    });
    const { stdout } = await runInProcess(['run', 'steady', '--dry-run', '--out', '-', ...flags]);
    expect(stdout).toContain(
      'label: before\ntarget: the lab (a Postgres that connstorm starts), wire driver\n',
    );
    expect(stdout).toContain('\nbudget: latency p(99) < 250ms\nresult: standard output\n');
    const plain = await runInProcess(['run', 'steady', '--dry-run']);
    expect(plain.stdout).toContain('\nresult: a new file in results/\n');
  });

  it('asks for no consent at a dry run', async () => {
    const asked = await runInProcess(['run', 'steady', '--dry-run', '--target', FAR], {
      isTerminal: true,
      env: { CONNSTORM_YES: '1' },
    });
    expect(asked.stderr).toBe('');
    expect(asked.stdout).toContain(
      'confirmation: the run would storm 192.0.2.1:5432 with up to 50 connects/s',
    );
    expect((await dryRun('steady', '--target', 'postgres://u@127.0.0.1/x')).consent).toBe(null);
  });

  it.each([60, 80])('fits %i columns and tells no password', async (columns) => {
    const args = ['run', 'steady', '--dry-run', '--target', FAR];
    const { stdout } = await runInProcess(args, { columns });
    expectLines(stdout, columns);
    expect(stdout).not.toContain('hush');
  });

  it('tells in what time the clients of a burst come, and how long the block is kept', async () => {
    const [herd, storm] = await Promise.all(
      ['herd', 'retry-storm'].map((name) => runInProcess(['run', name, '--dry-run'])),
    );
    const herdText = herd?.stdout.replace(/\s+/g, ' ');
    expect(herdText).toContain('at-once: load: burst, 150 arrivals at once at 0 s');
    const stormText = storm?.stdout.replace(/\s+/g, ' ');
    expect(stormText).toMatch(
      /120 arrivals in 1 s from 0 s on; .* the block lasts 15 s none: in flight/,
    );
  });

  it.each<[string, string, number]>([
    ['of the lab', '{}', 0],
    [
      'of a lab with a pooler',
      '{ target: pooled, lab: { pgbouncer: { poolSize: 7, processes: 2 } } }',
      14,
    ],
    ['of a pooler of the usual size', '{ target: pooled }', 20],
    ['of a pooler with its own setting', POOL_BY_SETTING, 5],
  ])('counts the slots that the run leaves to a pooler: %s', async (_, more, slots) => {
    const path = join(folder, 'reserve.yaml');
    const load = { executor: 'constant-arrival-rate', rate: 2, duration: '1s' };
    writeFileSync(path, `shows: x\nload: ${JSON.stringify(load)}\n`);
    const loaded = readScenario(path);
    const variant = loaded.variants[0];
    const given = parse(more) as Partial<typeof variant.scenario>;
    const scenario = { ...variant.scenario, ...given };
    const variants = [{ ...variant, scenario }];
    expect(countPoolSlots(variants, { isDefault: true })).toBe(slots);
    expect(countPoolSlots(variants, undefined)).toBe(0);
  });

  it('shows the plan with --quiet too: it is all that a dry run is for', async () => {
    const args = ['run', 'steady', '--dry-run', '--target', FAR];
    const [loud, quiet] = [await runInProcess(args), await runInProcess([...args, '--quiet'])];
    expect(quiet.stdout).toBe(loud.stdout);
    expect(quiet.stdout).toContain('dry run of steady');
    const help = await runInProcess(['run', '--help']);
    expect(help.stdout.replace(/\s+/g, ' ')).toContain('so is the plan of a dry run');
  });

  const SPREAD = 'postgres://u@192.0.2.1,192.0.2.2/x?load_balance_hosts=random';
  const missing = join(folder, 'missing');
  const there = join(folder, 'there.ndjson');
  writeFileSync(there, 'kept');
  symlinkSync(join(missing, 'x'), join(folder, 'dangling'));

  it.each<[string, string[], RegExp]>([
    [
      'a search that is repeated',
      ['--repeat', '2'],
      /repeat cannot be used with saturation-search/,
    ],
    [
      'a search of several hosts',
      ['--target', SPREAD, '--yes'],
      /a saturation-search measures one server/,
    ],
    ['a folder that is not there', ['--out', join(missing, 'x')], /its folder does not exist/],
    ['a folder', ['--out', folder], /it is a folder; name a file/],
    ['a path below a file', ['--out', join(there, 'x')], /a part of the path is a file/],
    ['a file that is there', ['--out', there], /exists and is not overwritten/],
    ['a link to nothing', ['--out', join(folder, 'dangling')], /exists and is not overwritten/],
    ['a name that is a folder by its end', ['--out', `${missing}/`], /it is a folder/],
    ['a name that is too long', ['--out', join(folder, 'x'.repeat(300))], /the name is too long/],
    [
      'an address that is none of this machine',
      ['--set', 'connection.localAddresses=[192.0.2.7]', '--target', FAR],
      /must be an address of this machine/,
    ],
    [
      'an address of the other family',
      ['--set', 'connection.localAddresses=[127.0.0.1]', '--target', 'postgres://u@[::1]/x'],
      /localAddresses\[0\] must be IPv6/,
    ],
    [
      'a reset of a Unix socket',
      ['--set', 'connection.close=reset', '--target', 'host=/nowhere user=u'],
      /close must not be reset/,
    ],
    ['a role that the lab has not', ['--target', 'replica=lab'], /the lab has only direct and/],
    [
      "a setting that is the lab's own",
      ['--set', 'lab.postgres.settings.port=5', '--trust-scenario'],
      /lab setting "port" is set by the lab itself and cannot be changed/,
    ],
    ['a folder without a Postgres', ['--postgres-bin', folder], /--postgres-bin .* has no initdb/],
    [
      'the same folder in the scenario',
      ['--set', `lab.postgres.bin=${folder}`, '--trust-scenario'],
      /lab\.postgres\.bin .* has no initdb/,
    ],
    [
      'CPUs of a replica that are not there',
      ['--set', 'lab.replicas=1', '--set', 'lab.replicaCpus=["9999"]'],
      /lab\.replicaCpus\[0\] (names CPU 9999|needs|works)/,
    ],
    [
      'a Postgres for the lab where --target names a server',
      ['--postgres-bin', folder, '--target', FAR],
      /--postgres-bin is for the lab/,
    ],
    ['CPUs for the lab where there is none', ['--pin', 'server=0', '--target', FAR], /--pin /],
  ])('refuses what a run refuses, in its words: %s', async (_, args, why) => {
    const real = await runInProcess(['run', ...args]);
    const dry = await runInProcess(['run', ...args, '--dry-run']);
    expect(dry).toEqual(real);
    expect(dry).toMatchObject({ code: 104, stdout: '' });
    expect(dry.stderr.replace(/\s+/g, ' ')).toMatch(why);
    expect(readFileSync(there, 'utf8')).toBe('kept');
  });

  it('takes a file that is to be replaced, and leaves it as it is', async () => {
    await dryRun('--out', there, '--overwrite');
    expect(readFileSync(there, 'utf8')).toBe('kept');
  });

  it('refuses a Postgres for the lab also where the environment names a server', async () => {
    const args = ['run', 'steady', '--postgres-bin', folder];
    for (const env of [{ CONNSTORM_TARGET: FAR }, { PGHOST: '192.0.2.1' }]) {
      for (const more of [[], ['--dry-run']]) {
        const { code, stderr } = await runInProcess([...args, ...more], { env });
        expect(code).toBe(104);
        expect(stderr).toContain('--postgres-bin is for the lab');
      }
    }
  });

  it('says which flags of the lab do nothing at another server', async () => {
    const args = ['run', 'steady', '--dry-run', '--target', FAR, '--trust-scenario'];
    const set = ['--set', 'lab.postgres.settings.max_connections=50'];
    const { code, stderr } = await runInProcess([...args, ...set]);
    expect(code).toBe(0);
    expect(stderr).toContain('--trust-scenario has no effect');
    expect(stderr).toContain(
      'lab.postgres.settings.max_connections has no effect: the target is not the lab',
    );
  });
});

describe('the events of a dry run', () => {
  const write = (events: string): string => {
    const path = join(folder, 'events.yaml');
    const load = '{ executor: constant-arrival-rate, rate: 10, duration: 10s }';
    writeFileSync(path, `shows: a test\nload: ${load}\nevents: ${events}\n`);
    return path;
  };

  it('are told in the order of their times, with what they allow, and the question names them', async () => {
    const path = write(
      '[{ at: 5s, do: exec, command: ./failover.sh, allow: 90s }, { at: 2s, do: reload }]',
    );
    const told = await dryRun(path, '--target', FAR, '--trust-scenario');
    expect(told.variants[0]?.events).toEqual([
      { atUs: 2_000_000, text: 'reload', allowUs: 60_000_000 },
      { atUs: 5_000_000, text: 'exec "./failover.sh"', allowUs: 90_000_000 },
    ]);
    expect(told.consent).toContain(
      '; 2 s after the start of the load: reload (the kill switch does not act for 60 s); 5 s after the start of the load: exec "./failover.sh" (the kill switch does not act for 90 s)',
    );
  });

  it.each([
    [['--target', FAR], /^connstorm: events\[0\]\.command "true" would run on this machine/],
    [['--target', 'lab'], /^connstorm: events\[0\]\.command "true" would run on this machine/],
  ])('are refused without trust: %j', async (args, message) => {
    const path = write('[{ at: 5s, do: exec, command: "true" }]');
    const { code, stderr } = await runInProcess(['run', path, '--dry-run', ...args]);
    expect(code).toBe(104);
    expect(stderr).toMatch(message);
  });

  it('are refused at another server than the lab if they need its machine', async () => {
    const path = write('[{ at: 5s, do: stall, duration: 1s }]');
    const { code, stderr } = await runInProcess(['run', path, '--dry-run', '--target', FAR]);
    expect(code).toBe(104);
    expect(stderr).toMatch(/^connstorm: events\[0\] is stall, .* or use exec/s);
  });
});
