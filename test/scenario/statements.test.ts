import { describe, expect, it } from 'vitest';
import { planRun } from '../../src/scenario/plan/plan.ts';
import { quoteStatement } from '../../src/scenario/quote-statement.ts';
import { findEscape, hasCopy, scanText, wrapReadOnly } from '../../src/scenario/statements.ts';
import { parseScenario } from '../support/synthetic/parse-scenario.ts';

const firstWords = (text: string): string[] => scanText(text).statements.map(({ first }) => first);

describe('scanText', () => {
  it.each<[string, string[]]>([
    ['SELECT 1', ['SELECT']],
    ['select 1; set x to 1;', ['SELECT', 'SET']],
    [' \n\t; ;', []],
    ['-- SELECT 1', []],
    ['-- a\n/* b; /* c */ d */ copy t from stdin', ['COPY']],
    ["SELECT 'a;b' || 'it''s; so'; SET x = 1", ['SELECT', 'SET']],
    ["SELECT E'it\\'s; so'; SET x = 1", ['SELECT', 'SET']],
    ['SELECT "a;""b"; SET x = 1', ['SELECT', 'SET']],
    ['DO $$ BEGIN; END; $$; SET x = 1', ['DO', 'SET']],
    ['DO $a$ $$ ; $b$ ; $a$; SET x = 1', ['DO', 'SET']],
    // A dollar within a name begins no quote.
    ['SELECT a$b$; SET c$b$ = 1', ['SELECT', 'SET']],
    ['SELECT $1; SET x = 1', ['SELECT', 'SET']],
    ['(SELECT 1)', ['']],
    ['"copy"', ['']],
  ])('finds the statements of %j', (text, words) => {
    expect(firstWords(text)).toEqual(words);
    expect(scanText(text).isSure).toBe(true);
  });

  it.each([
    "SELECT 'a",
    'SELECT "a',
    'SELECT $$a',
    'SELECT /* a',
    "SELECT E'a\\'",
    // standard_conforming_strings decides whether the second quote ends it.
    "SELECT 'a\\'; SET x = '1'",
    // The second part goes on as the first: with escapes.
    "SELECT E'a'\n'b\\'; SET x = '1'",
  ])('is not sure of %j', (text) => {
    expect(scanText(text).isSure).toBe(false);
  });
});

describe('findEscape', () => {
  it.each([
    'SELECT 1',
    'SELECT 1 ;; ',
    "SET client_encoding TO 'utf8' -- as the ORM does",
    "SELECT 'a;b'",
    "SELECT regexp_replace('a', '\\d', '')",
    'SET TRANSACTION READ WRITE',
    'PREPARE q AS SELECT 1',
    'DO $$ BEGIN PERFORM 1; END $$',
  ])('finds none in %j', (text) => {
    expect(findEscape(text, 'simple')).toBeUndefined();
    expect(findEscape(text, 'extended')).toBeUndefined();
  });

  it.each([
    ['begin', 'is BEGIN'],
    ['START TRANSACTION', 'is START'],
    ['/* x */ commit', 'is COMMIT'],
    ['end', 'is END'],
    ['rollback', 'is ROLLBACK'],
    ['ABORT;', 'is ABORT'],
    ["PREPARE TRANSACTION 'x'", 'is PREPARE TRANSACTION'],
  ])('finds one in %j in either protocol', (text, why) => {
    expect(findEscape(text, 'simple')).toBe(why);
    expect(findEscape(text, 'extended')).toBe(why);
  });

  it.each([
    ['SELECT 1; SELECT 2', 'has 2 statements'],
    ['SET transaction_read_only = off; INSERT INTO t VALUES (1)', 'has 2 statements'],
    ["SELECT 'a\\'; COMMIT; DELETE FROM t; --'", 'may have several statements'],
  ])('finds one in %j where the server would run all of it', (text, why) => {
    expect(findEscape(text, 'simple')).toBe(why);
    expect(findEscape(text, 'extended')).toBeUndefined();
  });
});

it('finds COPY wherever it begins a statement', () => {
  const texts = ['copy t from stdin', '/* a */ COPY t TO STDOUT', 'SELECT 1; COPY t FROM STDIN'];
  expect(texts.map(hasCopy)).toEqual([true, true, true]);
  expect(['SELECT copy FROM t', 'COPYING', "SELECT '; COPY '"].map(hasCopy)).toEqual([
    false,
    false,
    false,
  ]);
});

it('ends a comment before COMMIT', () => {
  expect(wrapReadOnly('SELECT 1 -- one')).toBe('BEGIN READ ONLY; SELECT 1 -- one\n; COMMIT');
});

describe('quoteStatement', () => {
  it.each([
    ['SELECT 1', '"SELECT 1"'],
    ['SELECT\n\u001b[31m1', '"SELECT\\n\\x1b[31m1"'],
    ["ALTER ROLE me PASSWORD 'hunter2'", '"ALTER ROLE me PASSWORD \'***\'"'],
    ["SELECT dblink('host=x password=hunter2')", '"SELECT dblink(\'host=x password=***\')"'],
    ['x'.repeat(203), `"${'x'.repeat(200)}"... (3 more characters)`],
  ])('shows %j in one line, without a password, cut with a mark', (text, shown) => {
    expect(quoteStatement(text)).toBe(shown);
  });
});

const HEAD = 'shows: a\nload: { executor: constant-arrival-rate, rate: 5, duration: 1s }\n';
const problemOf = (connection: string): string => {
  try {
    parseScenario(`${HEAD}connection: ${connection}`, 'x.yaml');
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('connection.statements', () => {
  it.each([
    [
      '{ queries: 2, statements: [SELECT 1] }',
      'x.yaml:3:39 connection.statements cannot be set together with connection.queries above 0, got queries 2: set one of the two',
    ],
    [
      '{ statements: [] }',
      'x.yaml:3:27 connection.statements must not be empty, got an empty list',
    ],
    ['{ statements: [""] }', 'x.yaml:3:28 connection.statements[0] must not be empty, got ""'],
    [
      `{ statements: [${Array(51).fill('a').join(', ')}] }`,
      'x.yaml:3:27 connection.statements must have at most 50 entries, got a list',
    ],
    [
      `{ statements: [${'a'.repeat(10_001)}] }`,
      `x.yaml:3:28 connection.statements[0] must have at most 10000 characters, got "${'a'.repeat(40)}..."`,
    ],
    [
      '{ statements: ["a\\0b"] }',
      'x.yaml:3:28 connection.statements[0] must hold no NUL character, got "a\\u0000b"',
    ],
    [
      '{ statements: [SELECT 1, "-- all\\ncopy t from stdin"] }',
      'x.yaml:3:38 connection.statements[1] must be without COPY: connstorm has no data for it and keeps none of its data',
    ],
    [
      '{ protocol: binary }',
      'x.yaml:3:25 connection.protocol must be simple or extended, got "binary"',
    ],
  ])('%#. is refused where it is wrong', (connection, problem) => {
    expect(problemOf(connection)).toBe(problem);
  });

  it('goes with queries of 0', () => {
    expect(problemOf('{ queries: 0, statements: [SELECT 1] }')).toBe('');
  });
});

describe('the plan of statements', () => {
  it.each([
    ['{}', { queries: 0, statements: undefined, tellsUsable: false }],
    ['{ queries: 1 }', { queries: 1, statements: undefined, tellsUsable: false }],
    ['{ queries: 2 }', { queries: 2, statements: undefined, tellsUsable: true }],
    ['{ statements: [a] }', { queries: 1, statements: ['a'], tellsUsable: true }],
    [
      '{ statements: [a, b], protocol: extended, writes: true }',
      { queries: 2, statements: ['a', 'b'], protocol: 'extended', writes: true },
    ],
    ['{}', { protocol: 'simple', writes: false }],
  ])('of %s', (connection, planned) => {
    const plan = planRun(parseScenario(`${HEAD}connection: ${connection}`, 'x.yaml'));
    expect(plan.connection).toMatchObject(planned);
  });
});
