import type { EndRecord } from '../../../src/result/records/end.ts';
import type { VariantRecord, VariantsHeaderRecord } from '../../../src/result/records/header.ts';
import type { LegRecord, ResultRecord } from '../../../src/result/records/records.ts';
import { shiftEnd, shiftInterval } from '../../../src/result/shift.ts';
import { makeHeader, makeOk, makeSteps, SECOND_US, SyntheticRun } from './synthetic-run.ts';

/** Runs of variants that never happened. */

/** A header of two seconds a leg: every leg of a variant has `arrivalCount` arrivals. */
export function makeVariantsHeader(
  names: readonly string[],
  { rounds = 1, arrivalCount = 10, specs = {} as Record<string, Record<string, unknown>> } = {},
): VariantsHeaderRecord {
  const { spec, plan, target, version: _, ...common } = makeHeader({ steps: makeSteps(1) });
  const variants: VariantRecord[] = names.map((name) => ({
    name,
    spec: specs[name] ?? spec,
    plan: { ...plan, arrivalCount },
    target,
  }));
  return {
    ...common,
    version: 2,
    seed: 7,
    variants,
    rounds: Array.from({ length: rounds }, (_round, index) => ({
      round: index + 1,
      seed: 7 + index,
      order: index % 2 === 0 ? [...names] : [...names].reverse(),
    })),
  };
}

/** Attempts of one leg, and how it ended. */
export interface PlayedLeg {
  variant: string;
  round: number;
  /** Microseconds, one an ok attempt. */
  latenciesUs: readonly number[];
  firstQuery?: boolean;
  /** Of each latency; 0 unless given. */
  latenessUs?: number;
  end?: Partial<EndRecord>;
  /** What else happens in it. */
  also?: (run: SyntheticRun) => void;
}

/** A leg and the next one are so far apart. */
const PITCH_US = 10 * SECOND_US;

/** The leg's records; it is the `index`-th of the run. */
export function playLeg(leg: PlayedLeg, index: number): ResultRecord[] {
  const { variant, round, latenciesUs, firstQuery = false, latenessUs = 0, also } = leg;
  const fromUs = index * PITCH_US;
  const run = new SyntheticRun(makeSteps(1));
  for (const latencyUs of latenciesUs) {
    run.ok(makeOk(latencyUs, { latenessUs }));
    if (firstQuery)
      run.recorder.recordFirstQuery(0, latencyUs, {
        scheduledUs: latencyUs + 1000,
        startUs: latencyUs + 1000 - latenessUs,
        readyUs: 1000,
      });
  }
  also?.(run);
  const opening: LegRecord = { type: 'leg', variant, round, seed: 6 + round, fromUs };
  const cpu = { cpuUs: 5000, hostBusyUs: 50, hostTotalUs: 100, elapsedUs: 1 };
  return [
    opening,
    { type: 'sample', probe: 'generator', atUs: fromUs, ...cpu },
    ...run.recorder.closeAll(SECOND_US).map((interval) => shiftInterval(interval, fromUs)),
    { type: 'legEnd', ...shiftEnd({ atUs: SECOND_US, stoppedBy: 'end', ...leg.end }, fromUs) },
  ];
}

/** Header, legs and end. */
export function playVariants(
  header: VariantsHeaderRecord,
  legs: readonly PlayedLeg[],
  end: Partial<EndRecord> = {},
): ResultRecord[] {
  const atUs = legs.length * PITCH_US;
  return [header, ...legs.flatMap(playLeg), { type: 'end', atUs, stoppedBy: 'end', ...end }];
}
