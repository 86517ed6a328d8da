import { describe, expect, it } from 'vitest';
import type { ConnectionPlan } from '../../src/drivers/driver.ts';
import type { StatementsPlan } from '../../src/drivers/protocol/statements.ts';
import * as messages from '../support/servers/known/messages.js';
import {
  type Script,
  type ScriptedServer,
  serveScript,
} from '../support/servers/scripted-server.ts';
import {
  type AttemptStory,
  localEndpoint,
  openAttempt,
  TESTED_DRIVERS,
  type TestedDriver,
} from '../support/synthetic/open-attempt.ts';

/** Statements as each driver sends them, and what becomes of their answers. */

const { message, READY_FOR_QUERY, ONE_ROW } = messages;
const done = (tag: string): Buffer => message('C', Buffer.from(`${tag}\0`));
const answered = (tag: string): Buffer => Buffer.concat([done(tag), READY_FOR_QUERY]);
const error = (code: string): Buffer =>
  Buffer.concat([messages.errorResponse('ERROR', code, 'no'), message('Z', Buffer.from('E'))]);

const query = (text: string): Buffer => message('Q', Buffer.from(`${text}\0`));
const parse = (text: string): Buffer => message('P', Buffer.from(`\0${text}\0\0\0`));
/** No parameters, and all results as text. */
const BIND = message('B', Buffer.from([0, 0, 0, 0, 0, 0, 0, 1, 0, 0]));
const DESCRIBE = message('D', Buffer.from('P\0'));
const EXECUTE = message('E', Buffer.from([0, 0, 0, 0, 0]));
const SYNC = message('S');
const TERMINATE = message('X');

const SET = "SET client_encoding TO 'utf8'";
const TEXTS: [string, string] = [SET, 'SELECT 1'];

let server: ScriptedServer;

describe.each(Object.keys(TESTED_DRIVERS) as TestedDriver[])('the %s driver', (driver) => {
  const open = async (
    script: Script,
    statements: Partial<StatementsPlan> = {},
    over: Partial<ConnectionPlan> = {},
  ): Promise<AttemptStory> => {
    server = await serveScript(script);
    const texts = statements.texts ?? TEXTS;
    const plan = {
      queries: texts.length,
      statements: { texts, protocol: 'simple' as const, isReadOnly: false, ...statements },
      tellsUsable: true,
      ...over,
    };
    const endpoint = localEndpoint(server.port, { sslmode: 'disable' });
    return openAttempt(endpoint, plan, undefined, driver);
  };
  const sent = async (): Promise<string[]> =>
    (await server.received).map((bytes) => bytes.toString('latin1'));
  const bytes = (...expected: Buffer[]): string[] => expected.map((it) => it.toString('latin1'));
  /** pg sends Describe as well. */
  const execution = (text: string): Buffer[] =>
    driver === 'pg' ? [parse(text), BIND, DESCRIBE, EXECUTE] : [parse(text), BIND, EXECUTE];

  it('sends one Query message for each statement, in their order', async () => {
    const { connection, attempt } = await open([answered('SET'), ONE_ROW]);
    expect(connection).toBe('closed');
    expect(await sent()).toEqual(bytes(query(SET), query('SELECT 1'), TERMINATE));
    expect(attempt.readyUs).toBeLessThanOrEqual(attempt.queriedUs);
    expect(attempt.queriedUs).toBeLessThanOrEqual(attempt.usableUs);
  });

  it('sends each statement as Parse, Bind, Execute and one Sync in the extended protocol', async () => {
    const complete = Buffer.concat([message('1'), message('2'), answered('SET')]);
    const { connection } = await open([complete, complete], { protocol: 'extended' });
    expect(connection).toBe('closed');
    const expected = [...execution(SET), SYNC, ...execution('SELECT 1'), SYNC, TERMINATE];
    expect(await sent()).toEqual(bytes(...expected));
  });

  it('sends one text as often as it is asked for, in the extended protocol too', async () => {
    const texts: [string] = ['SELECT 1'];
    await open([ONE_ROW, ONE_ROW], { texts, protocol: 'extended' }, { queries: 2 });
    const once = [...execution('SELECT 1'), SYNC];
    expect(await sent()).toEqual(bytes(...once, ...once, TERMINATE));
  });

  it('wraps a statement in a read-only transaction within the same message', async () => {
    const answer = Buffer.concat([done('BEGIN'), done('SET'), answered('COMMIT')]);
    const { connection } = await open([answer], { texts: ['SELECT 1 -- why'], isReadOnly: true });
    expect(connection).toBe('closed');
    expect(await sent()).toEqual(
      bytes(query('BEGIN READ ONLY; SELECT 1 -- why\n; COMMIT'), TERMINATE),
    );
  });

  it('wraps a statement before the same Sync in the extended protocol', async () => {
    const step = (tag: string): Buffer => Buffer.concat([message('1'), message('2'), done(tag)]);
    const answer = Buffer.concat([step('BEGIN'), step('SET'), step('COMMIT'), READY_FOR_QUERY]);
    const plan = { texts: [SET] as [string], isReadOnly: true, protocol: 'extended' as const };
    const { connection } = await open([answer], plan);
    expect(connection).toBe('closed');
    const wrapped = ['BEGIN READ ONLY', SET, 'COMMIT'].flatMap(execution);
    expect(await sent()).toEqual(bytes(...wrapped, SYNC, TERMINATE));
  });

  it('stops at a statement that fails, with its SQLSTATE', async () => {
    const { connection, connectionFailure, attempt } = await open(
      [answered('SET'), error('42P01')],
      { texts: [SET, 'SELECT 2', 'SELECT 3'] as unknown as [string] },
    );
    expect(connection).toBe('queryFailed');
    expect(connectionFailure).toMatchObject({ layer: 'server', phase: 'query', code: '42P01' });
    expect((await sent()).slice(0, 2)).toEqual(bytes(query(SET), query('SELECT 2')));
    expect((await sent()).join('')).not.toContain('SELECT 3');
    expect(attempt.queriedUs).toBeGreaterThan(0);
    expect(attempt.usableUs).toBe(-1);
  });

  it('reads over several results, notices and empty statements until ReadyForQuery', async () => {
    const row = ONE_ROW.subarray(0, ONE_ROW.length - READY_FOR_QUERY.length);
    const answer = Buffer.concat([row, messages.NOTICE, row, message('I'), READY_FOR_QUERY]);
    const { connection } = await open([answer, ONE_ROW], { texts: ['SELECT 1; SELECT 2;;', 'x'] });
    expect(connection).toBe('closed');
    expect(await sent()).toHaveLength(3);
  });

  it('reads over rows of 3 MB, and over 20 MB of rows', async () => {
    const description = ONE_ROW.subarray(0, 1 + ONE_ROW.readInt32BE(1));
    const rowOf = (length: number): Buffer => {
      const head = Buffer.from([0, 1, 0, 0, 0, 0]);
      head.writeInt32BE(length, 2);
      return message('D', head, Buffer.alloc(length, 'x'));
    };
    const long = Buffer.concat([description, rowOf(3_000_000), rowOf(3_000_000), done('SELECT 2')]);
    const many = Buffer.concat([description, ...Array(400).fill(rowOf(50_000)), done('SELECT')]);
    const { connection, attempt, connectionFailure } = await open([
      Buffer.concat([long, READY_FOR_QUERY]),
      Buffer.concat([many, READY_FOR_QUERY]),
    ]);
    expect(connectionFailure).toBeUndefined();
    expect(connection).toBe('closed');
    expect(attempt.usableUs).toBeGreaterThanOrEqual(attempt.queriedUs);
  });

  it('gives each statement the whole timeout', async () => {
    const {
      connection,
      connectionFailure,
      attempt,
      connectionEndUs = 0,
    } = await open([answered('SET'), 'silence'], {}, { timeoutUs: 300_000 });
    expect(connection).toBe('queryFailed');
    expect(connectionFailure).toMatchObject({ layer: 'timeout', phase: 'query' });
    // Timers of Node may fire up to one millisecond early.
    expect(connectionEndUs - attempt.queriedUs).toBeGreaterThanOrEqual(299_000);
  });

  it('sends no data where a statement asks for it, and says so', async () => {
    const copyIn = message('G', Buffer.from([0, 0, 0]));
    const { connection, connectionFailure } = await open([copyIn], { texts: ['SELECT load()'] });
    expect(connection).toBe('queryFailed');
    expect(connectionFailure).toMatchObject({
      layer: 'server',
      phase: 'query',
      code: '57014',
      message: 'COPY from stdin failed: connstorm sends no data for COPY',
    });
  });
});
