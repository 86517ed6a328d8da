import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type CommandOptions, runCommand } from '../../../src/run/events/run-command.ts';

const run = (command: string, over: Partial<CommandOptions> = {}) =>
  runCommand(command, {
    timeoutUs: 60_000_000,
    env: {},
    cancel: new AbortController().signal,
    ...over,
  });

/** Counts processes whose command line has this word. */
function countProcesses(word: string): number {
  const lines = execFileSync('ps', ['-eo', 'args']).toString().split('\n');
  return lines.filter((line) => line.includes(word) && !line.startsWith('ps ')).length;
}

describe('a command', () => {
  it('is told the target, and its output and exit code are kept', async () => {
    const env = { CONNSTORM_PORT: '5432' };
    expect(await run('echo "port $CONNSTORM_PORT"; echo wrong >&2; exit 3', { env })).toEqual({
      exitCode: 3,
      output: expect.stringMatching(/port 5432\n/),
    });
    expect((await run('echo wrong >&2')).output).toBe('wrong\n');
  });

  it('has nothing to read', async () => {
    expect(await run('cat; echo read')).toEqual({ exitCode: 0, output: 'read\n' });
  });

  it('says which signal ended it', async () => {
    expect(await run('kill -9 $$')).toEqual({ exitCode: null, signal: 'SIGKILL', output: '' });
  });

  it('may print megabytes, of which little is kept', async () => {
    const told = await run('echo begin; yes 0123456789 | head -c 20000000; echo end');
    expect(told).toMatchObject({ exitCode: 0, droppedBytes: 20_000_010 - 8192 });
    expect(told.output).toMatch(/^begin\n0123456789\n/);
    expect(told.output).toMatch(/end\n$/);
    expect(told.output.length).toBeLessThan(9000);
  });

  it('does not exist: the shell says so', async () => {
    const told = await run('/nowhere/at/all');
    expect(told).toMatchObject({ exitCode: 127, output: expect.stringContaining('not found') });
  });
});

describe('a command that does not end', () => {
  it('is ended at its timeout, with all that it started', async () => {
    const word = `6789.${process.pid}1`;
    const told = await run(`echo begun; sleep ${word} & sleep ${word}`, { timeoutUs: 300_000 });
    expect(told).toEqual({ exitCode: null, signal: 'SIGTERM', timedOut: true, output: 'begun\n' });
    expect(countProcesses(word)).toBe(0);
  });

  it('is killed if it does not listen, in the shell or below it', async () => {
    const word = `6789.${process.pid}2`;
    const told = await run(`trap '' TERM; while :; do sleep ${word}; done`, { timeoutUs: 100_000 });
    expect(told).toMatchObject({ timedOut: true, signal: 'SIGKILL' });
    expect(countProcesses(word)).toBe(0);
  });

  it('is ended when the run is cancelled', async () => {
    const cancel = new AbortController();
    const word = `6789.${process.pid}3`;
    const running = run(`sleep ${word}`, { cancel: cancel.signal });
    setTimeout(() => cancel.abort(), 50);
    expect(await running).toEqual({ exitCode: null, signal: 'SIGTERM', output: '' });
    expect(countProcesses(word)).toBe(0);
  });

  it('is ended at once if the run was cancelled before', async () => {
    expect(await run('sleep 600', { cancel: AbortSignal.abort() })).toMatchObject({
      exitCode: null,
      signal: 'SIGTERM',
    });
  });
});

it('does not wait for a program that a command leaves behind', async () => {
  const word = `6.${process.pid}`;
  const beganMs = Date.now();
  expect(await run(`sleep ${word} & echo left`)).toEqual({ exitCode: 0, output: 'left\n' });
  expect(Date.now() - beganMs).toBeLessThan(5_000);
  expect(countProcesses(word)).toBe(1);
});
