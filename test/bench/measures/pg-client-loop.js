// @ts-check

/**
 * Opens and closes pg.Clients at a constant rate, each started by a timer when it is due, and ends when the last has
 * closed: as an application does, or through the pg driver of a build, whose modules are in DIST.
 *
 *   node test/bench/measures/pg-client-loop.js bare|DIST URL RATE COUNT
 */

import pg from 'pg';
import { loadModule } from '../load-module.js';

const TIMEOUT_MS = 10_000;
const [how = '', url = '', rate, count] = process.argv.slice(2);
const { hostname, port, username, pathname, searchParams } = new URL(url);
const user = decodeURIComponent(username);
const database = pathname.slice(1);
/** Encrypted and not verified, as sslmode=require is. */
const ssl = searchParams.get('sslmode') === 'require' && { rejectUnauthorized: false };
const connect = how === 'bare' ? createBareConnect() : await createDriverConnect(how);
const everyMs = 1000 / Number(rate);
const total = Number(count);
const startMs = performance.now();
let started = 0;
turn();

function turn() {
  while (started < total && startMs + started * everyMs <= performance.now()) {
    started += 1;
    connect();
  }
  if (started < total) setTimeout(turn, 1);
}

/** With what nobody does without: a timeout and an error listener. */
function createBareConnect() {
  const config = { host: hostname, port: Number(port), user, database, ssl };
  return () => {
    const client = new pg.Client({ ...config, connectionTimeoutMillis: TIMEOUT_MS });
    client.on('error', () => {});
    client.connect((/** @type {Error | null} */ error) => {
      if (error !== null) throw error;
      client.end(() => {});
    });
  };
}

/** @param {string} dist */
async function createDriverConnect(dist) {
  // By name at run time: dist is not there when the types are checked.
  const load = (/** @type {string} */ file) => loadModule(dist, file);
  /** @type {typeof import('../../../src/drivers/pg/pg.ts')} */
  const { PgDriver } = await load('drivers/pg.js');
  /** @type {typeof import('../../../src/drivers/driver.ts')} */
  const { Attempt } = await load('drivers/driver.js');
  /** @type {typeof import('../../../src/drivers/protocol/statements.ts')} */
  const { SELECT_ONE } = await load('drivers/protocol/statements.js');
  /** @type {typeof import('../../../src/clock.ts')} */
  const { createClock, readMonotonicUs } = await load('clock.js');
  const now = createClock(readMonotonicUs());
  const driver = new PgDriver(
    {
      host: hostname,
      address: hostname,
      port: Number(port),
      user,
      database,
      password: undefined,
      sslmode: 'disable',
      applicationName: 'connstorm',
    },
    {
      queries: 0,
      statements: SELECT_ONE,
      tellsUsable: false,
      holdUs: 0,
      timeoutUs: TIMEOUT_MS * 1000,
      scramCache: false,
      close: 'terminate',
      abandonAfterUs: undefined,
      localAddresses: [],
      serverTimes: { options: undefined, sampleEvery: undefined },
    },
    {
      ready: () => {},
      firstQuery: () => {},
      usable: () => {},
      backendAge: () => {},
      turned: () => {},
      cancelled: () => {},
      abandoned: () => {},
      connectionEnded: () => {},
      failed: (_, { message }) => {
        throw new Error(message);
      },
    },
    now,
  );
  return () => driver.open(new Attempt(0, started, now(), now()));
}
