import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SummaryRecord, VariantsSummaryRecord } from '../src/result/summary-records.ts';
import { runCli, startCli } from './support/cli.ts';
import {
  type Behaviour,
  type KnownServer,
  startKnownServer,
  waitForCounters,
} from './support/known-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SCENARIO = 'shows: x\nload: { executor: constant-arrival-rate, rate: 5, duration: 1s }\n';
const SHORT = ['--rate', '50', '--duration', '400ms'];
const STEADY = ['run', 'steady', ...SHORT];

describe('wrong usage is one line and exit code 104', () => {
  beforeAll(() => {
    writeFileSync(
      join(folder, 'field.yaml'),
      'shows: x\nload:\n  executor: constant-arrival-rate\n  rat: 5\n  duration: 1s\n',
    );
    writeFileSync(
      join(folder, 'stages.yaml'),
      'shows: x\nload:\n  executor: ramping-arrival-rate\n  stages: []\n',
    );
    writeFileSync(join(folder, 'occupied'), '');
  });

  it.concurrent.each<[string, string[], RegExp]>([
    ['an unknown command', ['rnu'], /unknown command "rnu" \(did you mean "run"\?\)/],
    ['an unknown flag', ['run', '--rat', '5'], /unknown flag --rat/],
    ['an unknown scenario', ['run', 'stedy'], /stedy.*steady/],
    ['an unknown field', ['run', 'field.yaml'], /field\.yaml:4:3 .*rat.*rate/],
    ['an unknown field in --set', ['run', 'steady', '--set', 'load.rat=5'], /rat.*rate/],
    ['empty stages', ['run', 'stages.yaml'], /stages\.yaml:4:11 load\.stages/],
    [
      'a rate of 0',
      ['run', 'steady', '--rate', '0'],
      /--rate 0: load\.rate must be above 0, got 0/,
    ],
    ['a negative rate', ['run', 'steady', '--rate=-5'], /load\.rate must be above 0, got -5/],
    [
      'a rate that is no number',
      ['run', 'steady', '--rate', 'abc'],
      /load\.rate must be a number, got "abc"/,
    ],
    ['a rate of NaN', ['run', 'steady', '--rate', 'NaN'], /load\.rate must be a number, got/],
    [
      'a flag without its value',
      ['run', 'steady', '--rate'],
      /: --rate needs a value: see --help$/m,
    ],
    [
      'a flag given twice',
      ['run', 'steady', '--rate', '5', '--rate', '6'],
      /--rate must be given once/,
    ],
    ['--rate for a ramp', ['run', '--rate', '5'], /ambiguous/],
    [
      'a reserve that is no number',
      ['run', 'steady', '--reserve', 'x', '--target', 'postgres://127.0.0.1:1/x'],
      /--reserve must be a whole number/,
    ],
    [
      'a scenario behind --pin',
      ['run', '--pin', 'generator=0', 'steady'],
      /--pin must be generator=CPUS or server=CPUS.*got "steady"/,
    ],
    [
      'CPUs for a server that is not the lab',
      ['run', 'steady', '--pin', 'server=0', '--target', 'postgres://127.0.0.1:1/x'],
      /--pin (server= is for the lab|needs|works)/,
    ],
    ['a target that is no URL', ['run', 'steady', '--target', 'localhost'], /target/i],
    [
      'a target that is not ours, unconfirmed',
      [...STEADY, '--target', 'postgres://u:pw@192.0.2.1/db'],
      /192\.0\.2\.1.*50 connects\/s.*--yes/,
    ],
    [
      'a key=value target that is not ours, unconfirmed',
      [...STEADY, '--target', "pooled=host=127.0.0.1,192.0.2.1 user=u password='pw x'"],
      /127\.0\.0\.1:5432 and 192\.0\.2\.1:5432 with up to 50 connects\/s.*--yes/,
    ],
    [
      'a keyword written wrong',
      [...STEADY, '--target', 'hots=127.0.0.1 password=pw'],
      /unknown keyword "hots"; did you mean `host`/,
    ],
    [
      'a target given twice',
      [...STEADY, '--target', 'host=a password=pw', '--target', 'postgres://u:pw@b'],
      /--target gives the role direct twice: .*--target pooled=URL/,
    ],
    [
      'a variant that wants a target which is not given',
      ['run', 'drivers', '--set', 'variants.pg.target=pooled', '--target', 'postgres://u:pw@b'],
      /variant pg wants the target pooled, and there is only direct: .*--target pooled=URL/,
    ],
    [
      'a target that nothing uses',
      [...STEADY, '--target', 'host=a password=pw', '--target', 'pooled=postgres://u:pw@b'],
      /--target pooled=\.\.\. is used by nothing/,
    ],
    ['no rounds', ['run', 'drivers', '--repeat', '0'], /--repeat 0: repeat must be at least 1/],
    [
      'a driver for variants that have their own',
      ['run', 'drivers', '--driver', 'pg'],
      /--driver pg: ambiguous: variants wire, pg set connection\.driver themselves/,
    ],
    ['a target without a value', [...STEADY, '--target', ''], /--target must have a value/],
    ['two that want standard output', [...STEADY, '--json', '--out', '-'], /--out - and --json/],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await runCli(args, folder);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/pw/);
    expectPlain(stderr);
    expect(code).toBe(104);
  });
});

describe('a target that cannot be used is one line and exit code 114', () => {
  let server: KnownServer | undefined;
  afterEach(() => server?.stop());
  const url = async (behaviour: Behaviour): Promise<string> => {
    server = await startKnownServer(behaviour);
    return server.url;
  };

  it.each<[string, () => Promise<string>, RegExp]>([
    ['a closed port', closedPort, /ECONNREFUSED|refused/],
    [
      'a host that does not resolve',
      async () => 'postgres://u@no-such-host.invalid/db',
      /no-such-host\.invalid/,
    ],
    [
      'a wrong password',
      async () => (await url({ auth: 'scram-sha-256' })).replace('secret', 'wrong'),
      /28P01/,
    ],
    [
      'no such database',
      () =>
        url({
          refuseEvery: 1,
          refusal: { code: '3D000', message: 'database "storm" does not exist' },
        }),
      /3D000.*does not exist/,
    ],
    [
      'a port that is not Postgres',
      () => url({ fault: { at: 'sslrequest', how: 'http' } }),
      /not Postgres|speak/i,
    ],
    ['a target that closes at once', () => url({ fault: { at: 'connect', how: 'close' } }), /clos/],
  ])('%s', async (_, getUrl, message) => {
    const { code, stdout, stderr } = await runCli([...STEADY, '--target', await getUrl()], folder);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('wrong@');
    expectPlain(stderr);
    expect(code).toBe(114);
  });

  it('several of them too, each with its reason', async () => {
    const ports = [await closedPort(), await closedPort()].map((target) => new URL(target).port);
    const target = `host=127.0.0.1,127.0.0.1 port=${ports.join(',')} user=u`;
    const { code, stderr } = await runCli([...STEADY, '--target', target], folder);
    expect(stderr).toMatch(/none of the 2 hosts can be used: .*ECONNREFUSED.*; .*ECONNREFUSED/);
    expectPlain(stderr);
    expect(code).toBe(114);
  });

  it('for inspect too', async () => {
    const { code, stdout, stderr } = await runCli(
      ['inspect', '--target', await closedPort()],
      folder,
    );
    expect({ code, stdout }).toEqual({ code: 114, stdout: '' });
    expect(stderr).toMatch(/ECONNREFUSED/);
    expectPlain(stderr);
  });

  it('one that never answers, after the timeout', async () => {
    const target = await url({ fault: { at: 'sslrequest', how: 'silence' } });
    const args = [...STEADY, '--set', 'connection.timeout=300ms', '--target', target];
    const { code, stderr } = await runCli(args, folder);
    expect(stderr).toMatch(/answer/);
    expectPlain(stderr);
    expect(code).toBe(114);
  });
});

describe('a run', () => {
  let server: KnownServer;
  beforeAll(async () => {
    // A server slow enough that no late start of ours makes a run invalid.
    server = await startKnownServer({
      auth: 'scram-sha-256',
      password: 'hush-hush',
      readyDelayMs: 600,
    });
  });
  afterAll(() => server.stop());

  it('prints the report, writes its result to results/, and holds no password', async () => {
    const { code, stdout, stderr } = await runCli([...STEADY, '--target', server.url], folder);
    expect(stderr).toContain('at most');
    expect(code).toBe(0);
    expect(stdout).toMatch(/latency +20 /);
    expect(stdout).toContain('attempts: 20 started = 20 ok');
    const [file] = readdirSync(join(folder, 'results'));
    expect(stdout).toContain(`results/${file}`);
    const path = join(folder, 'results', file ?? '');
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

    const again = await runCli(['report', path], folder);
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(again.stdout.replace(path, '')).toBe(stdout.replace(`results/${file}`, ''));
  });

  it('with --json prints the summary alone', async () => {
    const args = [...STEADY, '--json', '--quiet', '--target', server.url];
    const { code, stdout, stderr } = await runCli(args, folder);
    const summary: SummaryRecord = JSON.parse(stdout);
    expect(summary).toMatchObject({
      type: 'summary',
      version: 1,
      scenario: 'steady',
      exitCode: 0,
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
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  it('with --quiet says nothing at all', async () => {
    const result = await runCli([...STEADY, '--quiet', '--target', server.url], folder);
    expect(result).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('with --out - prints the records alone', async () => {
    const args = [...STEADY, '--out', '-', '--quiet', '--target', server.url];
    const { code, stdout } = await runCli(args, folder);
    const types = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type);
    expect(types[0]).toBe('header');
    expect(types.at(-1)).toBe('summary');
    expect(code).toBe(0);
  });

  it('ends quietly when the reader of its output goes', async () => {
    const cli = startCli(
      ['run', 'steady', '--duration', '30s', '--out', '-', '--target', server.url],
      folder,
    );
    await cli.waitFor('"header"');
    cli.child.stdout?.destroy();
    const { code, stderr } = await cli.ended;
    expect(stderr).not.toMatch(/EPIPE|rror/);
    expect(code).toBe(105);
  });

  it("takes libpq's variables for its target", async () => {
    const env = {
      PGHOST: '127.0.0.1',
      PGPORT: String(server.port),
      PGUSER: 'storm',
      PGPASSWORD: 'hush-hush',
      PGDATABASE: 'storm',
    };
    const { code, stdout } = await runCli([...STEADY, '--json', '--quiet'], folder, env);
    expect(JSON.parse(stdout).accounting.ok).toBe(20);
    expect(code).toBe(0);
  });

  it('tells what was measured although the disk is full, and ends with 1', async () => {
    const { code, stdout, stderr } = await runCli(
      [...STEADY, '--out', '/dev/full', '--target', server.url],
      folder,
    );
    expect(stdout).toContain('attempts: 20 started = 20 ok');
    expect(stderr).toMatch(/\/dev\/full.*disk is full/);
    expectPlain(stderr);
    expect(code).toBe(1);
  });

  it('does not overwrite a file', async () => {
    const args = [...STEADY, '--out', 'occupied', '--target', server.url];
    const { code, stderr } = await runCli(args, folder);
    expect(stderr).toMatch(/occupied exists/);
    expect(code).toBe(104);
  });

  it('does not start where its result cannot be written', async () => {
    const out = join(folder, 'occupied', 'result.ndjson');
    const { code, stdout, stderr } = await runCli(
      [...STEADY, '--out', out, '--target', server.url],
      folder,
    );
    expect(stdout).toBe('');
    expect(stderr).toMatch(/cannot be written.*--out/);
    expect(code).toBe(104);
  });

  it('does not start where results/ cannot be written', async () => {
    const elsewhere = mkdtempSync(join(folder, 'no-results-'));
    writeFileSync(join(elsewhere, 'results'), '');
    const { code, stdout, stderr } = await runCli([...STEADY, '--target', server.url], elsewhere);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/results.* cannot be written.*--out/);
    expectPlain(stderr);
    expect(code).toBe(104);
  });

  it('stopped by SIGINT keeps its result and ends with 105; everything it opened is closed', async () => {
    const cli = startCli(['run', 'steady', '--duration', '60s', '--target', server.url], folder);
    const { logins } = await server.counters();
    await waitForCounters(server, (counters) => counters.logins >= logins + 20);
    cli.child.kill('SIGINT');
    const { code, stdout } = await cli.ended;
    expect(code).toBe(105);
    expect(stdout).toMatch(/interrupted/);
    const path = /result: (\S+)/.exec(stdout)?.[1] ?? '';
    expect(existsSync(join(folder, path))).toBe(true);
    await waitForCounters(server, ({ open }) => open === 0);
  });

  it('interrupted before the storm ends with 105 although the target stays silent', async () => {
    const silent = await startKnownServer({ fault: { at: 'sslrequest', how: 'silence' } });
    const out = join(folder, 'never.ndjson');
    const cli = startCli([...STEADY, '--out', out, '--target', silent.url], folder);
    await waitForCounters(silent, ({ accepted }) => accepted >= 1);
    cli.child.kill('SIGINT');
    const { code, stderr } = await cli.ended;
    await silent.stop();
    expect(stderr).toMatch(/stopping\nconnstorm: interrupted before the storm began/);
    expect(code).toBe(105);
    expect(existsSync(out)).toBe(false);
  });

  it('killed leaves a result that reads as interrupted', async () => {
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

describe('a run of variants', () => {
  let servers: KnownServer[] = [];
  beforeAll(async () => {
    servers = [
      await startKnownServer({ readyDelayMs: 300 }),
      await startKnownServer({ readyDelayMs: 600 }),
    ];
    writeFileSync(
      join(folder, 'two.yaml'),
      `${SCENARIO}variants: { direct: {}, pooled: { target: pooled } }\n`,
    );
  });
  afterAll(() => Promise.all(servers.map((server) => server.stop())));
  const targetsOf = (): string[] => [
    '--target',
    servers[0]?.url ?? '',
    '--target',
    `pooled=${servers[1]?.url}`,
  ];

  it('shows variants beside each other, and again from the file', async () => {
    const out = join(folder, 'two.ndjson');
    const args = ['run', 'two.yaml', '--rate', '20', '--repeat', '2', '--out', out];
    const { code, stdout, stderr } = await runCli([...args, ...targetsOf()], folder);
    expect(stderr).toContain('round 2/2 direct');
    expect(code).toBe(0);
    expect(stdout).toMatch(/direct n +p50 +p99 +pooled n +p50 +p99/);
    expect(stdout).toContain('attempts: 80 started = 80 ok');
    expectLines(stdout, 80);
    expect(stdout + stderr).not.toContain('\x1b');
    const again = await runCli(['report', out], folder);
    expect(again).toEqual({ code: 0, stdout, stderr: '' });
  });

  it('with --json prints a summary with one of each variant', async () => {
    const args = ['run', 'two.yaml', '--json', '--quiet', '--rate', '20', ...targetsOf()];
    const { code, stdout, stderr } = await runCli(args, folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const summary: VariantsSummaryRecord = JSON.parse(stdout);
    expect(summary).toMatchObject({ metrics: null, accounting: { ok: 40 } });
    expect(Object.keys(summary.variants)).toEqual(['direct', 'pooled']);
    expect(summary.variants.pooled?.rounds).toMatchObject([{ round: 1, latency: { count: 20 } }]);
  });

  it('killed in the midst of a leg leaves a result that reads as interrupted', async () => {
    const out = join(folder, 'cut.ndjson');
    const args = ['run', 'two.yaml', '--set', 'variants.pooled.load.duration=60s', '--out', out];
    const cli = startCli([...args, ...targetsOf()], folder);
    await cli.waitFor('round 1/1 pooled');
    const known = servers[1];
    if (known === undefined) throw new Error('no server');
    const { logins } = await known.counters();
    await waitForCounters(known, (counters) => counters.logins >= logins + 10);
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

describe('standard output on a full disk', () => {
  it.concurrent.each([['--help'], ['scenarios'], ['schema'], ['validate', 'field-ok.yaml']])(
    '%s says so in one line and ends with 1',
    async (...args) => {
      writeFileSync(join(folder, 'field-ok.yaml'), SCENARIO);
      const full = openSync('/dev/full', 'w');
      const { code, stderr } = await startCli(args, folder, {}, full).ended;
      closeSync(full);
      expect(stderr).toMatch(/^connstorm: standard output cannot be written: ENOSPC.*\n$/);
      expect(code).toBe(1);
    },
  );
});

describe('help', () => {
  it.concurrent.each([
    ['--help'],
    ['run', '--help'],
    ['lab', '--help'],
    ['report', '--help'],
    ['validate', '--help'],
    ['scenarios', '--help'],
    ['schema', '--help'],
    ['calibrate', '--help'],
  ])('%s %s fits 80 columns', async (...args) => {
    const { code, stdout, stderr } = await runCli(args, folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('connstorm');
    expectLines(stdout, 80);
  });

  it("--version is the package's", async () => {
    const { version } = JSON.parse(
      readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
    );
    expect(await runCli(['--version'], folder)).toEqual({
      code: 0,
      stdout: `${version}\n`,
      stderr: '',
    });
  });
});

async function closedPort(): Promise<string> {
  const listener = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  return `postgres://u@127.0.0.1:${port}/db`;
}

/** No stack trace, and every line short enough to be one. */
function expectPlain(stderr: string): void {
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr).not.toContain('internal error');
  expect(stderr.endsWith('\n')).toBe(true);
}

function expectLines(text: string, columns: number): void {
  for (const line of text.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(columns);
}
