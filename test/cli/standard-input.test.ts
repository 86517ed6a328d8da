import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { runInProcess } from '../support/cli/cli-in-process.ts';
import { expectPlain } from '../support/cli/cli-output.ts';
import { serveTest } from '../support/servers/shared-server.ts';
import { makeHeader } from '../support/synthetic/synthetic-run.ts';
import { makeVariantsHeader } from '../support/synthetic/synthetic-variants.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-stdin-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SCENARIO = 'shows: x\nload: { executor: constant-arrival-rate, rate: 40, duration: 500ms }\n';
const SPEC = {
  connection: { driver: 'wire' },
  load: { executor: 'constant-arrival-rate', rate: 40, duration: '500ms' },
};
const RESULT = `${JSON.stringify({ ...makeHeader(), spec: SPEC })}\n${JSON.stringify({ type: 'end', atUs: 0, stoppedBy: 'end' })}\n`;
const VARIANTS = `${JSON.stringify(makeVariantsHeader(['a', 'b']))}\n`;

function writeResult(name: string, bytes: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe('- is standard input', () => {
  it('for validate', async () => {
    const sound = await runInProcess(['validate', '-'], { stdin: SCENARIO });
    expect(sound).toEqual({ code: 0, stdout: '<stdin>: ok\n', stderr: '' });
    const broken = await runInProcess(['validate', '-'], { stdin: SCENARIO.replace('40', '0') });
    expect(broken.stderr).toBe('connstorm: <stdin>:2:48 load.rate must be above 0, got 0\n');
    expect(broken.code).toBe(104);
    const empty = await runInProcess(['validate', '-']);
    expect(empty).toMatchObject({
      code: 104,
      stderr: 'connstorm: <stdin>:1:1 the file is empty\n',
    });
  });

  it('for validate beside files, packed or not', async () => {
    const args = ['validate', 'steady', '-'];
    const { code, stdout } = await runInProcess(args, { stdin: gzipSync(SCENARIO) });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'steady: ok\n<stdin>: ok\n' });
  });

  it('for a packed scenario that is no whole one, as of a file', async () => {
    const packed = gzipSync(SCENARIO);
    const changed = Buffer.from(packed);
    changed[20] = (changed[20] ?? 0) ^ 1;
    for (const [bytes, why] of [
      [packed.subarray(0, -9), 'is cut off: what gzip packed has no end'],
      [changed, 'is damaged (what gzip packed was changed)'],
      [
        gzipSync('#'.repeat(70_000)),
        'is too large for a scenario: it unpacks to more than 65536 bytes',
      ],
    ] as const) {
      const stdin = await runInProcess(['validate', '-'], { stdin: bytes });
      expect(stdin).toMatchObject({ code: 104, stderr: `connstorm: <stdin>:1:1 ${why}\n` });
      const path = writeResult('odd.yaml.gz', bytes);
      const file = await runInProcess(['validate', path]);
      expect(file).toMatchObject({ code: 104, stderr: `connstorm: ${path}:1:1 ${why}\n` });
    }
    const path = writeResult('whole.yaml.gz', packed);
    expect(await runInProcess(['validate', path])).toMatchObject({ code: 0 });
    const dry = await runInProcess(['run', path, '--dry-run', '--json', '--target', 'lab']);
    expect(JSON.parse(dry.stdout)).toMatchObject({ scenario: 'whole' });
  });

  it('for run, which can then not ask anything', async () => {
    const server = await serveTest({ auth: 'trust' });
    const out = join(folder, 'run.ndjson');
    const args = ['run', '-', '--json', '--quiet', '--out', out, '--target', server.url];
    const { stdout, stderr } = await runInProcess(args, { stdin: SCENARIO });
    // A busy machine may make the run late, which is said.
    expect(stderr.replace(/^connstorm: the run is invalid: .*\n/, '')).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ scenario: 'stdin', accounting: { ok: 20 } });
    const far = await runInProcess(['run', '-', '--target', 'postgres://u@192.0.2.1/x'], {
      stdin: SCENARIO,
    });
    expect(far.stderr).toMatch(/there is no terminal to ask at\n$/);
    expect(far.code).toBe(104);
  });

  it('for report, check and compare', async () => {
    const path = writeResult('told.ndjson', RESULT);
    const fromFile = await runInProcess(['report', '--json', path]);
    const stdin = { stdin: RESULT };
    expect(await runInProcess(['report', '--json', '-'], stdin)).toMatchObject({
      code: fromFile.code,
      stdout: expect.stringContaining('"type":"summary"'),
    });
    const budget = ['--budget', 'failed count < 1'];
    const checked = await runInProcess(['check', '-', ...budget], stdin);
    expect(checked.stderr).toBe('');
    expect(checked.stdout).toContain('failed count');
    const compared = await runInProcess(['compare', '--json', '--force', '-', path], stdin);
    const { sides } = JSON.parse(compared.stdout);
    expect(sides).toHaveLength(2);
    const variants = await runInProcess(['compare', '--json', '--force', '-'], { stdin: VARIANTS });
    expect(JSON.parse(variants.stdout).sides.length).toBeGreaterThan(1);
  });

  it.each([
    ['report', '-', '-'],
    ['compare', '-', '-'],
    ['validate', '-', 'steady', '-'],
    ['report', '--', '-', '-'],
  ])('%s %s %s is refused for two of them', async (...args) => {
    const { code, stderr } = await runInProcess(args, { stdin: RESULT });
    expect(stderr).toBe('connstorm: standard input (-) can be read only once: give - only once\n');
    expect(code).toBe(104);
  });

  it.each([['report'], ['check'], ['compare']])(
    '%s tells what is wrong with it',
    async (command) => {
      for (const [stdin, why] of [
        ['', /standard input is not a result of connstorm: it is empty/],
        ['x\n', /standard input is not a result of connstorm: its first line/],
        [`${RESULT.split('\n')[0]}\nx\n`, /standard input:2 is damaged/],
        [
          Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 255, 255]),
          /standard input is damaged \(what gzip packed was changed\)/,
        ],
      ] as const) {
        const { code, stderr } = await runInProcess([command, '-'], { stdin });
        expect(stderr).toMatch(why);
        expectPlain(stderr);
        expect(code).toBe(104);
      }
    },
  );
});

describe('a result that is packed by gzip', () => {
  const packed = gzipSync(RESULT);

  it.each(['told.ndjson.gz', 'told.ndjson'])('is known by what it holds: %s', async (name) => {
    const plain = writeResult('plain.ndjson', RESULT);
    const path = writeResult(name, packed);
    const [expected, got, piped] = await Promise.all([
      runInProcess(['report', plain]),
      runInProcess(['report', path]),
      runInProcess(['report', '-'], { stdin: packed }),
    ]);
    expect(got.stdout.replaceAll(path, plain)).toBe(expected.stdout);
    expect(got.code).toBe(expected.code);
    expect(piped.code).toBe(expected.code);
  });

  it('has a short name in a comparison', async () => {
    const [a, b] = [writeResult('a.ndjson.gz', packed), writeResult('b.ndjson.gz', packed)];
    const { stdout } = await runInProcess(['compare', '--json', '--force', a, b]);
    expect(JSON.parse(stdout).sides.map(({ name }: { name: string }) => name)).toEqual(['a', 'b']);
  });

  it('and cut off reads as interrupted', async () => {
    const lines = `${RESULT.split('\n')[0]}\n${'{"type":"decision","atUs":1,"decision":"","reason":""}\n'.repeat(5000)}`;
    const whole = gzipSync(lines, { level: 0 });
    const path = writeResult('cut.ndjson.gz', whole.subarray(0, whole.length / 2));
    const { code, stdout, stderr } = await runInProcess(['report', '--json', path]);
    expect({ code, stderr }).toEqual({ code: 105, stderr: '' });
    expect(JSON.parse(stdout).stoppedBy).toBe('interrupted');
  });
});

describe('what stands behind -- is an argument', () => {
  it('of every command', async () => {
    const { code, stdout } = await runInProcess(['validate', '--', 'steady', 'clients']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'steady: ok\nclients: ok\n' });
    const shown = await runInProcess(['scenarios', '--', 'steady']);
    expect(shown.stdout).toBe(
      readFileSync(new URL('../../scenarios/checks/steady.yaml', import.meta.url), 'utf8'),
    );
  });

  it('though it looks like a flag, or a flag before it takes several values', async () => {
    const flag = await runInProcess(['report', '--', '--json']);
    expect(flag.stderr).toContain('--json cannot be read');
    const several = await runInProcess(['run', '--pin', 'generator=0', '--', 'stedy']);
    expect(several.stderr).toContain('no scenario `stedy`');
  });

  it('of which there may be too many', async () => {
    const { code, stderr } = await runInProcess(['run', 'steady', '--', '-x']);
    expect(stderr).toBe('connstorm: one argument too many: "-x": see --help\n');
    expect(code).toBe(104);
  });
});
