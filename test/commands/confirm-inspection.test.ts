import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { confirmInspection } from '../../src/commands/confirm-inspection.ts';
import { resolveTarget } from '../../src/targets/naming/resolve.ts';
import { runInProcess } from '../support/cli/cli-in-process.ts';
import { captureIo } from './captured-io.ts';

const FAR = 'postgres://u:hush@192.0.2.1,127.0.0.1,192.0.2.2/x';

async function confirm(
  url: string,
  {
    answer,
    yes = false,
    env = {},
  }: { answer?: string; yes?: boolean; env?: Record<string, string> },
): Promise<string> {
  const { io, readStderr } = captureIo();
  const stdin = Object.assign(new PassThrough(), { isTTY: answer !== undefined });
  stdin.end(answer);
  const resolved = await resolveTarget({ text: url, env: { PGPASSFILE: '/nonexistent' } });
  if (resolved === undefined) throw new Error('no target');
  await confirmInspection(resolved, yes, { ...io, stdin, env }, new AbortController().signal);
  return readStderr();
}

const INTENT =
  'log in to 192.0.2.1:5432 and 192.0.2.2:5432, with up to 5 connections each, one after another';

describe('inspect of a target that is not on this machine', () => {
  it('is refused where there is nobody to ask', async () => {
    await expect(confirm(FAR, {})).rejects.toMatchObject({
      code: 'NOT_CONFIRMED',
      exit: 'usage',
      message: `inspect would ${INTENT}: this needs --yes or CONNSTORM_YES=1, because there is no terminal to ask at`,
    });
  });

  it.each(['y\n', 'yes\n', ' YES \n'])('is asked about, and %j goes on', async (answer) => {
    expect(await confirm(FAR, { answer })).toBe(`connstorm will ${INTENT}. Go on? [y/N] `);
  });

  it.each(['n\n', '\n', '', 'yesterday\n'])('is asked about, and %j does not', async (answer) => {
    await expect(confirm(FAR, { answer })).rejects.toThrow(
      'not confirmed: no connection was opened',
    );
  });

  it.each([{ yes: true }, { env: { CONNSTORM_YES: '1' } }])(
    'is told of under %j',
    async (given) => {
      expect(await confirm(FAR, given)).toBe(`connstorm will ${INTENT}.\n`);
    },
  );

  it('is not asked about where it is on this machine', async () => {
    expect(await confirm('postgres://u@127.0.0.1,[::1]/x', {})).toBe('');
  });

  it.each([
    ['192.0.2.1', []],
    ['x', ['--target', 'postgres://u:hush@192.0.2.1/x']],
  ])('ends the command: %s', async (host, flag) => {
    const args = flag.length > 0 ? flag : [`postgres://u:hush@${host}/x`];
    const { code, stdout, stderr } = await runInProcess(['inspect', ...args]);
    expect({ code, stdout }).toEqual({ code: 104, stdout: '' });
    expect(stderr).toMatch(/^connstorm: inspect would log in to 192\.0\.2\.1:5432.*--yes/);
  });
});
