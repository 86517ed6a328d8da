// @ts-check

/**
 * Opens and closes pg.Clients at a constant rate, each started by a timer when it is due, and ends when the last has
 * closed: as an application does, or through the pg driver. Prints the CPU in microseconds that each of the last two thirds took:
 * by then V8 has compiled.
 *
 *   node test/bench/pg-client-loop.js bare|driver URL RATE COUNT
 */

import pg from 'pg';

const TIMEOUT_MS = 10_000;
const [how, url = '', rate, count] = process.argv.slice(2);
const { hostname, port, username, pathname, searchParams } = new URL(url);
const user = decodeURIComponent(username);
const database = pathname.slice(1);
/** Encrypted and not verified, as sslmode=require is. */
const ssl = searchParams.get('sslmode') === 'require' && { rejectUnauthorized: false };
const connect = how === 'driver' ? await createDriverConnect() : createBareConnect();
const everyMs = 1000 / Number(rate);
const total = Number(count);
const warmUp = Math.floor(total / 3);
const startMs = performance.now();
let started = 0;
/** @type {NodeJS.CpuUsage | undefined} */
let warm;
turn();

process.on('exit', () => {
  const { user, system } = process.cpuUsage(warm);
  console.log((user + system) / (total - warmUp));
});

function turn() {
  while (started < total && startMs + started * everyMs <= performance.now()) {
    if (started === warmUp) warm = process.cpuUsage();
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

async function createDriverConnect() {
  // By name at run time: dist is not there when the types are checked.
  const load = (/** @type {string} */ file) =>
    import(new URL(`../../dist/${file}`, import.meta.url).href);
  /** @type {typeof import('../../src/drivers/pg.ts')} */
  const { PgDriver } = await load('drivers/pg.js');
  /** @type {typeof import('../../src/drivers/driver.ts')} */
  const { Attempt } = await load('drivers/driver.js');
  /** @type {typeof import('../../src/clock.ts')} */
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
