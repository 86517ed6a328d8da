import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type LiveState, LiveView, renderLive } from '../../../src/report/live/live.ts';
import type { IntervalRecord } from '../../../src/result/records/intervals.ts';
import { shiftInterval } from '../../../src/result/shift.ts';
import { planSearch } from '../../support/synthetic/synthetic-capacity.ts';
import {
  makeHeader,
  makeOk,
  makeSteps,
  SECOND_US,
  SyntheticRun,
} from '../../support/synthetic/synthetic-run.ts';
import { makeVariantsHeader } from '../../support/synthetic/synthetic-variants.ts';

const STATE: LiveState = {
  elapsedUs: 12 * SECOND_US,
  totalUs: 25 * SECOND_US,
  draining: false,
  offeredPerSecond: 120,
  achievedPerSecond: 118,
  inFlight: 3,
  ok: 1234,
  failed: 5,
  abandoned: 0,
  dropped: 0,
  p50Us: 12_300,
  p99Us: null,
};

/** Seven seconds, one ok attempt in each. */
function makeIntervals(): IntervalRecord[] {
  const run = new SyntheticRun(makeSteps(7));
  for (let step = 0; step < 7; step++) {
    run.ok(makeOk(2000, { step, scheduledUs: step * SECOND_US }));
  }
  return run.recorder.closeAll(7 * SECOND_US);
}

function watch(options: { isTTY: boolean; quiet?: boolean; columns?: number }): string {
  const { isTTY, quiet = false, columns = 80 } = options;
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY, columns });
  const view = new LiveView(stream, { quiet, colour: false, redraw: isTTY });
  view.note('begins\x1b[2J');
  view.started(makeHeader({ steps: makeSteps(7) }));
  for (const interval of makeIntervals()) view.interval(interval);
  view.ended();
  view.ended();
  return String(stream.read() ?? '');
}

describe('renderLive', () => {
  it('shows what a search offers, whose arrivals nobody knows beforehand', () => {
    const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { columns: 80 });
    const view = new LiveView(stream, { quiet: false, colour: false, redraw: false });
    const header = makeHeader({ steps: makeSteps(7) });
    view.started({ ...header, plan: planSearch(header.plan) });
    for (const interval of makeIntervals()) view.interval(interval);
    expect(String(stream.read())).toMatch(/^5\/120 s {2}offered 1\.00\/s {2}achieved/);
  });

  it('takes a terminal of unknown size for 80 columns wide', () => {
    expect(watch({ isTTY: true, columns: 0 })).toBe(watch({ isTTY: true, columns: 80 }));
  });

  it('says of clients of a closed loop what they achieve, as nothing is offered', () => {
    const { offeredPerSecond: _, ...closed } = STATE;
    const [load] = renderLive(closed, 80, false);
    expect(load).toBe('12/25 s  achieved 118/s  in flight 3');
  });

  it('shows what clients achieve beside arrivals', () => {
    const [load] = renderLive({ ...STATE, clientsPerSecond: 490 }, 80, false);
    expect(load).toBe('12/25 s  offered 120/s  achieved 118/s  clients 490/s  in flight 3');
  });

  it('shows the last second and the totals in two lines', () => {
    expect(renderLive(STATE, 80, false)).toEqual([
      '12/25 s  offered 120/s  achieved 118/s  in flight 3',
      'ok 1,234  failed 5  dropped 0  last second p50 12.3 ms  p99 -',
    ]);
  });

  it('says that it drains when no more arrivals come', () => {
    const [load] = renderLive({ ...STATE, draining: true, elapsedUs: 27 * SECOND_US }, 80, false);
    expect(load).toBe('27 s  draining  achieved 118/s  in flight 3');
  });

  it('shows what was abandoned where something was', () => {
    expect(renderLive({ ...STATE, abandoned: 7 }, 80, false)[1]).toContain(
      'failed 5  abandoned 7  dropped 0',
    );
  });

  it.each([
    [66, 'ok 1,234  failed 5  dropped 0  last second p50 12.3 ms  p99 123 ms'],
    [65, 'ok 1,234  failed 5  last second p50 12.3 ms  p99 123 ms'],
    [60, 'ok 1,234  failed 5  last second p50 12.3 ms  p99 123 ms'],
    [54, 'ok 1,234  failed 5  last second p99 123 ms'],
    [40, 'ok 1,234  failed 5'],
    [17, 'ok 1,234'],
  ])('leaves figures out on %d columns, and shows the others whole', (columns, expected) => {
    const [, outcome] = renderLive({ ...STATE, p99Us: 123_000 }, columns, false);
    expect(outcome).toBe(expected);
  });

  it.each([
    [60, 'climb 211/s  12/25 s  achieved 118/s  in flight 3'],
    [40, '12/25 s  achieved 118/s  in flight 3'],
    [30, '12/25 s  achieved 118/s'],
  ])(
    'leaves out what a search does before what comes of it, on %d columns',
    (columns, expected) => {
      const state = { ...STATE, leg: 'round 2/5 pooled', step: 'climb 211/s' };
      expect(renderLive(state, columns, false)[0]).toBe(expected);
    },
  );

  it.each([10, 40, 79])('fits %d columns', (columns) => {
    for (const line of renderLive(STATE, columns, false)) {
      expect(line.length).toBeLessThanOrEqual(columns);
    }
  });
});

describe('LiveView', () => {
  it.each([
    [80, 2],
    [40, 4],
    [30, 5],
  ])(
    'clears all rows of its lines on a terminal that was made %d columns wide',
    (columns, rows) => {
      const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), {
        isTTY: true,
        columns: 80,
      });
      const view = new LiveView(stream, { quiet: false, colour: true, redraw: true });
      view.started(makeHeader({ steps: makeSteps(7) }));
      const [interval] = makeIntervals();
      if (interval === undefined) throw new Error('there is no interval');
      view.interval(interval);
      stream.read();
      stream.columns = columns;
      view.ended();
      expect(String(stream.read())).toBe('\x1b[1A\x1b[2K'.repeat(rows));
    },
  );

  it('redraws in place on a terminal and leaves nothing but notes', () => {
    const output = watch({ isTTY: true });
    expect(output.match(/offered/g)).toHaveLength(7);
    const clear = '\x1b[1A\x1b[2K';
    expect(output.split(clear)).toHaveLength(1 + 2 * 7);
    expect(output.endsWith(clear + clear)).toBe(true);
    expect(output).toContain('begins\\x1b[2J\n');
  });

  it('prints a plain line every 5 s elsewhere', () => {
    expect(watch({ isTTY: false })).toBe(
      'begins\\x1b[2J\n' +
        '5/7 s  offered 1.00/s  achieved 1.00/s  in flight 0  ' +
        'ok 5  failed 0  dropped 0  last second p50 2.00 ms  p99 2.00 ms\n',
    );
  });

  describe('of closed loops', () => {
    /** Of each second: one ok attempt of every step, of 2 ms in the first step, 4 ms in the second. */
    function watchLoops(...loops: ('open' | 'closed')[]): string {
      const steps = loops.map((loop, index) => ({
        index,
        loop,
        fromUs: 0,
        toUs: 7 * SECOND_US,
      }));
      const run = new SyntheticRun(steps);
      for (let second = 0; second < 7; second++) {
        for (const { index } of steps) {
          run.ok(makeOk(2000 * (index + 1), { step: index, scheduledUs: second * SECOND_US }));
        }
      }
      const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { columns: 120 });
      const view = new LiveView(stream, { quiet: false, colour: false, redraw: false });
      view.started(makeHeader({ steps }));
      for (const interval of run.recorder.closeAll(7 * SECOND_US)) view.interval(interval);
      return String(stream.read());
    }

    it('counts as offered what arrivals offer, and times them, where clients come beside them', () => {
      expect(watchLoops('open', 'closed')).toBe(
        '5/7 s  offered 1.00/s  achieved 1.00/s  clients 1.00/s  in flight 0  ' +
          'ok 10  failed 0  dropped 0  last second p50 2.00 ms  p99 2.00 ms\n',
      );
    });

    it('times clients where they come alone', () => {
      expect(watchLoops('closed')).toBe(
        '5/7 s  achieved 1.00/s  in flight 0  ' +
          'ok 5  failed 0  dropped 0  last second p50 2.00 ms  p99 2.00 ms\n',
      );
    });

    it('says of the closed loop that a search begins with what it achieves', () => {
      const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { columns: 80 });
      const view = new LiveView(stream, { quiet: false, colour: false, redraw: false });
      const header = makeHeader({ steps: [] });
      view.started({ ...header, plan: planSearch(header.plan) });
      const step = { index: 0, fromUs: 0, toUs: 7 * SECOND_US };
      view.stepOpened({ type: 'step', ...step, role: 'taste', loop: 'closed', startClients: 8 });
      const run = new SyntheticRun([{ ...step, loop: 'closed' }]).ok(makeOk(2000));
      for (const interval of run.recorder.closeAll(7 * SECOND_US)) view.interval(interval);
      expect(String(stream.read())).toMatch(/^taste 8 clients {2}5\/120 s {2}achieved/);
    });
  });

  it.each([true, false])('tells warnings when quiet, and nothing else (terminal: %s)', (isTTY) => {
    const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY, columns: 40 });
    const view = new LiveView(stream, { quiet: true, colour: false, redraw: isTTY });
    view.note('starting the lab', 'progress');
    view.note('this plan may run out of local ports: lower the rate\nand another', 'warning');
    view.ended();
    const told = isTTY
      ? 'this plan may run out of local ports:\n  lower the rate\nand another\n'
      : 'this plan may run out of local ports: lower the rate\nand another\n';
    expect(String(stream.read())).toBe(told);
  });

  it.each([true, false])('is silent when quiet (terminal: %s)', (isTTY) => {
    expect(watch({ isTTY, quiet: true })).toBe('');
  });
});

describe('the live view of variants', () => {
  function watchLegs(isTTY: boolean): string {
    const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY, columns: 120 });
    const view = new LiveView(stream, { quiet: false, colour: false, redraw: isTTY });
    const header = makeVariantsHeader(['wire', 'pg'], { rounds: 2 });
    view.started(header);
    const fromUs = 60 * SECOND_US;
    view.legStarted({ type: 'leg', variant: 'pg', round: 2, seed: 1, fromUs });
    for (const interval of makeIntervals()) view.interval(shiftInterval(interval, fromUs));
    view.ended();
    return String(stream.read() ?? '');
  }

  it('names the leg, and counts from its beginning', () => {
    const lines = watchLegs(false).split('\n');
    expect(lines[0]).toBe('round 2/2 pg');
    expect(lines[1]).toMatch(/^round 2\/2 pg {2}5 s {2}draining .* ok 5 /);
  });

  it('does so in place on a terminal', () => {
    const text = watchLegs(true);
    expect(text).toContain('round 2/2 pg  1/1 s  offered 1.00/s');
    expect(text).not.toMatch(/^round 2\/2 pg\n/);
  });
});
