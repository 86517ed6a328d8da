import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { type Confirmation, confirmTarget, isLocal } from '../../../src/targets/visit/safety.ts';

const TARGET = {
  role: 'direct',
  host: 'db.example.com',
  address: '192.0.2.1',
  port: 5432,
  database: 'app',
  user: 'me',
  password: 'hunter2',
  sslmode: 'prefer',
  applicationName: 'connstorm',
} as const;
const INTENT =
  'db.example.com:5432 (192.0.2.1) with up to 1,400 connects/s; up to 80 in flight; 12,000 connects in 25.5 s';

/** What a person at a terminal answers (null: Ctrl-D), or a pipe when undefined. */
async function confirm(answer: string | null | undefined, change: Partial<Confirmation> = {}) {
  const stdin = Object.assign(new PassThrough(), { isTTY: answer !== undefined });
  const stderr = new PassThrough();
  stdin.end(answer ?? '');
  const plan = {
    peakRatePerSecond: 1400,
    maxInFlight: 80,
    arrivalCount: 12_000,
    isTasted: false,
    atOnce: null,
    clientCount: null,
    search: null,
    isBeyondSlots: false,
    triesEach: 1,
    durationUs: 25_500_000,
    statements: { reading: [], writing: [] },
    events: [],
  };
  const hosts = [{ target: TARGET, addresses: ['192.0.2.1'] }];
  const request = {
    hosts,
    isLab: false,
    plan,
    runsCommands: false,
    yes: false,
    env: {},
    stdin,
    stderr,
    stop: new AbortController().signal,
  };
  const outcome = await confirmTarget({ ...request, ...change }).catch((error: unknown) => error);
  return { outcome, printed: String(stderr.read() ?? '') };
}

describe('isLocal', () => {
  it.each(['127.0.0.1', '127.255.0.9', '::1', '::ffff:127.0.0.1', '/tmp/.s.PGSQL.1'])(
    'knows %s',
    (address) => {
      expect(isLocal(address)).toBe(true);
    },
  );

  it.each(['10.0.0.1', '128.0.0.1', '0.0.0.0', '::', 'fe80::1', '::ffff:10.0.0.1'])(
    'does not take %s for this machine',
    (address) => {
      expect(isLocal(address)).toBe(false);
    },
  );
});

describe('confirmTarget', () => {
  it('asks at a terminal and goes on after a typed yes', async () => {
    const { outcome, printed } = await confirm('yes\n');
    expect(outcome).toBeUndefined();
    expect(printed).toBe(`connstorm will storm ${INTENT}.\nType yes to go on: `);
  });

  it('wraps the question to the width of the terminal', async () => {
    const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 40 });
    await confirm('yes\n', { stderr });
    const printed = String(stderr.read());
    for (const line of printed.split('\n')) expect(line.length).toBeLessThanOrEqual(40);
    expect(printed.replaceAll('\n  ', ' ')).toBe(
      `connstorm will storm ${INTENT}.\nType yes to go on: `,
    );
  });

  it('ends its line if nothing was typed', async () => {
    expect((await confirm(null)).printed).toMatch(/Type yes to go on: \n$/);
  });

  it('ends its line once it is stopped, and waits no longer', async () => {
    const stop = new AbortController();
    const stderr = new PassThrough();
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const asked = confirm('', { stdin, stderr, stop: stop.signal });
    await expect.poll(() => stderr.readableLength).toBeGreaterThan(0);
    stop.abort();
    expect((await asked).outcome).toMatchObject({ code: 'NOT_CONFIRMED' });
    expect(String(stderr.read())).toMatch(/Type yes to go on: \n$/);
  });

  it.each([['no\n'], ['y\n'], ['\n'], [null]])(
    'refuses the storm after the answer %j',
    async (answer) => {
      const { outcome } = await confirm(answer);
      expect(outcome).toBeInstanceOf(UsageError);
      expect(String(outcome)).toContain('not confirmed, so nothing was sent: type yes, or pass');
    },
  );

  it('needs --yes without a terminal, and says what it would have done', async () => {
    const { outcome, printed } = await confirm(undefined);
    expect(outcome).toBeInstanceOf(UsageError);
    expect(String(outcome)).toContain(
      `the run would storm ${INTENT}: this needs --yes or CONNSTORM_YES=1`,
    );
    expect(printed).toBe('');
  });

  it.each<[string, Partial<Confirmation>]>([
    ['--yes', { yes: true }],
    ['CONNSTORM_YES=1', { env: { CONNSTORM_YES: '1' } }],
    ['the lab', { isLab: true }],
    ['this machine', { hosts: [{ target: TARGET, addresses: ['127.0.0.1', '::1'] }] }],
    ['a Unix socket', { hosts: [{ target: TARGET, addresses: ['/tmp/.s.PGSQL.5432'] }] }],
  ])('does not ask with %s', async (_, change) => {
    expect(await confirm(undefined, change)).toEqual({ outcome: undefined, printed: '' });
  });

  it('takes no other value of CONNSTORM_YES for consent', async () => {
    const { outcome } = await confirm(undefined, { env: { CONNSTORM_YES: '0' } });
    expect(outcome).toBeInstanceOf(UsageError);
  });

  it('asks where only one of several addresses is elsewhere, and names them all', async () => {
    const local = { ...TARGET, host: '127.0.0.1', address: '127.0.0.1' };
    const unresolved = { target: { ...TARGET, host: 'gone' }, addresses: [] };
    for (const hosts of [
      [
        { target: local, addresses: ['127.0.0.1'] },
        { target: TARGET, addresses: ['192.0.2.1'] },
        unresolved,
      ],
      [{ target: { ...TARGET, address: '127.0.0.1' }, addresses: ['127.0.0.1', '192.0.2.1'] }],
    ]) {
      const { outcome } = await confirm(undefined, { hosts });
      expect(outcome).toBeInstanceOf(UsageError);
      expect(String(outcome)).toMatch(/127\.0\.0\.1.*192\.0\.2\.1.*with up to 1,400 connects/);
      expect(String(outcome)).not.toContain('gone');
    }
  });

  it('never prints the password', async () => {
    const { outcome, printed } = await confirm('no\n');
    expect(printed + String(outcome)).not.toContain('hunter2');
  });
});
