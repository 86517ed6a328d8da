import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { runInProcess } from '../support/cli/cli-in-process.ts';
import { expectPlain } from '../support/cli/cli-output.ts';
import type { Behaviour } from '../support/servers/known-server.ts';
import { serveTest } from '../support/servers/shared-server.ts';

const STEADY = ['run', 'steady', '--rate', '50', '--duration', '400ms'];

describe('a target that cannot be used is one line and exit code 114', () => {
  const url = async (behaviour: Behaviour): Promise<string> => (await serveTest(behaviour)).url;

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
    [
      'a refusal that is written to change the terminal',
      () => url({ refuseEvery: 1, refusal: { message: '\x1b[31mred\nline two\r\x07' } }),
      /\(53300 \\x1b\[31mred\\nline two\\x0d\\x07\): /,
    ],
  ])('%s', async (_, getUrl, message) => {
    const { code, stdout, stderr } = await runInProcess([...STEADY, '--target', await getUrl()]);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('wrong@');
    expectPlain(stderr);
    expect(code).toBe(114);
  });

  it('several of them too, each with its reason', async () => {
    const ports = [await closedPort(), await closedPort()].map((target) => new URL(target).port);
    const target = `host=127.0.0.1,127.0.0.1 port=${ports.join(',')} user=u`;
    const { code, stderr } = await runInProcess([...STEADY, '--target', target]);
    expect(stderr).toMatch(/none of the 2 hosts can be used: .*ECONNREFUSED.*; .*ECONNREFUSED/);
    expectPlain(stderr);
    expect(code).toBe(114);
  });

  it.each([[[]], [['--target']]])('for inspect too, named after %j', async (flag: string[]) => {
    const args = ['inspect', ...flag, await closedPort()];
    const { code, stdout, stderr } = await runInProcess(args);
    expect({ code, stdout }).toEqual({ code: 114, stdout: '' });
    expect(stderr).toMatch(/ECONNREFUSED/);
    expectPlain(stderr);
  });

  it('one that never answers, after the timeout', async () => {
    const target = await url({ fault: { at: 'sslrequest', how: 'silence' } });
    const args = [...STEADY, '--set', 'connection.timeout=300ms', '--target', target];
    const { code, stderr } = await runInProcess(args);
    expect(stderr).toMatch(/no further than spawn within 300 ms: .* more time/);
    expectPlain(stderr);
    expect(code).toBe(114);
  });

  it.each([true, false])(
    'one that is silent for more than a second, of which inspect tells a terminal: %s',
    async (isErrorTerminal) => {
      const target = await url({ fault: { at: 'sslrequest', how: 'silence' } });
      const args = ['inspect', `${target}?connect_timeout=2`];
      const { code, stderr } = await runInProcess(args, { isErrorTerminal });
      expect(/^logging in to 127\.0\.0\.1:\d+…$/m.test(stderr)).toBe(isErrorTerminal);
      expect(stderr).toMatch(/no further than spawn within 2 s/);
      expect(code).toBe(114);
    },
  );
});

async function closedPort(): Promise<string> {
  const listener = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  return `postgres://u@127.0.0.1:${port}/db`;
}

it('inspect says that nobody behind a pooler answers, and why', async () => {
  const message = 'server login has been failing, try again later (server_login_retry)';
  const refusal = { at: 'query', code: '08P01', message } as const;
  const { url } = await serveTest({ refuseEvery: 1, refusal });
  const { code, stdout, stderr } = await runInProcess(['inspect', url]);
  expect(stdout).toBe('');
  expect(stderr).toMatch(
    /logged role "\w+" in, but the first query failed \(08P01 server login has been failing, .*\)\. If a pooler is there, the server behind it did not answer: see/,
  );
  expectPlain(stderr);
  expect(code).toBe(114);
});

describe('a pooler that logs clients in while its server is down', () => {
  const message = 'server login has been failing, try again later (server_login_retry)';
  const DOWN: Behaviour = {
    refuseEvery: 1,
    refusal: { at: 'query', code: '08P01', message },
  };
  const UNWATCHED = ['--set', 'killSwitch=false'];

  it.each<[string, string[]]>([
    ['a run', [...STEADY, ...UNWATCHED, '--budget', 'failed rate < 1%']],
    ['a run with the pg driver', [...STEADY, ...UNWATCHED, '--driver', 'pg']],
    ['a run with a kill switch', [...STEADY, '--set', 'killSwitch=true']],
    ['a run of variants', ['run', 'drivers', ...UNWATCHED]],
    ['a search', ['run', 'saturate', ...UNWATCHED]],
  ])('ends %s before its storm, as inspect does', async (_, args) => {
    const { url, counters } = await serveTest(DOWN);
    const { code, stdout, stderr } = await runInProcess([...args, '--target', url]);
    expect(stderr).toMatch(
      /logged role "\w+" in, but the first query failed \(08P01 server login has been failing, .*\)\. If a pooler is there/,
    );
    expect({ code, stdout }).toEqual({ code: 114, stdout: '' });
    expect((await counters()).logins).toBe(2);
  });

  it('is not what a server is that answers each query with an error', async () => {
    const { url, counters } = await serveTest({ fault: { at: 'query', how: 'query-error' } });
    const { code } = await runInProcess([...STEADY, ...UNWATCHED, '--quiet', '--target', url]);
    expect(code).not.toBe(114);
    expect((await counters()).logins).toBeGreaterThan(2);
  });
});
