import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import {
  type PoolerPlace,
  planPgBouncer,
  renderPgBouncerIni,
  renderUserList,
} from '../../../src/lab/pgbouncer/pgbouncer-ini.ts';

const PLACE: PoolerPlace = {
  port: 6432,
  auth: 'scram-sha-256',
  user: 'storm',
  userList: '/lab/users.txt',
  descriptorLimit: null,
};

describe("the lab's PgBouncer", () => {
  it('pools transactions over 20 connections, for plenty of clients', () => {
    expect(planPgBouncer({}, PLACE)).toMatchObject({
      pool_mode: 'transaction',
      default_pool_size: 20,
      max_client_conn: 10_000,
      listen_backlog: 4096,
      so_reuseport: false,
    });
  });

  it('does as it is told', () => {
    const options = {
      poolMode: 'session',
      poolSize: 3,
      maxClientConn: 7,
      listenBacklog: 9,
      processes: 2,
    } as const;
    expect(planPgBouncer(options, PLACE)).toMatchObject({
      pool_mode: 'session',
      default_pool_size: 3,
      max_client_conn: 7,
      listen_backlog: 9,
      so_reuseport: true,
    });
  });

  it.each([
    ['scram-sha-256', 'scram-sha-256'],
    ['md5', 'md5'],
    ['password', 'plain'],
    ['trust', 'trust'],
  ] as const)('asks clients as the server does: %s is %s', (auth, type) => {
    expect(planPgBouncer({}, { ...PLACE, auth })).toMatchObject({ auth_type: type });
  });

  it.each([
    [1024, 20, 940],
    [1024, 100, 860],
    [20_000, 20, 10_000],
    [64, 20, 1],
  ])('with %i descriptors and a pool of %i has room for %i clients', (limit, poolSize, clients) => {
    const place = { ...PLACE, descriptorLimit: limit };
    expect(planPgBouncer({ poolSize }, place).max_client_conn).toBe(clients);
  });

  it('has other settings outrank its own', () => {
    const settings = { Server_Lifetime: 5, default_pool_size: 2, stats_users: '' };
    expect(planPgBouncer({ poolSize: 9, settings }, PLACE)).toMatchObject({
      server_lifetime: 5,
      default_pool_size: 2,
      stats_users: '',
    });
  });

  it.each([
    ['listen_port', 1, /"listen_port" is set by the lab itself and cannot be changed/],
    ['AUTH_TYPE', 'any', /"AUTH_TYPE" is set by the lab itself and cannot be changed/],
    ['%include', 'x', /"%include" must be a name of pgbouncer.ini, e.g. server_lifetime/],
    ['server_lifetime', '1\nauth_type=any', /must have a value in one line/],
  ])('refuses the setting %j = %j', (name, value, message) => {
    const plan = () => planPgBouncer({ settings: { [name]: value } }, PLACE);
    expect(plan).toThrow(UsageError);
    expect(plan).toThrow(message);
  });
});

it('is written a line a setting, yes and no as numbers, the server as every database', () => {
  const settings = { pool_mode: 'session', so_reuseport: true, tcp_keepalive: false, empty: '' };
  expect(renderPgBouncerIni(settings, '127.0.0.1', '5432').split('\n')).toEqual([
    '[databases]',
    '* = host=127.0.0.1 port=5432',
    '[pgbouncer]',
    'pool_mode = session',
    'so_reuseport = 1',
    'tcp_keepalive = 0',
    'empty = ',
    '',
  ]);
});

it('is not written with a value that would begin another line', () => {
  const settings = { pool_mode: 'session\n%include /etc/passwd' };
  expect(() => renderPgBouncerIni(settings, '127.0.0.1', '5432')).toThrow(
    /"pool_mode" must have a value in one line/,
  );
});

it.each([
  ['SCRAM-SHA-256$4096:a$b:c', '"storm" "SCRAM-SHA-256$4096:a$b:c"\n'],
  ['', '"storm" ""\n'],
  ['a"b', '"storm" "a""b"\n'],
])('the user list has the secret %j', (secret, line) => {
  expect(renderUserList('storm', secret)).toBe(line);
});
