import { describe, expect, it } from 'vitest';
import { judgeEvidence } from '../../../src/analysis/bottleneck/bottleneck.ts';
import type { Evidence } from '../../../src/analysis/bottleneck/evidence.ts';
import type { FigureName, Figures } from '../../../src/analysis/bottleneck/figures.ts';
import { RULES } from '../../../src/analysis/bottleneck/rules.ts';
import { CAUSES } from '../../../src/result/records/bottleneck.ts';
import { createRandom } from '../../../src/scenario/plan/random.ts';
import { REFUTED, REGIMES } from './regimes.ts';

const ALL = [...REGIMES, ...REFUTED];
const SURENESS = { unknown: 0, inferred: 1, proven: 2 };

function judge(evidence: Evidence) {
  return judgeEvidence(evidence, []);
}

function without(figures: Figures, names: ReadonlySet<string>): Figures {
  return Object.fromEntries(Object.entries(figures).filter(([name]) => !names.has(name)));
}

function take(evidence: Evidence, names: readonly string[]): Evidence {
  const set = new Set(names);
  const loaded = without(evidence.loaded, set);
  return { ...evidence, loaded, calm: without(evidence.calm, set) };
}

describe('the verdict', () => {
  it.each(ALL)('of $name: $says.0, $says.1', ({ says: [cause, confidence], evidence }) => {
    expect(judge(evidence)).toMatchObject({ cause, confidence });
  });

  it('is told with the figures it rests on, and what they were in calm', () => {
    const regime = REGIMES.find(({ name }) => name === 'two cores as they are');
    const { evidence } = judge(regime?.evidence ?? ({} as Evidence));
    expect(evidence).toContainEqual({
      text: 'the postmaster waited for a CPU (at low load 1%)',
      value: 87,
      unit: '%',
    });
    expect(evidence).toContainEqual({
      text: 'canary, p90 (at low load 1 ms)',
      value: 4.7,
      unit: 'ms',
    });
  });

  it('tells what speaks against it', () => {
    const regime = REGIMES.find(({ name }) => name.includes('canary that is slow'));
    expect(judge(regime?.evidence ?? ({} as Evidence)).against).toEqual([
      { text: 'canary, p90 (at low load 1 ms)', value: 40, unit: 'ms' },
    ]);
  });

  it('is not proven of full CPUs where others took them in calm too', () => {
    const full = REGIMES.filter(({ says }) => says[0] === 'host-cpu' && says[1] === 'proven');
    expect(full).not.toEqual([]);
    for (const { evidence } of full) {
      const disturbed = { ...evidence, isCalmAtBest: true, isCalmDisturbed: true };
      expect(judge(disturbed)).toMatchObject({ cause: 'host-cpu', confidence: 'inferred' });
    }
  });

  it('is never the postmaster where CPUs are full and it was not on one', () => {
    for (const onCpu of [0, 0.1, 0.3, 0.5, 0.65]) {
      for (const { evidence } of REGIMES.filter(({ says }) => says[0] === 'postmaster')) {
        const host = { postmasterOnCpuShare: onCpu, postmasterWaitShare: 1 - onCpu };
        const loaded = { ...evidence.loaded, ...host, hostIdleShare: 0, hostStolenShare: 0 };
        expect(judge({ ...evidence, loaded }).cause).not.toBe('postmaster');
      }
    }
  });

  it.each(REGIMES)('is no surer with less evidence: $name', ({ evidence }) => {
    const before = SURENESS[judge(evidence).confidence];
    const names = [...new Set([...Object.keys(evidence.loaded), ...Object.keys(evidence.calm)])];
    const random = createRandom(7);
    const single = names.map((name) => [name]);
    const many = Array.from({ length: 400 }, () => names.filter(() => random() < 0.4));
    for (const taken of [...single, ...many]) {
      const after = judge(take(evidence, taken));
      expect(SURENESS[after.confidence], `${after.cause} without ${taken}`).toBeLessThanOrEqual(
        before,
      );
    }
  });

  it.each(ALL)('is never proven by less evidence where it was not: $name', ({ evidence }) => {
    if (judge(evidence).confidence === 'proven') return;
    for (const name of Object.keys(evidence.loaded)) {
      expect(judge(take(evidence, [name])).confidence).not.toBe('proven');
    }
  });
});

describe('the table of rules', () => {
  it('has what is proven of a cause before what is inferred of it', () => {
    for (const cause of CAUSES) {
      const order = RULES.filter((rule) => rule.cause === cause).map(
        ({ confidence }) => SURENESS[confidence],
      );
      expect(order).toEqual([...order].sort((a, b) => b - a));
    }
  });

  it('lets nothing veto what is proven', () => {
    const proven = RULES.filter(({ confidence }) => confidence === 'proven');
    expect(proven.flatMap(({ unless = [] }) => unless)).toEqual([]);
  });

  it('has a regime for each of its rules', () => {
    const names = ALL.map(({ evidence }) => {
      const holds = (rule: (typeof RULES)[number]): boolean =>
        rule.when.every((sign) => sign(evidence)) && !rule.unless?.some((sign) => sign(evidence));
      return RULES.find(holds)?.name;
    });
    expect(RULES.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('reads each figure once a rule', () => {
    const twice = RULES.filter(({ reads }) => new Set<FigureName>(reads).size < reads.length);
    expect(twice).toEqual([]);
  });
});
