import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  createReadStream,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type {
  SummaryRecord,
  VariantsSummaryRecord,
} from '../../src/result/records/summary-records.ts';
import { LAUNCHER, runCli, startCli } from '../support/cli/cli.ts';
import { expectEnded, expectLines, expectPlain } from '../support/cli/cli-output.ts';
import {
  type Behaviour,
  type KnownServer,
  startDuring,
  startKnownServer,
  waitForCounters,
} from '../support/servers/known-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-cli-'));
writeFileSync(join(folder, 'occupied'), '');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const STEADY = ['run', 'steady', '--rate', '50', '--duration', '400ms'];
/** So slow that no late start of ours makes a run invalid, though several run at a time: each mostly waits. */
const SLOW: Behaviour = { auth: 'scram-sha-256', password: 'hush-hush', readyDelayMs: 1_000 };

describe.concurrent('a run of variants', () => {
  let direct: KnownServer;
  let pooled: KnownServer;
  beforeAll(async () => {
    // So slow that no late start of ours makes a run invalid.
    direct = await startKnownServer({ readyDelayMs: 600 });
    pooled = await startKnownServer({ readyDelayMs: 900 });
    writeFileSync(
      join(folder, 'two.yaml'),
      `shows: x
load: { executor: constant-arrival-rate, rate: 40, duration: 500ms }
variants: { direct: {}, pooled: { target: pooled } }
`,
    );
  });
  afterAll(() => Promise.all([direct.stop(), pooled.stop()]));
  const targetsOf = (pooledUrl = pooled.url): string[] => [
    '--target',
    direct.url,
    '--target',
    `pooled=${pooledUrl}`,
  ];

  it('shows variants beside each other, and again from the file', async () => {
    const out = join(folder, 'two.ndjson');
    const args = ['run', 'two.yaml', '--repeat', '2', '--out', out];
    const run = await runCli([...args, ...targetsOf()], folder);
    const { code, stdout, stderr } = run;
    expect(stderr).toContain('round 2/2 direct');
    expectEnded(run);
    expect(stdout).toMatch(/direct n +p50 +p99 +pooled n +p50 +p99/);
    expect(stdout).toContain('attempts: 80 started = 80 ok');
    expectLines(stdout, 80);
    expect(stdout + stderr).not.toContain('\x1b');
    const again = await runCli(['report', out], folder);
    expect(again).toEqual({ code, stdout, stderr: '' });
  });

  it('with --json prints a summary with one of each variant', async () => {
    const args = ['run', 'two.yaml', '--json', '--quiet', ...targetsOf()];
    const run = await runCli(args, folder);
    const { stdout, stderr } = run;
    // Warnings are told all the same, and nothing else.
    const warnings = [
      expect.stringContaining('reach the same Postgres: one of them does not show'),
      expect.stringContaining('there will be figures but no verdict'),
    ];
    const invalid = expectEnded(run) ? [] : [expect.stringContaining('the run is invalid')];
    expect(stderr.trimEnd().split('\n')).toEqual([...warnings, ...invalid]);
    const summary: VariantsSummaryRecord = JSON.parse(stdout);
    expect(summary).toMatchObject({ metrics: null, accounting: { ok: 40 } });
    expect(Object.keys(summary.variants)).toEqual(['direct', 'pooled']);
    expect(summary.variants.pooled?.rounds).toMatchObject([
      { round: 1, metrics: { latency: { count: 20 } } },
    ]);
  });

  it('killed in the midst of a leg leaves a result that reads as interrupted', async ({
    onTestFinished,
  }) => {
    const server = await startDuring(onTestFinished);
    const out = join(folder, 'cut.ndjson');
    const args = ['run', 'two.yaml', '--set', 'variants.pooled.load.duration=60s', '--out', out];
    const cli = startCli([...args, ...targetsOf(server.url)], folder);
    await cli.waitFor('round 1/1 pooled');
    const { logins } = await server.counters();
    await waitForCounters(server, (counters) => counters.logins >= logins + 10);
    cli.child.kill('SIGKILL');
    await cli.ended;
    const { code, stdout, stderr } = await runCli(['report', '--json', out], folder);
    expect({ code, stderr }).toEqual({ code: 105, stderr: '' });
    const summary: VariantsSummaryRecord = JSON.parse(stdout);
    expect(summary.stoppedBy).toBe('interrupted');
    expect(summary.variants.direct?.rounds).toMatchObject([{ stoppedBy: 'end' }]);
    expect(summary.variants.pooled?.rounds).toMatchObject([{ stoppedBy: 'interrupted' }]);
  });
});

describe.concurrent('a run', () => {
  let shared: KnownServer;
  beforeAll(async () => {
    shared = await startKnownServer(SLOW);
  });
  afterAll(() => shared.stop());

  it('prints the report, writes its result to results/, and holds no password', async () => {
    const cwd = mkdtempSync(join(folder, 'results-'));
    const run = await runCli([...STEADY, '--target', shared.url], cwd);
    const { code, stdout, stderr } = run;
    expect(stderr).toContain('at most');
    expectEnded(run);
    expect(stdout).toMatch(/latency +20 /);
    expect(stdout).toContain('attempts: 20 started = 20 ok');
    const [file] = readdirSync(join(cwd, 'results'));
    expect(stdout).toContain(`results/${file}`);
    const path = join(cwd, 'results', file ?? '');
    const result = readFileSync(path, 'utf8');
    expect(
      result
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).type),
    ).toEqual(expect.arrayContaining(['header', 'interval', 'sample', 'end', 'summary']));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    for (const text of [stdout, stderr, result]) expect(text).not.toContain('hush-hush');
    expectLines(stdout, 80);
    // Piped: no colour, nothing redrawn.
    expect(stdout + stderr).not.toContain('\x1b');

    const again = await runCli(['report', `results/${file}`], cwd);
    expect(again).toEqual({ code, stdout, stderr: '' });
  });

  it('with --json prints the summary alone', async () => {
    const args = [...STEADY, '--json', '--quiet', '--target', shared.url];
    const run = await runCli(args, folder);
    const { code, stdout, stderr } = run;
    const isValid = expectEnded(run);
    const summary: SummaryRecord = JSON.parse(stdout);
    expect(summary).toMatchObject({
      type: 'summary',
      version: 1,
      scenario: 'steady',
      exitCode: code,
      stoppedBy: 'end',
    });
    expect(summary.accounting).toEqual({
      due: 20,
      dropped: 0,
      begun: 20,
      started: 20,
      ok: 20,
      failed: 0,
      abandoned: 0,
      cancelled: 0,
      lost: 0,
      inFlight: 0,
    });
    expect(summary.metrics.latency?.count).toBe(20);
    expect(stderr).toMatch(isValid ? /^$/ : /^connstorm: the run is invalid: .*\n$/);
  });

  it('with --quiet says which budgets did not pass, and nothing else', async () => {
    const budget = ['--budget', 'latency p(99) < 1us', '--budget', 'failed count < 1000'];
    const args = [...STEADY, '--quiet', ...budget, '--target', shared.url];
    const { code, stdout, stderr } = await runCli(args, folder);
    expect(stdout).toBe('');
    // On a busy machine the measurement may be invalid, and nothing from the schedule is judged.
    const invalid = code === 111;
    if (!invalid) expect(code).toBe(99);
    const said = invalid ? 'was not judged (the measurement' : 'failed (measured';
    const lines = stderr
      .trimEnd()
      .split('\n')
      .filter((line) => /^connstorm: (?:latency|failed) /.test(line));
    // Counts are judged where starts were merely late.
    expect(invalid ? [1, 2] : [1]).toContain(lines.length);
    expect(lines[0]).toContain(`connstorm: latency p(99) < 1us ${said}`);
  });

  it('with --quiet says nothing at all', async () => {
    const run = await runCli([...STEADY, '--quiet', '--target', shared.url], folder);
    const isValid = expectEnded(run);
    expect(run.stdout).toBe('');
    expect(run.stderr).toMatch(isValid ? /^$/ : /^connstorm: the run is invalid: .*\n$/);
  });

  it('with --out - prints the records alone', async () => {
    const args = [...STEADY, '--out', '-', '--quiet', '--target', shared.url];
    const run = await runCli(args, folder);
    const types = run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type);
    expect(types[0]).toBe('header');
    expect(types.at(-1)).toBe('summary');
    expectEnded(run);
  });

  it('ends quietly when the reader of its output goes', async () => {
    const cli = startCli(
      ['run', 'steady', '--duration', '30s', '--out', '-', '--target', shared.url],
      folder,
    );
    await cli.waitFor('"header"');
    cli.child.stdout?.destroy();
    const { code, stderr } = await cli.ended;
    expect(stderr).not.toMatch(/EPIPE|rror/);
    expect(code).toBe(105);
  });

  it.skipIf(process.platform === 'win32')('ends when the reader of its pipe goes', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = createReadStream(pipe);
    const cli = startCli(
      ['run', 'steady', '--duration', '30s', '--quiet', '--out', pipe, '--target', shared.url],
      folder,
    );
    await once(reader, 'data');
    reader.destroy();
    const { code, stderr } = await cli.ended;
    expect(stderr).not.toMatch(/EPIPE|rror/);
    expect(code).toBe(105);
  });

  it.runIf(process.platform === 'linux')(
    'ends at a signal though nobody takes what it writes to standard output',
    async () => {
      const pipe = join(folder, 'full-pipe');
      execFileSync('mkfifo', [pipe]);
      const fd = openSync(pipe, constants.O_RDWR);
      // 64 KiB are what a pipe holds.
      writeSync(fd, Buffer.alloc(65_536, 10));
      const server = await startKnownServer(SLOW);
      const args = ['run', 'steady', '--duration', '30s', '--out', '-', '--target', server.url];
      const cli = startCli(args, folder, {}, fd);
      await waitForCounters(server, ({ logins }) => logins >= 20);
      cli.child.kill('SIGTERM');
      const { code, stderr } = await cli.ended;
      closeSync(fd);
      await server.stop();
      expect(stderr).toContain('the program that reads it stopped reading');
      expect(code).toBe(1);
    },
  );

  const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
  it.runIf(hasScript)('ends with its own exit code though its terminal was closed', async () => {
    const [out, exit] = [join(folder, 'closed.ndjson'), join(folder, 'closed-exit')];
    const args = `run steady --rate 20 --duration 2s --out ${out} --target '${shared.url}'`;
    // Not the leader of its session, it is not told by a signal either.
    const command = `trap '' HUP; '${process.execPath}' '${LAUNCHER}' ${args}; echo $? >${exit}`;
    const script = spawn('script', ['-qec', command, '/dev/null'], {
      stdio: 'ignore',
      env: { PATH: process.env.PATH, SHELL: '/bin/sh' },
    });
    await vi.waitFor(() => expect(readFileSync(out, 'utf8')).toContain('header'), 60_000);
    script.kill('SIGKILL');
    await vi.waitFor(() => expect(readFileSync(exit, 'utf8')).toMatch(/\n/), 60_000);
    // Whether the machine was too slow for it is all the same here.
    expect([0, 111]).toContain(Number(readFileSync(exit, 'utf8')));
    expect(readFileSync(out, 'utf8')).toContain('"stoppedBy":"end"');
  });

  it("takes libpq's variables for its target", async () => {
    const env = {
      PGHOST: '127.0.0.1',
      PGPORT: String(shared.port),
      PGUSER: 'storm',
      PGPASSWORD: 'hush-hush',
      PGDATABASE: 'storm',
    };
    const run = await runCli([...STEADY, '--json', '--quiet'], folder, env);
    expect(JSON.parse(run.stdout).accounting.ok).toBe(20);
    expectEnded(run);
  });

  it('tells what was measured although the disk is full, and ends with 1', async () => {
    const { code, stdout, stderr } = await runCli(
      [...STEADY, '--out', '/dev/full', '--target', shared.url],
      folder,
    );
    expect(stdout).toContain('attempts: 20 started = 20 ok');
    expect(stderr).toMatch(/\/dev\/full.*disk is full/);
    expectPlain(stderr);
    expect(code).toBe(1);
  });

  it('does not overwrite a file', async () => {
    const args = [...STEADY, '--out', 'occupied', '--target', shared.url];
    const { code, stderr } = await runCli(args, folder);
    expect(stderr).toMatch(/occupied exists/);
    expect(code).toBe(104);
  });

  it('does not start where its result cannot be written', async () => {
    const out = join(folder, 'occupied', 'result.ndjson');
    const { code, stdout, stderr } = await runCli(
      [...STEADY, '--out', out, '--target', shared.url],
      folder,
    );
    expect(stdout).toBe('');
    expect(stderr).toMatch(/cannot be written.*--out/);
    expect(code).toBe(104);
  });

  it('does not start where results/ cannot be written', async () => {
    const elsewhere = mkdtempSync(join(folder, 'no-results-'));
    writeFileSync(join(elsewhere, 'results'), '');
    const { code, stdout, stderr } = await runCli([...STEADY, '--target', shared.url], elsewhere);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/results.* cannot be written.*--out/);
    expectPlain(stderr);
    expect(code).toBe(104);
  });

  it.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'stopped by %s keeps its result and ends with 105; everything it opened is closed',
    async (signal, { onTestFinished }) => {
      const server = await startDuring(onTestFinished, SLOW);
      const cli = startCli(['run', 'steady', '--duration', '60s', '--target', server.url], folder);
      const { logins } = await server.counters();
      await waitForCounters(server, (counters) => counters.logins >= logins + 20);
      cli.child.kill(signal);
      const { code, stdout } = await cli.ended;
      expect(code).toBe(105);
      expect(stdout).toMatch(/interrupted/);
      const path = /result: (\S+)/.exec(stdout)?.[1] ?? '';
      expect(existsSync(join(folder, path))).toBe(true);
      await waitForCounters(server, ({ open }) => open === 0);
    },
  );

  it('interrupted before the storm ends with 105 although the target stays silent', async ({
    onTestFinished,
  }) => {
    const silent = await startDuring(onTestFinished, {
      fault: { at: 'sslrequest', how: 'silence' },
    });
    const out = join(folder, 'never.ndjson');
    const cli = startCli([...STEADY, '--out', out, '--target', silent.url], folder);
    await waitForCounters(silent, ({ accepted }) => accepted >= 1);
    cli.child.kill('SIGINT');
    const { code, stderr } = await cli.ended;
    expect(stderr).toMatch(
      /stopping: .* \(press Ctrl-C again to stop at once\)\nconnstorm: interrupted before the storm began/,
    );
    expect(code).toBe(105);
    expect(existsSync(out)).toBe(false);
  });

  it('killed leaves a result that reads as interrupted', async ({ onTestFinished }) => {
    const server = await startDuring(onTestFinished, SLOW);
    const out = join(folder, 'killed.ndjson');
    const cli = startCli(
      ['run', 'steady', '--duration', '60s', '--out', out, '--target', server.url],
      folder,
    );
    await cli.waitFor('at most');
    const { logins } = await server.counters();
    // Two seconds of the default rate: at least one interval is in the file.
    await waitForCounters(server, (counters) => counters.logins >= logins + 100);
    cli.child.kill('SIGKILL');
    await cli.ended;
    const { code, stdout, stderr } = await runCli(['report', '--json', out], folder);
    expect(stderr).toBe('');
    expect(code).toBe(105);
    const summary: SummaryRecord = JSON.parse(stdout);
    expect(summary.stoppedBy).toBe('interrupted');
    expect(summary.accounting.ok).toBeGreaterThan(0);
  });
});
