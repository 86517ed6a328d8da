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

  it('of an error fits the terminal', async () => {
    const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 60 });
    const io = { stdout: new PassThrough(), stderr, stdin: new PassThrough(), env: {} };
    await runCommandLine(['run', 'no-such-scenario-at-all'], io);
    const lines = String(stderr.read()).trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
  });
});
