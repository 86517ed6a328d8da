import { describe, expect, it } from 'vitest';
import { sortFailures } from '../../src/analysis/validity/failure-kinds.ts';
import type { Failure } from '../../src/model/measures.ts';
import { adviseOnSlots, isSlotRefusal } from '../../src/model/slot-refusals.ts';
import { isRefusal } from '../../src/probes/server/witness.ts';

const CLIENTS = "raise the pooler's client limit";
const POOL = "raise the pooler's pool size";
const SERVER = 'raise max_connections';
const ANY = 'raise max_connections, or the limit of the role or database';

/** SQLSTATE, message, advice. */
const SAID: [by: string, code: string, message: string, advice: string][] = [
  ['PostgreSQL', '53300', 'sorry, too many clients already', SERVER],
  [
    'PostgreSQL',
    '53300',
    'remaining connection slots are reserved for roles with the SUPERUSER attribute',
    SERVER,
  ],
  ['PostgreSQL', '53300', 'too many connections for role "x"', "raise the role's connection limit"],
  [
    'PostgreSQL',
    '53300',
    'too many connections for database "d"',
    "raise the database's connection limit",
  ],
  ['PostgreSQL in German', '53300', 'tut mir leid, schon zu viele Verbindungen', ANY],
  [
    'PgBouncer',
    '08P01',
    'no more connections allowed (max_client_conn)',
    "raise the pooler's max_client_conn",
  ],
  ['PgBouncer 1.24', '08P01', 'client connections exceeded (max_db_client_connections)', CLIENTS],
  [
    "PgBouncer of the server's 53300",
    '08P01',
    'server login failed: FATAL: sorry, too many clients already',
    SERVER,
  ],
  [
    'Odyssey',
    '53300',
    'odyssey: c8a1b2c3d4e5: too many tcp connections (global client_max 100)',
    CLIENTS,
  ],
  ['Odyssey', '08006', 'too many client tcp connections (client_max for user)', CLIENTS],
  [
    'Odyssey',
    '53300',
    'too many active clients for user (pool_size for user a.b reached 10)',
    CLIENTS,
  ],
  ['pgpool-II', '53300', 'Sorry, too many clients already', CLIENTS],
  ['pgpool-II without a SQLSTATE of its own', 'XX000', 'Sorry, too many clients already', CLIENTS],
  ['pgagroal', '53300', 'connection pool is full', CLIENTS],
  ['pgagroal', 'XX000', 'connection pool is full', CLIENTS],
  ['Supavisor', 'XX000', 'Max client connections reached', CLIENTS],
  ['Supavisor', 'XX000', '(EMAXCONN) max client connections reached, limit: 15', CLIENTS],
  [
    'Supavisor',
    'XX000',
    '(EMAXCONNSESSION) max clients reached in session mode - max clients are limited to pool_size: 15',
    POOL,
  ],
  [
    'Supavisor',
    'XX000',
    'MaxClientsInSessionMode: max clients reached - in Session mode max clients are limited to pool_size',
    POOL,
  ],
];

describe.each(SAID)('%s that says %s %s', (_, code, message, advice) => {
  const failure: Failure = { layer: 'server', phase: 'spawn', code, message };

  it('is full, for the kill switch, the wall and the advice', () => {
    expect(isSlotRefusal(failure)).toBe(true);
    expect(isRefusal(failure)).toBe(true);
    const error = { ...failure, ledger: 'attempt', normalised: message, count: 3 } as const;
    expect(sortFailures([error])).toEqual({ refused: [error], broken: [] });
    expect(adviseOnSlots(message)).toBe(advice);
  });

  it('would not be if it was not the server who spoke', () => {
    expect(isSlotRefusal({ ...failure, layer: 'network' })).toBe(false);
  });
});

it.each([
  ['XX000', 'SCRAM authentication failed'],
  ['XX000', 'Tenant or user not found'],
  ['08P01', 'server login has been failing, try again later (server_login_retry)'],
  ['08P01', 'query_wait_timeout'],
  ['58000', 'could not get connection from the pool - AllServersDown'],
  ['28P01', 'password authentication failed for user "max"'],
])('%s %s does not say that no slot is free', (code, message) => {
  expect(isSlotRefusal({ layer: 'server', phase: 'spawn', code, message })).toBe(false);
});
