import { describe, expect, it } from 'vitest';
import { findExitReasons } from '../../../src/analysis/exit-reasons.ts';
import { createSummary } from '../../../src/analysis/summary.ts';
import { renderReport } from '../../../src/report/terminal.ts';
import type { VariantsHeaderRecord } from '../../../src/result/records/header.ts';
import type { ResultRecord } from '../../../src/result/records/records.ts';
import type { VariantsSummaryRecord } from '../../../src/result/records/summary-records.ts';
import { makeAttempt, makeOk, type SyntheticRun } from '../../support/synthetic/synthetic-run.ts';
import {
  makeVariantsHeader,
  type PlayedLeg,
  playVariants,
} from '../../support/synthetic/synthetic-variants.ts';

/**
 * Eleven rounds of two variants, of which `pooled` is five times as fast. What spoils a round of it is one stop of connstorm, or two logins
 * that failed for want of CPU: too many for a round of a hundred attempts, and not for all of them together.
 */
const ROUNDS = 11;
const ARRIVALS = 100;
const NO_CPU = { layer: 'local', phase: 'auth', code: 'SCRAM_CPU', message: 'no CPU' } as const;

type Spoil = 'stopped' | 'stoppedLate' | 'scram' | 'cut' | undefined;

function spoilLogins(run: SyntheticRun): void {
  for (let i = 0; i < 2; i++) run.ended(makeAttempt({ atUs: 5000 }), 'failed', NO_CPU);
}

/** Half of the arrivals waited for the end of the stop, and then began together. */
function beginLate(run: SyntheticRun): void {
  for (let i = 0; i < ARRIVALS / 2; i++) {
    const scheduledUs = i * 8000;
    const latenessUs = 500_000 - scheduledUs;
    const readyUs = scheduledUs + latenessUs + 20_000;
    run.ok(makeOk(latenessUs + 20_000, { scheduledUs, latenessUs }));
    const startUs = scheduledUs + latenessUs;
    run.recorder.recordFirstQuery(0, readyUs + 1000, { scheduledUs, startUs, readyUs });
  }
}

function playLegOf(variant: string, round: number, spoil: Spoil): PlayedLeg {
  const base = (variant === 'direct' ? 50_000 : 10_000) + round * 100;
  const missing = spoil === 'scram' ? 2 : spoil === 'stoppedLate' ? ARRIVALS / 2 : 0;
  const count = ARRIVALS - missing;
  return {
    variant,
    round,
    latenciesUs: Array.from({ length: count }, (_, at) => base + at * 10),
    firstQuery: true,
    ...(spoil === 'scram' ? { also: spoilLogins } : {}),
    ...(spoil === 'stoppedLate' ? { also: beginLate } : {}),
    ...(spoil === 'cut' ? { end: { stoppedBy: 'condition', reason: 'it was slow' } } : {}),
  };
}

/** Three seconds of a stop within the leg. */
function addStop(records: readonly ResultRecord[], variant: string, rounds: number[]) {
  let isOn = false;
  return records.map((record) => {
    if (record.type === 'leg') isOn = record.variant === variant && rounds.includes(record.round);
    return isOn && record.type === 'sample'
      ? { ...record, elapsedUs: 8_000_000, stoppedUs: 3_000_000 }
      : record;
  });
}

function play(spoils: Record<number, Spoil>, budgets: string[] = []) {
  const header: VariantsHeaderRecord = {
    ...makeVariantsHeader(['direct', 'pooled'], { rounds: ROUNDS, arrivalCount: ARRIVALS }),
    budgets,
  };
  const legs = header.rounds.flatMap(({ round, order }) =>
    order.map((name) => playLegOf(name, round, name === 'pooled' ? spoils[round] : undefined)),
  );
  const stopped = Object.keys(spoils).map(Number);
  const records = addStop(
    playVariants(header, legs),
    'pooled',
    stopped.filter((round) => spoils[round]?.startsWith('stopped')),
  );
  const fold = createSummary(header);
  for (const record of records) fold.add(record as ResultRecord);
  const summary = fold.finish() as VariantsSummaryRecord;
  const style = { columns: 400, colour: false, resultPath: null };
  return { summary, report: renderReport({ summary, header }, style) };
}

/** How the headline, the table and the end of a report call what can be trusted. */
function listTrust(report: string): string[] {
  const lines = report.split('\n');
  const table = lines.slice(lines.findIndex((line) => line.startsWith('connstorm itself')));
  const cell = table[2]?.replace(/^pooled.* {2}(\S.*)$/, '$1') ?? '';
  return [
    ...lines
      .filter((line) => /^(valid|INVALID)/.test(line))
      .map((line) => line.replace(/^(INVALID[^:]*):.*/, '$1')),
    cell,
    ...lines.filter((line) => line.startsWith('verdict: ')),
  ];
}

const BUDGETS = ['failed rate < 50%', 'serviceTime p(99) < 10s'];

describe('a variant with rounds that are left out', () => {
  it('is invalid and can be compared: summary, headline, table, verdict, budgets and exit code say so', () => {
    const { summary, report } = play({ 3: 'scram', 5: 'scram' }, BUDGETS);
    const { direct, pooled } = summary.variants;
    expect([direct?.validity.valid, pooled?.validity.valid]).toEqual([true, false]);
    expect(pooled).toMatchObject({
      leftOutOnly: true,
      validity: { reasons: [{ code: 'SCRAM_CPU', rounds: [3, 5] }] },
    });
    expect(pooled).not.toHaveProperty('lateOnly');
    expect(summary.validity.valid).toBe(true);
    expect(listTrust(report)).toEqual([
      'valid as a comparison (pooled: 2 of 11 rounds left out)',
      '2 of 11 rounds left out',
      'verdict: valid as a comparison (pooled: 2 of 11 rounds left out)',
    ]);
    expect(summary.budgets.map(({ verdict }) => verdict)).toEqual([
      'pass',
      'not-judged',
      'pass',
      'not-judged',
    ]);
    expect(summary.budgets[1]?.reason).toMatch(
      /^the figure is of all rounds, and 2 of 11 rounds are invalid. Round 3: /,
    );
    expect(findExitReasons(summary)).toEqual(['budgetBroken']);
    expect(play({ 3: 'scram' }).summary.exitCode).toBe(0);
  });

  it('makes the run invalid where too few rounds are left for a verdict', () => {
    const spoils = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((round) => [round, 'stopped']));
    const { summary, report } = play(spoils as Record<number, Spoil>, BUDGETS);
    expect(summary.comparison[0]).toMatchObject({ verdict: 'descriptive', n: 4 });
    expect(summary.variants.pooled).not.toHaveProperty('leftOutOnly');
    expect(listTrust(report)).toEqual([
      'INVALID pooled GENERATOR_STOPPED',
      'GENERATOR_STOPPED',
      'verdict: INVALID (pooled GENERATOR_STOPPED)',
    ]);
    expect(summary.budgets[1]?.reason).toMatch(/^the measurement is invalid: 7 of 11 rounds are/);
    expect(summary.exitCode).toBe(111);
  });

  it('is valid where a stop condition ended the round, and the report says how many are left out', () => {
    const { summary, report } = play({ 3: 'cut' });
    expect(summary.variants.pooled?.validity.valid).toBe(true);
    expect(listTrust(report).slice(0, 2)).toEqual([
      'valid as a comparison (pooled: 1 of 11 rounds left out)',
      'yes, 1 of 11 rounds left out',
    ]);
    expect(summary.comparison[0]?.aRounds).toEqual({
      counted: 10,
      planned: 11,
      leftOut: [{ code: 'CUT_SHORT', rounds: [3], unknown: true }],
    });
  });

  it('is called whole where no round is left out', () => {
    const { summary, report } = play({});
    expect(listTrust(report)).toEqual(['valid', 'yes', 'verdict: valid']);
    expect(summary.comparison[0]?.aRounds).toEqual({ counted: 11, planned: 11 });
    expect(report).not.toContain('left out');
    expect(report).toContain('by rounds             ');
  });
});

describe('a comparison without the rounds that are left out', () => {
  it('has exact figures where connstorm was stopped, and says on how many rounds each row rests', () => {
    const { summary, report } = play({ 3: 'stopped' });
    expect(summary.comparison[0]).toMatchObject({
      verdict: 'faster',
      n: 10,
      aRounds: { counted: 10, leftOut: [{ code: 'GENERATOR_STOPPED', rounds: [3] }] },
    });
    expect(summary.comparison[0]).not.toHaveProperty('aRangeUs');
    expect(report).toContain(
      "1 of pooled's 11 rounds is left out of the comparison (GENERATOR_STOPPED). This does not depend on the times of the target",
    );
    expect(report).toMatch(/^by rounds +n +ok/m);
    expect(report).toMatch(/^ +pooled +10\/11 +100%/m);
    expect(report).toMatch(/^start to query p99 \* +direct +11 +100%/m);
    expect(report).toContain('(left out: GENERATOR_STOPPED)');
  });

  it('is not told that a stop that made attempts late made the others so', () => {
    const { summary, report } = play({ 3: 'stoppedLate' });
    expect(summary.variants.pooled).toMatchObject({
      leftOutOnly: true,
      validity: { reasons: [{ code: 'LATE_GENERATOR' }, { code: 'GENERATOR_STOPPED' }] },
    });
    expect(summary.comparison[0]).toMatchObject({ verdict: 'faster', n: 10 });
    expect(listTrust(report)[0]).toBe(
      'valid as a comparison (pooled: late, 1 of 11 rounds left out)',
    );
    expect(summary.exitCode).toBe(0);
  });

  it('has ranges where its own work spoilt rounds, and says why', () => {
    const { summary, report } = play({ 3: 'scram', 5: 'scram' });
    const [whole] = play({}).summary.comparison;
    const [judged] = summary.comparison;
    expect(judged).toMatchObject({
      verdict: 'faster',
      n: 9,
      aRangeUs: [expect.any(Number), expect.any(Number)],
      ratioRange: [expect.any(Number), expect.any(Number)],
      aRounds: { leftOut: [{ code: 'SCRAM_CPU', rounds: [3, 5], unknown: true }] },
    });
    expect(judged?.low).toBeLessThanOrEqual(whole?.low ?? 0);
    expect(judged?.high).toBeGreaterThanOrEqual(whole?.high ?? Infinity);
    expect(report).toContain(
      "2 of pooled's 11 rounds are left out of the comparison (SCRAM_CPU). Whether a round is left out for this reason may depend on the times that are compared",
    );
  });

  it('is not known where too many may have taken any time', () => {
    const spoils = Object.fromEntries([1, 2, 3, 4, 5, 6].map((round) => [round, 'scram']));
    const { summary, report } = play(spoils as Record<number, Spoil>);
    // All merged are invalid as well.
    expect(summary.comparison[0]).toMatchObject({ verdict: 'descriptive', n: 5, high: null });
    expect(report).toContain('no verdict on pooled against direct: pooled is invalid: SCRAM_CPU');
  });
});
