import { expect, it } from 'vitest';
import { parseLabOptions, parsePoolerOptions } from '../../src/commands/lab.ts';
import { UsageError } from '../../src/errors.ts';

it.each([
  [{}, { settings: {} }],
  [{ setting: 'work_mem=3MB' }, { settings: { work_mem: '3MB' } }],
  [
    { setting: ['a.b=x=y', 'fsync = on'], auth: 'md5', postgresBin: '/bin' },
    { settings: { 'a.b': 'x=y', fsync: 'on' }, auth: 'md5', postgresBin: '/bin' },
  ],
])('reads the flags %j', (args, options) => {
  expect(parseLabOptions(args)).toEqual(options);
});

it.each([
  [{}, undefined],
  [{ pgbouncer: true }, { settings: {} }],
  [
    { pgbouncer: true, pgbouncerSetting: ['pool_mode=session', 'default_pool_size=5'] },
    { settings: { pool_mode: 'session', default_pool_size: '5' } },
  ],
])('reads of %j what PgBouncer is to be', (args, options) => {
  expect(parsePoolerOptions(args)).toEqual(options);
});

it.each([
  [{ setting: 'work_mem' }, '--setting must be name=value, got "work_mem"'],
  [{ setting: '' }, '--setting must be name=value, got ""'],
  [{ auth: 'scram' }, '--auth must be one of scram-sha-256, md5, password, trust, got scram'],
  [{ auth: ['md5', 'trust'] }, '--auth must be one of'],
  [{ pgbouncer: true, pgbouncerSetting: '=1' }, '--pgbouncer-setting must be name=value, got "=1"'],
  [{ pgbouncerSetting: 'a=1' }, '--pgbouncer-setting needs --pgbouncer'],
  [{ postgresBin: '' }, '--postgres-bin must be given once, with a folder'],
  [{ postgresBin: ['/a', '/b'] }, '--postgres-bin must be given once'],
])('refuses the flags %j', (args, message) => {
  const parse = () => [parseLabOptions(args), parsePoolerOptions(args)];
  expect(parse).toThrow(UsageError);
  expect(parse).toThrow(message);
});
