import { describe, expect, it } from 'vitest';
import { describeServer, describeTarget } from '../../../src/targets/visit/describe.ts';

const TARGET = {
  role: 'direct',
  host: 'db.example.com',
  address: '10.0.0.1',
  port: 5432,
  database: 'my app',
  user: 'me@home',
  password: 'hunter2',
  sslmode: 'prefer',
  applicationName: 'connstorm',
} as const;
const SOCKET = { ...TARGET, host: '/tmp', address: '/tmp/.s.PGSQL.5432' };

describe('describeTarget', () => {
  it('is a URL without the password', () => {
    expect(describeTarget(TARGET)).toBe('postgres://me%40home@db.example.com:5432/my%20app');
    expect(describeTarget(SOCKET)).toBe('postgres://me%40home@%2Ftmp:5432/my%20app');
  });

  it('names a server by what was given, and the address it stands for', () => {
    expect(describeServer(TARGET)).toBe('db.example.com:5432 (10.0.0.1)');
    expect(describeServer({ host: '::1', address: '::1', port: 1 })).toBe('[::1]:1');
    expect(describeServer(SOCKET)).toBe('/tmp/.s.PGSQL.5432');
  });
});
