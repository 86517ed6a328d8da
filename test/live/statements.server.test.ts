import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { constantRate, runStorm, type Storm } from '../support/run-storm.ts';
import { labForSuite } from '../support/servers/lab.ts';
import { NO_PGBOUNCER, withPgBouncer } from '../support/servers/pgbouncer.ts';

/** Statements against a real Postgres, and through a transaction pooler. */

const load = constantRate(20, '250ms');
const CONNECTS = 5;

describe('statements', () => {
  const lab = labForSuite();
  const asSuperuser = async (text: string): Promise<Record<string, unknown>[]> => {
    const url = new URL(lab().superuserUrl);
    url.pathname = '/storm';
    const client = new pg.Client(url.href);
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };
  beforeAll(async () => {
    await asSuperuser(`
      CREATE SCHEMA other;
      CREATE TABLE other.written (a int);
      CREATE VIEW other.seen AS SELECT 1 AS a;
      GRANT USAGE ON SCHEMA other TO PUBLIC;
      GRANT ALL ON ALL TABLES IN SCHEMA other TO PUBLIC;
    `);
  });
  const countWritten = async (): Promise<unknown> =>
    (await asSuperuser('SELECT count(*)::int AS count FROM other.written'))[0]?.count;
  const run = (connection: object, url = lab().url): Promise<Storm> =>
    runStorm(url, { load, connection });
  const codesOf = ({ summary }: Storm): unknown[] =>
    summary.errors.map(({ ledger, code, phase, count }) => [ledger, code, phase, count]);

  const WAYS = (['simple', 'extended'] as const).flatMap((protocol) =>
    (['wire', 'pg'] as const).map((driver) => ({ protocol, driver })),
  );

  describe.each(WAYS)('by the $protocol protocol and the $driver driver', (way) => {
    const INSERT = 'INSERT INTO other.written VALUES (1) -- as an application does';

    const expectNothingWritten = async (url: string): Promise<void> => {
      const before = await countWritten();
      const storm = await run({ ...way, statements: ['SELECT 1', INSERT] }, url);
      expect(storm.summary.accounting).toMatchObject({ ok: CONNECTS });
      expect(codesOf(storm)).toEqual([['connection', '25006', 'query', CONNECTS]]);
      expect(storm.summary.metrics.firstQuery?.count).toBe(CONNECTS);
      expect(storm.summary.metrics.usable).toMatchObject({ count: 0, censored: CONNECTS });
      expect(await countWritten()).toBe(before);
      expect(storm.notes.join()).toContain('each statement runs in a read-only transaction');
    };

    it('cannot write to a target', () => expectNothingWritten(lab().url));

    it.skipIf(NO_PGBOUNCER !== '')(`cannot write through transaction pooling${NO_PGBOUNCER}`, () =>
      withPgBouncer(lab(), { poolMode: 'transaction' }, ({ url }) => expectNothingWritten(url)),
    );

    it('can write with writes: true', async () => {
      const before = await countWritten();
      const storm = await run({ ...way, statements: [INSERT, 'SELECT 1'], writes: true });
      expect(storm.summary.errors).toEqual([]);
      expect(await countWritten()).toBe(Number(before) + CONNECTS);
      expect(storm.summary.metrics.usable?.count).toBe(CONNECTS);
      expect(storm.notes.join()).not.toContain('read-only transaction');
    });

    it('keeps what SET sets for the next statement, in read-only transactions too', async () => {
      const statements = ['SET search_path TO other;', 'SELECT a FROM seen'];
      const storm = await run({ ...way, statements });
      expect(storm.summary.errors).toEqual([]);
      const { firstQuery, usable } = storm.summary.metrics;
      expect(usable?.count).toBe(CONNECTS);
      expect(usable?.minUs ?? 0).toBeGreaterThan(firstQuery?.minUs ?? Number.POSITIVE_INFINITY);
    });
  });

  it('ends with an error of the server at several statements in the extended protocol', async () => {
    const storm = await run({ protocol: 'extended', statements: ['SELECT 1; SELECT 2'] });
    expect(codesOf(storm)).toEqual([['connection', '42601', 'query', CONNECTS]]);
    expect(storm.summary.errors[0]?.message).toContain('multiple commands');
  });

  it('refuses what could leave its transaction, before it connects', async () => {
    const running = run({ statements: ['SELECT 1', 'COMMIT'] });
    await expect(running).rejects.toMatchObject({
      code: 'STATEMENT_NOT_READ_ONLY',
      message: expect.stringMatching(/^connection\.statements\[1\] is COMMIT, .*writes to true/),
    });
  });
});

it('writes freely in the lab of the run', async () => {
  const { summary } = await runStorm(undefined, {
    load,
    connection: {
      statements: ['CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (1)', 'BEGIN', 'SELECT 1'],
    },
  });
  expect(summary.errors).toEqual([]);
  expect(summary.metrics.usable?.count).toBe(CONNECTS);
});
