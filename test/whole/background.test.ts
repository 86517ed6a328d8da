import { expect, it } from 'vitest';
import { constantRate } from '../support/run-storm.ts';
import { type Hands, runVariantsVirtually, runVirtually } from '../support/virtual/virtual-run.ts';

/** Whole runs beside activities, in virtual time: each act lasts 100 ms. */

const SECOND_US = 1_000_000;
const load = constantRate(20, '5s');
const background = { checks: { activity: 'health-checks', rate: 10 } };

it('activities act from the beginning of the load until its end, and are in no figure of the load', async () => {
  const alone = await runVirtually({ load });
  const { summary, header, backgrounds } = await runVirtually({ load, background });
  expect(header.version).toBe(3);
  expect(summary.background).toMatchObject([
    {
      name: 'checks',
      acts: { due: 50, done: 50, failed: 0, skipped: 0, cancelled: 0 },
      inFlight: 0,
      latency: { count: 50, minUs: 100_000 },
    },
  ]);
  // A leg is over when its last connection is closed, which may be some moments before the load's end.
  const [{ actingUs } = { actingUs: 0 }] = summary.background ?? [];
  expect(actingUs).toBeGreaterThan(4.9 * SECOND_US);
  expect(actingUs).toBeLessThanOrEqual(5 * SECOND_US);
  expect(summary.accounting).toEqual(alone.summary.accounting);
  expect(summary.metrics.latency).toEqual(alone.summary.metrics.latency);
  const [{ begunUs = 0, actedUs } = { actedUs: [] }] = backgrounds;
  expect(actedUs.map((us) => us - begunUs)).toEqual(
    Array.from({ length: 50 }, (_, at) => at * 100_000),
  );
});

it('a warm-up has what the activities opened, and none of their acts', async () => {
  const { backgrounds, attempts, summary } = await runVariantsVirtually({
    load,
    background,
    warmUp: '2s',
    repeat: 1,
    variants: { a: {} },
  });
  const [first] = backgrounds;
  expect(first?.begunUs).toBeGreaterThanOrEqual((first?.openedUs ?? 0) + 2 * SECOND_US);
  expect(Math.min(...(first?.actedUs ?? []))).toBe(first?.begunUs);
  expect(attempts.length).toBeGreaterThan(summary.accounting.started);
});

it('each variant has activities of its own, and those of others are not in its summary', async () => {
  const { summary, backgrounds } = await runVariantsVirtually({
    load,
    repeat: 2,
    variants: {
      none: {},
      few: { background },
      many: { background: { checks: { activity: 'health-checks', rate: 40 } } },
    },
  });
  const { none, few, many } = summary.variants;
  expect(none).not.toHaveProperty('background');
  expect(few?.background).toMatchObject([{ acts: { due: 100, done: 100 } }]);
  const [{ acts } = { acts: undefined }] = many?.background ?? [];
  expect(acts?.due).toBeGreaterThan(390);
  expect(acts?.done).toBe(acts?.due);
  expect(backgrounds).toHaveLength(4);
});

it('the crash of their thread ends the run, with what was measured', async () => {
  const crash = ({ time, backgrounds }: Hands): void => {
    time.at(time.nowUs + 2 * SECOND_US, () =>
      backgrounds[0]?.crash('the thread ended: out of memory'),
    );
  };
  const { summary, exitCode } = await runVirtually(
    { load, background },
    { observer: (hands) => ({ started: () => crash(hands) }) },
  );
  expect(summary).toMatchObject({ stoppedBy: 'error', reason: 'the thread ended: out of memory' });
  expect(exitCode).not.toBe(0);
  expect(summary.accounting.started).toBeGreaterThan(30);
  expect(summary.accounting.started).toBeLessThan(50);
});
