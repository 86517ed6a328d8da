import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { chooseLab } from '../../../src/targets/naming/choose-lab.ts';

type Env = Record<string, string>;
const choose = (texts: string[], env: Env = {}, hasBudgets = false) =>
  chooseLab({ texts, env, hasBudgets });

describe('the lab', () => {
  it.each<[string[], Env, object]>([
    [[], {}, { isDefault: true }],
    [[], { PGAPPNAME: 'x', PGPASSFILE: '/p', PGCONNECT_TIMEOUT: '3' }, { isDefault: true }],
    [[], { CI: 'true' }, { isDefault: true }],
    [['lab'], {}, { isDefault: false }],
    [['lab'], { PGHOST: 'db', PGPORT: '1', CI: 'true' }, { isDefault: false }],
    [[], { CONNSTORM_TARGET: 'lab' }, { isDefault: false }],
    [[], { CONNSTORM_TARGET: 'lab', PGHOST: 'db' }, { isDefault: false }],
    [['direct=lab'], {}, { isDefault: false, roles: ['direct'] }],
    [['direct=lab', 'pooled=lab'], {}, { isDefault: false, roles: ['direct', 'pooled'] }],
    [['lab', 'pooled=lab'], {}, { isDefault: false, roles: ['direct', 'pooled'] }],
  ])('is the target of %o with %o', (texts, env, expected) => {
    expect(choose(texts, env, true)).toEqual(expected);
  });

  it.each<[string[], Env]>([
    [['postgres://'], {}],
    [['port=1'], {}],
    [['host=lab'], {}],
    [['dbname=lab'], {}],
    [['pooled=postgres://h/d'], {}],
    [['postgres://h'], { CONNSTORM_TARGET: 'lab' }],
    [['postgres://h'], { CONNSTORM_TARGET: '' }],
    [[], { CONNSTORM_TARGET: 'port=1' }],
    [[], { PGHOST: 'h' }],
    [[], { PGHOSTADDR: '10.0.0.1' }],
    [[], { PGSERVICE: 's' }],
    [[], { PGSERVICE: 's', PGHOST: '', CI: 'true' }],
  ])('is not the target of %o with %o', (texts, env) => {
    expect(choose(texts, env, true)).toBeUndefined();
  });

  it.each<[Env, string]>([
    [{ PGPORT: '1' }, 'PGPORT is set'],
    [{ PGDATABASE: 'hunter2' }, 'PGDATABASE is set'],
    [{ PGUSER: 'hunter2', PGPASSWORD: 'hunter2' }, 'PGUSER, PGPASSWORD are set'],
    [{ PGSSLMODE: 'verify-full' }, 'PGSSLMODE is set'],
    [{ PGSERVICEFILE: '/f' }, 'PGSERVICEFILE is set'],
    [{ PGHOST: '', PGPORT: '1' }, 'PGHOST is empty'],
    [{ PGHOSTADDR: '' }, 'PGHOSTADDR is empty'],
    [{ PGSERVICE: '' }, 'PGSERVICE is empty'],
    [
      { DATABASE_URL: 'postgres://u:hunter2@h/d' },
      'DATABASE_URL is set, which connstorm does not read',
    ],
  ])('is taken with a note, and refused in CI or under budgets, for %o', (env, hint) => {
    const choice = choose([], env);
    expect(choice?.isDefault).toBe(true);
    expect(choice?.note).toBe(
      `no target is named, though ${hint}: name it with --target (or PGHOST), or give --target lab to start a Postgres for this run`,
    );
    for (const [why, refuse] of [
      ['CI is set', () => choose([], { ...env, CI: 'true' })],
      ['there are budgets', () => choose([], { ...env, CI: 'false' }, true)],
    ] as const) {
      expect(refuse).toThrow(UsageError);
      expect(refuse).toThrow(
        `no target is named and ${hint}. Because ${why}, connstorm does not use the lab instead: name it with --target`,
      );
      expect(refuse).not.toThrow(/hunter2/);
    }
  });

  it.each<Env>([{ DATABASE_URL: 'mysql://h/d' }, { PGPORT: '' }, { PGPASSWORD: '' }])(
    'needs no note for %o',
    (env) => expect(choose([], { ...env, CI: '1' })).toEqual({ isDefault: true }),
  );

  it.each(['', ' \t'])('is not meant by a CONNSTORM_TARGET of %j', (text) => {
    expect(() => choose([], { CONNSTORM_TARGET: text, PGHOST: 'h' })).toThrow(
      /^CONNSTORM_TARGET is empty: set it to a connection string, or to lab/,
    );
  });

  it.each([[['lab', 'pooled=postgres://h/d']], [['direct=postgres://h/d', 'pooled=lab']]])(
    'does not go with a server: %o',
    (texts) => {
      expect(() => choose(texts)).toThrow(/the lab and another server: a run uses either/);
    },
  );
});
