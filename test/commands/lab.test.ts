import { expect, it } from 'vitest';
import { parseLabOptions } from '../../src/commands/lab.ts';
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
  [{ setting: 'work_mem' }, '--setting must be name=value, got "work_mem"'],
  [{ setting: '' }, '--setting must be name=value, got ""'],
  [{ auth: 'scram' }, '--auth must be one of scram-sha-256, md5, password, trust, got scram'],
  [{ auth: ['md5', 'trust'] }, '--auth must be one of'],
  [{ postgresBin: '' }, '--postgres-bin must be given once, with a folder'],
  [{ postgresBin: ['/a', '/b'] }, '--postgres-bin must be given once'],
])('refuses the flags %j', (args, message) => {
  expect(() => parseLabOptions(args)).toThrow(UsageError);
  expect(() => parseLabOptions(args)).toThrow(message);
});
