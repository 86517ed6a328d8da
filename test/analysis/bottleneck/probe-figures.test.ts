import { expect, it } from 'vitest';
import { readProbes } from '../../../src/analysis/bottleneck/probe-figures.ts';
import { ProbeLog } from '../../../src/analysis/bottleneck/probe-log.ts';
import type { PoolerSample } from '../../../src/result/records/samples.ts';

const CALM: PoolerSample = {
  type: 'sample',
  probe: 'pooler',
  atUs: 500_000,
  elapsedUs: 500_000,
  kind: 'pgbouncer',
  clientsActive: 1,
  clientsWaiting: 0,
  serversActive: 1,
  serversIdle: 0,
  serversLogin: 0,
  maxWaitUs: 0,
};
/** Clients wait in their login for auth_query: maxwait is of those that have logged in. */
const IN_LOGIN = { ...CALM, clientsWaiting: 9 };
const IN_POOL = { ...CALM, clientsWaiting: 9, maxWaitUs: 2_000_000 };

it.each([
  ['none where none waited', [CALM, CALM], 0],
  ['unknown where clients wait in their login', [IN_LOGIN, IN_LOGIN], undefined],
  ['unknown where they do in a part of the time', [CALM, IN_LOGIN], undefined],
  ['the longest that was told', [IN_LOGIN, IN_POOL, CALM], 2_000_000],
])("a pooler's longest wait is %s", (_, samples, mostUs) => {
  const log = new ProbeLog();
  for (const sample of samples) log.add(sample);
  const { poolerWaitMostUs } = readProbes(log, { fromUs: 0, toUs: 1_000_000 });
  expect(poolerWaitMostUs).toBe(mostUs);
});
