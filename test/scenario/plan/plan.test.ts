import { describe, expect, it } from 'vitest';
import { type ArrivalSchedule, type Plan, planRun } from '../../../src/scenario/plan/plan.ts';
import { parseScenario } from '../../support/synthetic/parse-scenario.ts';

function plan(load: string, rest = ''): Plan {
  return planRun(parseScenario(`shows: a\nload: { ${load} }\n${rest}`, 'x.yaml'));
}

function planConstant(rate: number, duration: string, timeUnit = '1s'): Plan {
  const fields = `rate: ${rate}, duration: ${duration}, timeUnit: ${timeUnit}`;
  return plan(`executor: constant-arrival-rate, ${fields}`);
}

/** Of the first block, which is open. */
function scheduleOf({ blocks }: Plan): ArrivalSchedule {
  const pace = blocks[0]?.pace;
  if (pace?.loop !== 'open') throw new Error('the first block has no schedule');
  return pace.schedule;
}

/** Stages written as `duration>target`. */
function planRamp(startRate: number, ...stages: string[]): Plan {
  const list = stages.map((text) => {
    const [duration, target] = text.split('>');
    return `{ duration: ${duration}, target: ${target} }`;
  });
  return plan(
    `executor: ramping-arrival-rate, startRate: ${startRate}, stages: [${list.join(', ')}]`,
  );
}

describe('a constant rate', () => {
  it.each([
    [97, '10s', '1s', 970],
    [0.1, '10s', '1s', 1],
    [0.3, '10s', '1s', 3],
    [1.1, '10s', '1s', 11],
    [0.7, '1m30s', '1s', 63],
    [97, '10m', '1m', 970],
    [1, '1h', '1m', 60],
    [7, '1h', '7s', 3600],
    [33.3, '10s', '1s', 333],
    [0.15, '10s', '1s', 1],
    [0.19999, '10s', '1s', 1],
    [100_000, '2h46m40s', '1s', 1_000_000_000],
    [99_999.9999, '10000s', '1s', 999_999_999],
  ])('of %d for %s per %s has exactly as many arrivals as fit', (rate, duration, unit, count) => {
    expect(planConstant(rate, duration, unit).arrivalCount).toBe(count);
  });

  it('is one piece and one step', () => {
    const planned = planConstant(90, '1m', '1m');
    const rates = { startRatePerSecond: 1.5, endRatePerSecond: 1.5 };
    expect(scheduleOf(planned).pieces).toEqual([{ ...rates, durationUs: 60_000_000 }]);
    expect(planned.durationUs).toBe(60_000_000);
    const window = { index: 0, block: 0, loop: 'open', fromUs: 0, toUs: 60_000_000 };
    expect(planned.steps).toEqual([{ ...window, ...rates }]);
    expect(planned.peakRatePerSecond).toBe(1.5);
  });
});

function measureUs(step: Plan['steps'][number] | undefined): number {
  return (step?.toUs ?? 0) - (step?.fromUs ?? 0);
}

describe('a ramp', () => {
  it('has a piece a stage, each from the rate before', () => {
    const planned = planRamp(20, '10s>100', '0s>50', '5s>50');
    expect(scheduleOf(planned).pieces).toEqual([
      { startRatePerSecond: 20, endRatePerSecond: 100, durationUs: 10_000_000 },
      { startRatePerSecond: 100, endRatePerSecond: 50, durationUs: 0 },
      { startRatePerSecond: 50, endRatePerSecond: 50, durationUs: 5_000_000 },
    ]);
    expect(planned.durationUs).toBe(15_000_000);
    expect(planned.arrivalCount).toBe(600 + 250);
  });

  it('has a peak that is really offered: not the one a jump passes through or ends with', () => {
    expect(planRamp(0, '10s>100', '0s>900', '0s>50', '5s>50').peakRatePerSecond).toBe(100);
    expect(planRamp(0, '10s>100', '0s>900').peakRatePerSecond).toBe(100);
    expect(planRamp(0, '10s>100', '0s>900', '1s>0').peakRatePerSecond).toBe(900);
    expect(planRamp(500, '10s>100').peakRatePerSecond).toBe(500);
  });

  it('is cut into steps of 5 s, with the rates at their ends', () => {
    const { steps } = planRamp(20, '25s>520');
    expect(steps.map((step) => [step.startRatePerSecond, step.endRatePerSecond])).toEqual([
      [20, 120],
      [120, 220],
      [220, 320],
      [320, 420],
      [420, 520],
    ]);
    expect(steps[1]).toMatchObject({ index: 1, fromUs: 5e6, toUs: 10e6 });
  });

  it('shows a jump between two steps in the rates of both', () => {
    const { steps } = planRamp(10, '5s>10', '0s>90', '5s>90');
    expect(steps.map((step) => [step.startRatePerSecond, step.endRatePerSecond])).toEqual([
      [10, 10],
      [90, 90],
    ]);
  });

  it.each([
    ['900ms', 1, 0.9, 0.9],
    ['5s', 1, 5, 5],
    ['5900ms', 1, 5.9, 5.9],
    ['6s', 2, 5, 1],
    ['12s', 3, 5, 2],
    ['2m', 24, 5, 5],
    ['120900ms', 13, 10, 0.9],
    ['121s', 13, 10, 1],
    ['4m', 24, 10, 10],
    ['1h', 24, 150, 150],
    ['1h1s', 24, 155, 36],
  ])('of %s has %d steps of %d s, the last of %d s', (duration, count, width, last) => {
    const { steps } = planRamp(10, `${duration}>20`);
    // A rest shorter than a second has joined the step before it.
    const joined = last < 1 && count > 1;
    expect(steps).toHaveLength(joined ? count - 1 : count);
    expect(measureUs(steps[0])).toBe(width * 1e6);
    expect(measureUs(steps.at(-1))).toBe((joined ? width + last : last) * 1e6);
  });

  it.each(['7s', '26s', '2m13s', '59m59s', '7d'])('of %s has steps without gaps', (duration) => {
    const { steps, durationUs } = planRamp(1, `${duration}>2`);
    expect(steps.length).toBeLessThanOrEqual(24);
    expect(steps.map(({ index }) => index)).toEqual(steps.map((_, i) => i));
    expect(steps.map(({ fromUs }) => fromUs)).toEqual([
      0,
      ...steps.slice(0, -1).map((s) => s.toUs),
    ]);
    expect(steps.at(-1)?.toUs).toBe(durationUs);
  });
});

describe('what else a plan holds', () => {
  it('comes from the scenario, durations in microseconds', () => {
    const rest = 'seed: 7\nconnection: { sslmode: disable, queries: 2, hold: 1.5s, timeout: 3s }';
    const load = 'rate: 5, duration: 10s, arrivals: poisson, maxInFlight: 40, gracefulStop: 5s';
    const planned = plan(`executor: constant-arrival-rate, ${load}`, rest);
    expect(scheduleOf(planned)).toMatchObject({ spacing: 'poisson', seed: 7 });
    expect(planned).toMatchObject({
      blocks: [{ name: 'load', executor: 'constant-arrival-rate', gracefulStopUs: 5_000_000 }],
      maxInFlight: 40,
      connection: {
        sslmode: 'disable',
        queries: 2,
        holdUs: 1_500_000,
        close: 'terminate',
        abandonAfterUs: undefined,
        timeoutUs: 3_000_000,
        scramCache: true,
        localAddresses: [],
      },
    });
  });

  it('leaves open what the scenario leaves open', () => {
    const { maxInFlight, connection } = planConstant(5, '10s');
    expect(maxInFlight).toBeUndefined();
    expect(connection.sslmode).toBeUndefined();
  });

  it('keeps the bounds of holds, and closes what was not abandoned by Terminate', () => {
    const rest = 'connection: { hold: { min: 1s, max: 2s }, close: abandon, abandonAfter: 500ms }';
    const planned = plan('executor: constant-arrival-rate, rate: 5, duration: 1s', rest);
    expect(planned.connection).toMatchObject({
      holdUs: { minUs: 1_000_000, maxUs: 2_000_000 },
      close: 'terminate',
      abandonAfterUs: 500_000,
    });
  });

  it('keeps connections until the end where asked', () => {
    const rest = 'connection: { hold: end }';
    const planned = plan('executor: constant-arrival-rate, rate: 5, duration: 1s', rest);
    expect(planned.connection.holdUs).toBe('end');
  });

  it('can cross to another thread', () => {
    const planned = planRamp(20, '25s>600');
    expect(structuredClone(planned)).toEqual(planned);
  });
});
