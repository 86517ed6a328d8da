import { describe, expect, it } from 'vitest';
import { inspect } from '../../src/commands/inspect.ts';
import { serveTest } from '../support/servers/shared-server.ts';
import { captureIo } from './captured-io.ts';

describe('a server that asks for many SCRAM iterations', () => {
  const look = async (args: Record<string, unknown>): Promise<string> => {
    const { url } = await serveTest({ auth: 'scram-sha-256', scram: { iterations: 120_000 } });
    const { io, readStdout } = captureIo();
    await inspect.execute({ target: url, json: true, ...args }, io);
    return JSON.parse(readStdout()).server.auth;
  };

  it('is inspected where so many are allowed', async () => {
    expect(await look({ 'max-scram-iterations': '120000' })).toBe('scram-sha-256');
  });

  it('is refused else, with the flag that allows them', async () => {
    for (const args of [{}, { 'max-scram-iterations': '119999' }]) {
      await expect(look(args)).rejects.toThrow(
        /asks for 120000 SCRAM iterations, .* --set connection\.maxScramIterations=120000 \(inspect: --max-scram-iterations\)/,
      );
    }
  });

  it.each(['0', '1.5', '10000001', 'many'])('takes no limit of %s', async (text) => {
    await expect(look({ 'max-scram-iterations': text })).rejects.toMatchObject({
      code: 'BAD_FLAG',
      message: `--max-scram-iterations must be a whole number from 1 to 10000000, got "${text}"`,
    });
  });
});
