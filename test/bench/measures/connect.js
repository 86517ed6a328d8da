// @ts-check

import { FAST, PACED, UNPACED } from '../paces.js';
import { buildCClient, measureCClient } from '../parties/c-client.js';
import { measureConnstorm } from '../parties/connstorm.js';
import { measureRow } from '../parties/parties.js';
import { pgbenchRival } from '../parties/pgbench.js';

/** @typedef {import('../benchmarks.js').Bench} Bench @typedef {import('../output/rows.js').Row} Row */

const ROUNDS = 5;
/**
 * At the same rate, and where both go as fast as they can. However many its clients, a thread of pgbench has one connect under way and
 * sleeps in each; with eight under way a thread of ours finds something to do whenever it looks. With one it sleeps as pgbench does.
 */
const CONNECT_GOAL = 0.7;
/** The rival to beat is the one that does no more than it must. */
const NO_GSS_GOAL = 1;
const C_GOAL = 2.5;
/** Connects of the rivals: seconds of each, as a short moment of the machine is not its cost. */
const RIVAL_LENGTHS = { short: 5000, long: 25_000 };
/** As many seconds as ours would be dear and tell no more. */
const PACED_LENGTHS = { short: 3000, long: 13_000 };
const WHAT = 'CPU per connect and close, trust,';

/**
 * With libpq's default, which looks for Kerberos credentials at every connect, and without, which is the rival to beat.
 *
 * @param {Bench} bench @returns {AsyncGenerator<Row>}
 */
export async function* benchConnect(bench) {
  yield await benchClients(bench, UNPACED.clients);
  if (!bench.plan.isQuick) yield await benchClients(bench, 1);
  yield await benchFast(bench);
  if (!bench.plan.isQuick) yield await benchPaced(bench);
}

/** @param {Bench} bench @param {number} clients */
function benchClients(bench, clients) {
  const name = clients === 1 ? 'pgbench -C' : `pgbench -C -c ${clients} -j 1`;
  const load = { url: bench.instantUrl, clients };
  return measureRow(bench, {
    what: `${WHAT} ${clients} ${clients === 1 ? 'client' : 'clients'}`,
    unit: 'us',
    rounds: ROUNDS,
    ours: (build) => measureConnstorm(build, load, bench.plan.lengths(UNPACED.lengths)),
    rivals: withAndWithoutGss(bench, { ...load, name, lengths: RIVAL_LENGTHS, goal: CONNECT_GOAL }),
  });
}

/** @param {Bench} bench */
async function benchFast(bench) {
  const { instantUrl: url, plan } = bench;
  const { ratePerSecond } = FAST;
  const load = { url, ratePerSecond };
  const lengths = RIVAL_LENGTHS;
  const client = buildCClient();
  try {
    return await measureRow(bench, {
      what: `${WHAT} ${ratePerSecond}/s`,
      unit: 'us',
      rounds: ROUNDS,
      ratePerSecond,
      ours: (build) => measureConnstorm(build, load, plan.lengths(FAST.lengths)),
      rivals: [
        ...withAndWithoutGss(bench, {
          ...load,
          name: `pgbench -C -R ${ratePerSecond}`,
          lengths,
          goal: CONNECT_GOAL,
        }),
        ...(plan.isQuick
          ? []
          : [pgbenchRival(bench, { url, name: 'pgbench -C, as fast as it goes', lengths })]),
        {
          name: 'a bare epoll client in C',
          obstacle: client.obstacle,
          ratePerSecond,
          goal: C_GOAL,
          measure: () => measureCClient(client.program, load, plan.lengths(lengths)),
        },
      ],
    });
  } finally {
    client.remove();
  }
}

/** @param {Bench} bench */
function benchPaced(bench) {
  const { ratePerSecond } = PACED;
  const load = { url: bench.instantUrl, ratePerSecond };
  const name = `pgbench -C -R ${ratePerSecond}`;
  return measureRow(bench, {
    what: `${WHAT} ${ratePerSecond}/s`,
    unit: 'us',
    rounds: ROUNDS,
    ratePerSecond,
    ours: (build) => measureConnstorm(build, load, bench.plan.lengths(PACED.lengths)),
    rivals: withAndWithoutGss(bench, { ...load, name, lengths: PACED_LENGTHS }),
  });
}

/** @param {Bench} bench @param {import('../parties/pgbench.js').PgbenchRival} rival Its goal is that of libpq's default. */
function withAndWithoutGss(bench, rival) {
  const name = `${rival.name}, no GSS`;
  return [
    ...(bench.plan.isQuick ? [] : [pgbenchRival(bench, rival)]),
    pgbenchRival(bench, { ...rival, name, gss: false, goal: NO_GSS_GOAL }),
  ];
}
