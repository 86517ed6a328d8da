import { describe, expect, it } from 'vitest';
import { inspect } from '../../src/commands/inspect.ts';
import { serveTest } from '../support/servers/shared-server.ts';
import { captureIo } from './captured-io.ts';

const INTERRUPTED = {
  exit: 'interrupted',
  code: 'INTERRUPTED',
  message: 'interrupted before the inspection ended',
};

/** As a terminal that was closed does; vitest itself listens to other signals. */
function hangUp(): void {
  process.emit('SIGHUP', 'SIGHUP');
}

describe('an inspection that is interrupted', () => {
  it('while it asks ends as a run does there', async () => {
    const { io, readStderr } = captureIo();
    Object.assign(io.stdin, { isTTY: true });
    const target = 'postgres://u@192.0.2.1/x';
    const inspected = expect(inspect.execute({ target }, io)).rejects.toMatchObject(INTERRUPTED);
    await expect.poll(readStderr).toContain('Go on? [y/N]');
    hangUp();
    await inspected;
    // What Ctrl-C leaves on the question's line is ended, so that the error begins a line of its own.
    expect(readStderr()).toBe('\n');
  });

  it('while the server is silent ends at once', async () => {
    const { io } = captureIo();
    const server = await serveTest({ fault: { at: 'query', how: 'silence' } });
    const inspecting = inspect.execute({ target: server.url }, io);
    const inspected = expect(inspecting).rejects.toMatchObject(INTERRUPTED);
    await expect.poll(async () => (await server.counters()).accepted).toBeGreaterThan(0);
    hangUp();
    await inspected;
  });
});
