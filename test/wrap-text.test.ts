import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { runCommandLine } from '../src/cli.ts';
import { wrapMessage } from '../src/wrap-text.ts';

const TEXT = 'connstorm: first words that are long enough\nsecond line';

describe('a message', () => {
  it('is wrapped to a terminal, line by line', () => {
    expect(wrapMessage(TEXT, { isTTY: true, columns: 24 })).toBe(
      'connstorm: first words\n  that are long enough\nsecond line',
    );
  });

  it.each([{ isTTY: false, columns: 24 }, { isTTY: true, columns: 0 }, {}])(
    'is left whole in a log, and where the width is not known: %j',
    (stream) => {
      expect(wrapMessage(TEXT, stream)).toBe(TEXT);
    },
  );

  it('is wrapped to COLUMNS where there is no terminal, or its width is not known', () => {
    const env = { COLUMNS: '24' };
    const wrapped = wrapMessage(TEXT, { isTTY: true, columns: 24 });
    expect(wrapMessage(TEXT, {}, env)).toBe(wrapped);
    expect(wrapMessage(TEXT, { isTTY: true, columns: 0 }, env)).toBe(wrapped);
    expect(wrapMessage(TEXT, { isTTY: true, columns: 200 }, env)).toBe(TEXT);
    for (const COLUMNS of ['', 'x', '3', '-60'])
      expect(wrapMessage(TEXT, {}, { COLUMNS })).toBe(TEXT);
  });

  it.each([
    [['run', '-', '--dry-run', '--target', 'direct=lab']],
    [['run', 'steady', '--dry-run', '--target', 'direct=lab']],
    [['report', '-']],
  ])('beside a result fits the terminal, whatever tells it: %j', async (args) => {
    const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 60 });
    const stdin = Object.assign(new PassThrough(), { isTTY: true }).end();
    const env = { PGDATABASE: 'a', CONNSTORM_DURATON: '1s', CONNSTORM_SED: 'x' };
    await runCommandLine(args, { stdout: new PassThrough(), stderr, stdin, env });
    const lines = String(stderr.read()).trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
  });

  it('of an error fits the terminal', async () => {
    const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 60 });
    const io = { stdout: new PassThrough(), stderr, stdin: new PassThrough(), env: {} };
    await runCommandLine(['run', 'no-such-scenario-at-all'], io);
    const lines = String(stderr.read()).trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
  });
});
