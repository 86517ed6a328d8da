import { describe, expect, it } from 'vitest';
import type { LoginResult } from '../../../src/drivers/try-login.ts';
import type { Failure } from '../../../src/model/measures.ts';
import {
  describeServerTimes,
  explainServerTimes,
  findServerTimes,
  planServerTimes,
} from '../../../src/targets/visit/server-times.ts';

const TARGET = {
  role: 'direct',
  host: '127.0.0.1',
  address: '127.0.0.1',
  port: 1,
  database: 'd',
  user: 'App',
  password: 'hunter2',
  sslmode: 'prefer',
  applicationName: 'connstorm',
} as const;
const SERVER = { version: '18.4', pooler: false, settings: {} };
const TOLD: LoginResult = {
  ok: true,
  tls: null,
  auth: 'trust',
  parameters: {},
  backendPid: 1,
  isBound: false,
  toldSetup: true,
};
const refused = (code: string): LoginResult => {
  const failure: Failure = { layer: 'server', phase: 'ready', code, message: 'no' };
  return { ok: false, failure, elapsedUs: 1 };
};

/** What is found, and the options it was tried with. */
async function find(server: Partial<Parameters<typeof findServerTimes>[1]>, result = TOLD) {
  const tried: (string | undefined)[] = [];
  const login = async (_: unknown, __: unknown, options?: string): Promise<LoginResult> => {
    tried.push(options);
    return result;
  };
  const times = await findServerTimes(TARGET, { ...SERVER, ...server }, { timeoutUs: 1, login });
  return { times, tried };
}

describe('the setup notice', () => {
  it.each([
    [undefined, '-c client_min_messages=log -c log_connections=setup_durations'],
    ['', '-c client_min_messages=log -c log_connections=setup_durations'],
    ['off', '-c client_min_messages=log -c log_connections=setup_durations'],
    ['receipt', '-c client_min_messages=log -c log_connections=receipt,setup_durations'],
    [
      'receipt, Authentication',
      '-c client_min_messages=log -c log_connections=receipt,authentication,setup_durations',
    ],
    [
      'on',
      '-c client_min_messages=log -c log_connections=receipt,authentication,authorization,setup_durations',
    ],
    ['all', '-c client_min_messages=log'],
    ['receipt,setup_durations', '-c client_min_messages=log'],
  ])('is asked for beside what the server logs anyway (%s)', async (setting, options) => {
    const settings = setting === undefined ? {} : { log_connections: setting };
    const { times, tried } = await find({ settings });
    expect(tried).toEqual([options]);
    expect(times).toEqual({ notice: { available: true, options }, age: true, sessions: 1 });
    expect(explainServerTimes(times)).toBeUndefined();
  });

  it.each([
    [{ version: '17.2' }, true, /only PostgreSQL 18 or later reports them, and this is 17\.2/],
    [{ version: null }, true, /this is an unknown version/],
    [{ pooler: true }, false, /a pooler is in between/],
    [{ pooler: null }, false, /cannot be seen/],
  ])('is not tried at %o: no login is spent on it', async (server, age, reason) => {
    const { times, tried } = await find(server);
    expect(tried).toEqual([]);
    expect(times).toMatchObject({ notice: { available: false }, age });
    const line = explainServerTimes(times);
    expect(line).toMatch(reason);
    expect(line).toMatch(age ? /estimated from a sample/ : /queue waits will be missing/);
    expect(planServerTimes(times, 1000).options).toBeUndefined();
  });

  it.each<[string, LoginResult, RegExp]>([
    [
      'may not',
      refused('42501'),
      /role "App" may not ask for them \(42501\): GRANT SET ON PARAMETER log_connections TO "App" allows it/,
    ],
    ['is full', refused('53300'), /the server refused the request with 53300 no/],
    [
      'is silent about it',
      { ...TOLD, toldSetup: false },
      /accepted the request and reported nothing/,
    ],
  ])('says in one line why there is none where the server %s', async (_, result, reason) => {
    const { times, tried } = await find({}, result);
    expect(tried).toHaveLength(1);
    expect(explainServerTimes(times)).toMatch(reason);
    expect(explainServerTimes(times)).not.toMatch(/\n|hunter2/);
  });
});

it.each([
  [{ options: undefined, sampleEvery: undefined }, {}],
  [{ options: undefined, sampleEvery: 51 }, { serverTimes: { notice: null, sampleEvery: 51 } }],
  [
    { options: '-c client_min_messages=log', sampleEvery: undefined },
    { serverTimes: { notice: 'listened', sampleEvery: null } },
  ],
  [
    { options: '-c client_min_messages=log -c log_connections=setup_durations', sampleEvery: 51 },
    { serverTimes: { notice: 'asked', sampleEvery: 51 } },
  ],
])('the header says of %o what was asked', (plan, described) => {
  expect(describeServerTimes(plan)).toEqual(described);
});

describe('the sample of ages', () => {
  it.each([
    [1, 1],
    [15, 1],
    [20, 1],
    [30, 3],
    [100, 9],
    [255, 25],
    [510, 51],
    [1_000_000, 51],
  ])('of %i arrivals takes every %i', async (arrivals, every) => {
    const { times } = await find({});
    expect(planServerTimes(times, arrivals).sampleEvery).toBe(every);
  });

  it('is not taken through a pooler', async () => {
    const { times } = await find({ pooler: true });
    expect(planServerTimes(times, 1000).sampleEvery).toBeUndefined();
  });
});
