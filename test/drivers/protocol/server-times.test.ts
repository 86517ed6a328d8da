import { describe, expect, it } from 'vitest';
import { ABSENT } from '../../../src/drivers/driver.ts';
import {
  isSampled,
  NO_SERVER_TIMES,
  parseAge,
  parseSetupMessage,
  readAge,
  readSetupNotice,
} from '../../../src/drivers/protocol/server-times.ts';
import { DRIVER_NAMES } from '../../../src/scenario/schema/driver-name.ts';
import * as messages from '../../support/servers/known/messages.js';
import type { Behaviour } from '../../support/servers/known-server.ts';
import { type SharedServer, serveTest } from '../../support/servers/shared-server.ts';
import { localEndpoint, openAttempt } from '../../support/synthetic/open-attempt.ts';

const payloadOf = (message: Buffer): [Buffer, number, number] => [message, 5, message.length];

describe('the setup notice', () => {
  it.each([
    ['connection ready: setup total=5.250 ms, fork=0.417 ms, authentication=3.001 ms'],
    // As lc_messages may translate it.
    ['Verbindung bereit: Aufbau gesamt=5.250 ms, Fork=0.417 ms, Authentifizierung=3.001 ms'],
    ['соединение готово: всего=5.250 мс, запуск=0.417 мс, аутентификация=3.001 мс'],
  ])('is read in whole microseconds: %s', (text) => {
    expect(parseSetupMessage(text)).toEqual({ totalUs: 5250, forkUs: 417, authUs: 3001 });
  });

  it.each([
    ['', 'nothing'],
    ['duration: 5.250 ms', 'one figure'],
    ['setup total=5.250 ms, fork=0.417 ms', 'two figures'],
    ['total=5.250 ms, fork=0.417 ms, authentication=1.001 ms, more=1.000 ms', 'four figures'],
    ['total=5.25 ms, fork=0.417 ms, authentication=3.001 ms', 'two decimals'],
    ['plan: cost=0.100..0.200 rows=0.300 loops=1', 'another figure behind'],
    ['total=1.000 ms, fork=0.600 ms, authentication=0.500 ms', 'parts above the whole'],
    ['total=99999999999.000 ms, fork=0.417 ms, authentication=3.001 ms', 'years'],
  ])('is not seen in "%s": %s', (text) => {
    expect(parseSetupMessage(text)).toBeUndefined();
  });

  it('is a LOG, whatever the severity is called in the language of the server', () => {
    const times = { totalMs: 5, forkMs: 1, authMs: 2 };
    const notice = messages.setupNotice(times);
    expect(readSetupNotice(...payloadOf(notice))).toEqual({
      totalUs: 5000,
      forkUs: 1000,
      authUs: 2000,
    });
    const text = notice.toString('latin1');
    const other = Buffer.from(text.replace('VLOG', 'VNOT'), 'latin1');
    expect(readSetupNotice(...payloadOf(other))).toBeUndefined();
    const translated = Buffer.from(text.replace('SLOG', 'SXYZ'), 'latin1');
    expect(readSetupNotice(...payloadOf(translated))).toMatchObject({ totalUs: 5000 });
    expect(readSetupNotice(...payloadOf(messages.NOTICE))).toBeUndefined();
  });
});

describe("a backend's age", () => {
  const row = (...parts: number[]): Buffer => Buffer.from(parts);

  it.each<[string, Buffer, number | undefined]>([
    ['a row of one figure', row(0, 1, 0, 0, 0, 3, 0x31, 0x32, 0x33), 123],
    ['NULL', row(0, 1, 0xff, 0xff, 0xff, 0xff), undefined],
    ['a row cut off', row(0, 1, 0, 0, 0, 9, 0x31), undefined],
    ['no row', row(), undefined],
    ['letters', row(0, 1, 0, 0, 0, 1, 0x61), undefined],
  ])('is read from %s', (_, bytes, age) => {
    expect(readAge(bytes, 0, bytes.length)).toBe(age);
  });

  it.each(['', '-5', '1.5', '99999999999999', null, 12])('is none where it is %o', (text) => {
    expect(parseAge(text)).toBeUndefined();
  });

  it('is asked for by index, or of nobody', () => {
    const plan = { ...NO_SERVER_TIMES, sampleEvery: 3 };
    expect([0, 1, 2, 3, 4].map((index) => isSampled(plan, index))).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
    expect(isSampled(NO_SERVER_TIMES, 0)).toBe(false);
  });
});

const TIMES = { totalMs: 5.25, forkMs: 0.417, authMs: 3.001, ageMs: 7 };
const ASKING = {
  options: '-c client_min_messages=log -c log_connections=setup_durations',
  sampleEvery: 1,
};

describe.each(DRIVER_NAMES)('asked by the %s driver', (driver) => {
  let server: SharedServer;

  const attempt = async (behaviour: Behaviour, plan = {}) => {
    server = await serveTest(behaviour);
    const endpoint = localEndpoint(server.port, { sslmode: 'disable' });
    return openAttempt(endpoint, { serverTimes: ASKING, ...plan }, undefined, driver);
  };

  it('the server tells its times and its backend its age, after the queries of the scenario', async () => {
    const story = await attempt({ serverTimes: TIMES, notices: 2 }, { queries: 2 });
    expect(story).toMatchObject({ outcome: 'ok', connection: 'closed' });
    expect(story.attempt).toMatchObject({
      serverSetupUs: 5250,
      serverForkUs: 417,
      serverAuthUs: 3001,
      backendAgeUs: 7000,
    });
    expect(story.ageToldUs).toBeGreaterThanOrEqual(story.attempt.queriedUs);
    const { queries, parameters } = await server.counters();
    expect(queries).toBe(3);
    expect(parameters).toMatchObject({ user: 'storm', options: ASKING.options });
  });

  it('a server that tells nothing leaves no figures', async () => {
    const story = await attempt({ notices: 2 }, { serverTimes: { ...ASKING, sampleEvery: 2 } });
    expect(story).toMatchObject({ outcome: 'ok', connection: 'closed' });
    expect(story.attempt).toMatchObject({ serverSetupUs: ABSENT, serverForkUs: ABSENT });
  });

  it('and not asked, it gets no options and no further query', async () => {
    const story = await attempt({ serverTimes: TIMES }, { serverTimes: NO_SERVER_TIMES });
    expect(story.attempt).toMatchObject({ serverSetupUs: ABSENT, backendAgeUs: ABSENT });
    const { queries, parameters } = await server.counters();
    expect(queries).toBe(0);
    expect(parameters).not.toHaveProperty('options');
  });

  it('a backend that refuses to tell its age is kept and closed as any other', async () => {
    const { ageMs: _, ...times } = TIMES;
    const story = await attempt({ serverTimes: times }, { queries: 1, holdUs: 10_000 });
    expect(story).toMatchObject({ outcome: 'ok', connection: 'closed' });
    expect(story.connectionFailure).toBeUndefined();
    expect(story.attempt.backendAgeUs).toBe(ABSENT);
    expect((story.connectionEndUs ?? 0) - story.attempt.queriedUs).toBeGreaterThanOrEqual(10_000);
    expect(await server.counters()).toMatchObject({ queries: 2, terminates: 1 });
  });

  it('a backend that is silent about its age is closed in time: no query of the scenario failed', async () => {
    const silent: Behaviour = { serverTimes: TIMES, fault: { at: 'query', how: 'silence' } };
    const story = await attempt(silent, { timeoutUs: 1_000_000 });
    expect(story).toMatchObject({ outcome: 'ok', connection: 'closed' });
    expect(story.attempt.backendAgeUs).toBe(ABSENT);
  });

  it('a connection that breaks off instead of telling its age was cut', async () => {
    const broken: Behaviour = { serverTimes: TIMES, fault: { at: 'query', how: 'close' } };
    const story = await attempt(broken);
    expect(story).toMatchObject({ outcome: 'ok', connection: 'cut' });
    expect(story.connectionFailure).toMatchObject({ layer: 'network', code: 'CLOSED' });
  });
});
