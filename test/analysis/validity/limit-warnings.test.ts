import { expect, it } from 'vitest';
import { LimitsInUse } from '../../../src/analysis/validity/limit-warnings.ts';
import type { GeneratorSample } from '../../../src/result/records/samples.ts';
import { makeHeader } from '../../support/synthetic/synthetic-run.ts';

// 1,024 descriptors and 28,232 local ports.
const { environment } = makeHeader();

interface Use {
  connects?: { atUs: number; count: number }[];
  pairs?: number;
}

const STORM = [{ atUs: 0, count: 40_000 }];

function use(over: Partial<GeneratorSample>, { connects = STORM, pairs = 1 }: Use = {}) {
  const limits = new LimitsInUse({ pairs });
  for (const { atUs, count } of connects) limits.addConnects(atUs, count);
  const sample = { atUs: 0, elapsedUs: 0, cpuUs: 0, hostBusyUs: 0, hostTotalUs: 0 };
  limits.add({ type: 'sample', probe: 'generator', ...sample, ...over });
  return limits;
}

it.each<[Partial<GeneratorSample>, string[]]>([
  [{}, []],
  [{ descriptors: 819 }, []],
  [{ descriptors: 820 }, ['NEAR_DESCRIPTORS']],
  [{ sockets: { inUse: 28_000, timeWait: 22_585 } }, []],
  [{ sockets: { inUse: 0, timeWait: 22_586 } }, ['NEAR_PORTS']],
])('warns from four fifths of a limit on: %j', (sample, codes) => {
  const warnings = use(sample).warn(environment);
  expect(warnings.map(({ code }) => code)).toEqual(codes);
});

it.each<[string, Use]>([
  ['of others, beside a run of few connects', { connects: [{ atUs: 0, count: 143 }] }],
  ['of others, before any connect', { connects: [] }],
  ['of others, a minute after its own', { connects: [...STORM, { atUs: 60_000_000, count: 20 }] }],
  ['that are spread over two targets or addresses', { pairs: 2 }],
  ['beside a run over a Unix socket', { pairs: 0 }],
])('does not warn of sockets %s', (_, used) => {
  const sockets = { inUse: 0, timeWait: 24_750 };
  expect(use({ sockets }, used).warn(environment)).toEqual([]);
});

it('says in a sentence what is near its limit, and how to go on', () => {
  const sockets = { inUse: 0, timeWait: 24_750 };
  const told = use({ sockets, descriptors: 1000 }).warn(environment);
  expect(told.map(({ message }) => message)).toEqual([
    '1000 descriptors were open at once, and this process may open 1024: raise ulimit -n, or lower maxInFlight and hold',
    'up to 24750 local ports were kept in TIME_WAIT towards one target, and this machine has 28232 for each: lower the rate, close by server-first, or use several localAddresses',
  ]);
});

it('warns of no limit that is not known', () => {
  const unknown = { ...environment, descriptorLimit: null, localPorts: null };
  const limits = use({ descriptors: 1e6, sockets: { inUse: 0, timeWait: 1e6 } });
  expect(limits.warn(unknown)).toEqual([]);
});
