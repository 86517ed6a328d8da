import { expect, it } from 'vitest';
import { LimitsInUse } from '../../src/analysis/limit-warnings.ts';
import type { GeneratorSample } from '../../src/result/samples.ts';
import { makeHeader } from '../support/synthetic-run.ts';

// 1,024 descriptors and 28,232 local ports.
const { environment } = makeHeader();

function use(over: Partial<GeneratorSample>): LimitsInUse {
  const limits = new LimitsInUse();
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

it('warns of no limit that is not known', () => {
  const unknown = { ...environment, descriptorLimit: null, localPorts: null };
  const limits = use({ descriptors: 1e6, sockets: { inUse: 0, timeWait: 1e6 } });
  expect(limits.warn(unknown)).toEqual([]);
});
