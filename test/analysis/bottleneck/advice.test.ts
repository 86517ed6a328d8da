import { expect, it } from 'vitest';
import { listAdvice } from '../../../src/analysis/bottleneck/advice.ts';
import type { Evidence } from '../../../src/analysis/bottleneck/evidence.ts';

const FULL: Evidence = {
  loaded: {},
  calm: {},
  isCalmAtBest: true,
  isPooler: false,
  isSustained: false,
  ownReasons: [],
  isOwnFault: false,
  settings: {},
};

it.each<[string | undefined, boolean | null, string]>([
  ['sorry, too many clients already', false, 'raise max_connections, as memory allows'],
  ['too many connections for role "x"', false, "raise the role's connection limit"],
  [
    'tut mir leid',
    false,
    'raise max_connections, or the limit of the role or database, as memory allows',
  ],
  ['tut mir leid', true, "raise the pooler's client limit"],
  ['(EMAXCONN) max client connections reached, limit: 15', null, "raise the pooler's client limit"],
  ['(EMAXCONNSESSION) max clients reached in session mode', true, "raise the pooler's pool size"],
  // Behind a pooler that passes the server's words on.
  ['sorry, too many clients already', true, 'raise max_connections, as memory allows'],
  [
    undefined,
    false,
    'raise max_connections, or the limit of the role or database, as memory allows',
  ],
])(
  'where most are refused with %j, a pooler there or not (%s), the advice is to %s',
  (refusal, isPooler, advice) => {
    const evidence = { ...FULL, isPooler, ...(refusal === undefined ? {} : { refusal }) };
    expect(listAdvice('connection-limit', evidence)).toContain(advice);
    const raises = listAdvice('connection-limit', evidence).filter((text) =>
      text.startsWith('raise'),
    );
    expect(raises).toHaveLength(1);
  },
);

const POOL_SIZE = expect.stringContaining('pool size');
const PROCESSES = expect.stringContaining('more pooler processes');
const LOGINS = expect.stringContaining('both make logins slow');

it.each<[string, number, number, unknown[]]>([
  ['short of server connections and idle', 8, 0.14, [POOL_SIZE]],
  ['short of server connections and busy', 8, 0.9, [POOL_SIZE, PROCESSES, LOGINS]],
  ['at the end of its CPU, and nobody waits in it', 0, 0.95, [PROCESSES, LOGINS]],
])('a pooler that is %s needs what it lacks', (_, poolerWaitingMedian, poolerCpuShare, advice) => {
  const loaded = { poolerWaitingMedian, poolerCpuShare };
  expect(listAdvice('pooler', { ...FULL, isPooler: true, loaded })).toEqual(advice);
});

it('a pooler whose CPU cannot be seen may lack it', () => {
  expect(listAdvice('pooler', { ...FULL, isPooler: true })).toEqual([PROCESSES, LOGINS]);
});
