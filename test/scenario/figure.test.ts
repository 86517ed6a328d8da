import { describe, expect, it } from 'vitest';
import { parseFigure, renderFigureName } from '../../src/scenario/figure.ts';

describe('a figure', () => {
  it.each([
    ['firstQuery p(99)', { metric: 'firstQuery', aggregation: 'p(99)' }],
    ['  spawn   p( 99.9 ) ', { metric: 'spawn', aggregation: 'p(99.9)' }],
    ['latency max', { metric: 'latency', aggregation: 'max' }],
  ])('%j is read', (text, figure) => {
    expect(parseFigure(text)).toEqual(figure);
  });

  it.each(['', 'latency', 'p(99)', 'Latency p(99)', 'latency p99', 'latency p(99) max'])(
    '%j is none',
    (text) => {
      expect(parseFigure(text)).toHaveProperty('fault');
    },
  );

  it('is named as it is written', () => {
    expect(renderFigureName({ metric: 'latency', aggregation: 'p(50)' })).toBe('latency p(50)');
  });
});
