import { describe, expect, it } from 'vitest';
import { VariantsFold } from '../../src/analysis/variants-fold.ts';
import {
  liftHeader,
  liftRecord,
  liftRun,
  liftStart,
  lowerHeader,
  lowerSummary,
  RecordLowering,
} from '../../src/result/lift.ts';
import type { EndRecord } from '../../src/result/records/end.ts';
import type { ResultRecord } from '../../src/result/records/records.ts';
import { makeHeader } from '../support/synthetic/synthetic-run.ts';
import { makeVariantsHeader } from '../support/synthetic/synthetic-variants.ts';

const END: EndRecord = {
  type: 'end',
  atUs: 1_000_000,
  stoppedBy: 'end',
  records: { interval: 1 },
  scram: { derivations: 1, salts: 1, cache: true, shortestUs: 5, meanUs: 5 },
};

describe('a lone run', () => {
  const header = { ...makeHeader(), label: 'mine', watch: { canaryUs: 1, witnessUs: 2 } };

  it('is one variant in one round, with the seed of its plan', () => {
    const run = liftHeader(header);
    expect(run).toMatchObject({ isLone: true, seed: header.plan.seed, label: 'mine' });
    expect(run.variants).toMatchObject([{ name: 'base', watch: { canaryUs: 1 } }]);
    expect(run.rounds).toEqual([{ round: 1, seed: header.plan.seed, order: ['base'] }]);
  });

  it('has the header that it was read with, and no field more', () => {
    expect(lowerHeader(liftHeader(header))).toEqual(header);
  });

  it('has one leg, which begins at T0 and ends with the run', () => {
    const run = liftHeader(header);
    const lifted = [...liftStart(run), ...liftRecord(run, END)];
    expect(lifted.map(({ type }) => type)).toEqual(['leg', 'legEnd', 'end']);
    expect(lifted[0]).toMatchObject({ variant: 'base', round: 1, fromUs: 0 });
  });

  it('is written without legs, what its leg tells with its end', () => {
    const lowering = new RecordLowering(liftHeader(header));
    const { scram: _, records: _records, ...end } = END;
    const leg = { type: 'leg', variant: 'base', round: 1, seed: 1, fromUs: 0 } as const;
    const records: ResultRecord[] = [leg, { ...END, type: 'legEnd' }, end];
    expect(records.flatMap((record) => lowering.lower(record) ?? [])).toEqual([END]);
  });

  it('has the summary that it was read with, field after field', () => {
    const run = liftHeader(header);
    const fold = new VariantsFold(run);
    for (const record of [...liftStart(run), ...liftRecord(run, END)]) fold.add(record);
    const told = lowerSummary(run, fold.finish());
    expect(told).not.toHaveProperty('roundsPlanned');
    const again = lowerSummary(run, liftRun(header, told).summary);
    expect(JSON.stringify(again)).toBe(JSON.stringify(told));
  });

  it('cannot have the summary of a run of variants', () => {
    const run = liftHeader(makeVariantsHeader(['a']));
    const summary = lowerSummary(run, new VariantsFold(run).finish());
    expect(() => liftRun(header, summary)).toThrow('the summary is not that of the header');
  });
});

it('takes and gives back the records of a run of variants as they are', () => {
  const header = makeVariantsHeader(['a', 'b'], { rounds: 2 });
  const run = liftHeader(header);
  expect(run.isLone).toBe(false);
  expect(lowerHeader(run)).toEqual(header);
  expect(liftStart(run)).toEqual([]);
  expect(liftRecord(run, END)).toEqual([END]);
  expect(new RecordLowering(run).lower(END)).toBe(END);
});
