import { describe, expect, it } from 'vitest';
import { plotCurve } from '../../../src/report/search/curve-plot.ts';
import { CURVE, makePoint } from '../../support/synthetic/synthetic-capacity.ts';

describe('the plot of a curve', () => {
  it('shows where achieved stays behind offered', () => {
    expect(plotCurve(CURVE, 80).join('\n')).toMatchInlineSnapshot(`
      "achieved
      409/s |                                       .o.x.      x            ?
            |                                  ..o..
            |                             ...o.
            |                        ..o..
            |                   ..o..
            |             ......
            |        .....
            |   .....
          0 +..o-------------------------------------------------------------
             0                                                  offered 625/s
      o sustained, x not sustained, ? connstorm's own fault, . achieved = offered"
    `);
  });

  it('marks a place where trials differ, and explains only the marks that are there', () => {
    const sustained = [100, 200, 300].map((rate) => makePoint(rate));
    const lines = plotCurve([...sustained, makePoint(300, { bad: 1 })], 60);
    expect(lines.join('\n')).toContain('*');
    expect(lines.at(-1)).toBe('o sustained, * different results, . achieved = offered');
  });

  it.each([80, 60, 40, 33])('fits %i columns', (columns) => {
    const lines = plotCurve(CURVE, columns);
    expect(lines.length).toBeGreaterThan(9);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
  });

  it.each([
    ['without a search', [], 80],
    ['of two rates', CURVE.slice(0, 2), 80],
    ['of rates that achieved nothing', CURVE.map((it) => ({ ...it, achievedPerSecond: 0 })), 80],
    ['without room for a slope', CURVE, 28],
  ])('is none %s', (_, curve, columns) => {
    expect(plotCurve(curve, columns)).toEqual([]);
  });

  it('has nothing but characters that every terminal has', () => {
    expect(plotCurve(CURVE, 80).join('')).not.toMatch(/[^\x20-\x7e]/);
  });
});
