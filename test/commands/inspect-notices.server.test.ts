import { expect, it } from 'vitest';
import { runInProcess } from '../support/cli/cli-in-process.ts';
import type { Said } from '../support/servers/known/behaviour.js';
import { serveTest } from '../support/servers/shared-server.ts';

const SAID: Said[] = [
  { severity: 'WARNING', code: '01000', message: 'collation version mismatch' },
  {
    severity: 'NOTICE',
    code: '00000',
    message: `${'told in many words: '.repeat(3)}postgres://storm:hush@h/x \u001b[31m`,
  },
  { severity: 'WARNING', code: '01000', message: 'collation version mismatch' },
];

it('inspect shows what the server says at the login, each once, masked and escaped', async () => {
  const server = await serveTest({ auth: 'scram-sha-256', password: 'hush', loginNotices: SAID });
  const url = server.url.replace(/\/\/[^@]*@/, '//storm:hush@');
  const { code, stdout } = await runInProcess(['inspect', url], { columns: 80 });
  expect(code).toBe(0);
  expect(stdout).toContain('  server says  WARNING 01000: collation version mismatch\n');
  expect(stdout).toMatch(/^ {15}NOTICE 00000: told in many words/m);
  expect(stdout).toContain('postgres://storm:***@h/x \\x1b[31m');
  expect(stdout.match(/collation version mismatch/g)).toHaveLength(1);
  expect(stdout).not.toContain('hush');
  const json = await runInProcess(['inspect', '--json', url]);
  expect(json.stdout).not.toContain('hush');
  expect(JSON.parse(json.stdout).notices).toEqual([
    { severity: 'WARNING', code: '01000', message: 'collation version mismatch' },
    { severity: 'NOTICE', code: '00000', message: expect.stringContaining('storm:***@h/x') },
  ]);
});

it('inspect says nothing of a server that says nothing', async () => {
  const server = await serveTest({ auth: 'trust' });
  const { stdout } = await runInProcess(['inspect', server.url]);
  expect(stdout).not.toContain('server says');
  const json = await runInProcess(['inspect', '--json', server.url]);
  expect(JSON.parse(json.stdout).notices).toEqual([]);
});
