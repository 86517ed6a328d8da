import { expect, it } from 'vitest';
import { addPools, addWaits, readLists } from '../../../src/probes/server/pooler.ts';

/** PgBouncer 1.18. */
const POOLS = [
  {
    database: 'storm',
    user: 'storm',
    cl_active: '20',
    cl_waiting: '80',
    cl_active_cancel_req: '0',
    cl_waiting_cancel_req: '0',
    sv_active: '20',
    sv_active_cancel: '0',
    sv_being_canceled: '0',
    sv_idle: '1',
    sv_used: '2',
    sv_tested: '3',
    sv_login: '1',
    maxwait: '2',
    maxwait_us: '345678',
    pool_mode: 'session',
  },
  {
    database: 'pgbouncer',
    user: 'pgbouncer',
    cl_active: '1',
    cl_waiting: '0',
    maxwait: '0',
    maxwait_us: '0',
  },
  // 1.15 and before: other columns, maxwait_us among them
  {
    database: 'other',
    cl_active: '1',
    cl_waiting: '2',
    sv_active: '1',
    sv_idle: '0',
    maxwait: '1',
  },
];

it("adds up a pooler's pools, but the console's own", () => {
  expect(addPools(POOLS)).toEqual({
    clientsActive: 21,
    clientsWaiting: 82,
    serversActive: 21,
    serversIdle: 6,
    serversLogin: 1,
    maxWaitUs: 2_345_678,
  });
});

it.each([
  [[], 0],
  [
    [
      { database: 'pgbouncer', total_wait_time: '5' },
      { database: 'storm', total_wait_time: '1200' },
      { database: 'other', total_wait_time: '34' },
    ],
    1234,
  ],
  // Before 1.8
  [[{ database: 'storm', total_requests: '9' }], undefined],
])('adds up the waits of %j', (rows, expected) => {
  expect(addWaits(rows)).toBe(expected);
});

it.each([
  [
    [
      { list: 'databases', items: 2 },
      { list: 'login_clients', items: 41 },
    ],
    { clientsLogin: 41 },
  ],
  [[{ list: 'databases', items: '2' }], {}],
])('reads the logins under way from %j', (rows, expected) => {
  expect(readLists(rows)).toEqual(expected);
});
