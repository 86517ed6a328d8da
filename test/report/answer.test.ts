import { describe, expect, it } from 'vitest';
import { renderAnswerTable, renderGrid } from '../../src/report/answer.ts';
import type { Answer, AnswerValue } from '../../src/result/records/answer.ts';

const answer: Answer = { text: 'in this run, ...', holds: 'in-this-run', values: [] };

function us(variant: string, low: number | null, more: Partial<AnswerValue> = {}): AnswerValue {
  return { figure: 'outage max', unit: 'us', variant, low, high: low, ...more };
}

describe('the table of an answer', () => {
  it('has each figure, and below it each variant by its noun', () => {
    const rows = [
      { name: 'fast', value: us('fast', 574_000) },
      { name: 'immediate', value: us('immediate', null, { reason: 'no restart came to its end' }) },
    ];
    const summary = { answer: { ...answer, table: [{ figure: 'the longest outage', rows }] } };
    expect(renderAnswerTable({ summary, columns: 80 })).toEqual({
      head: ['answer', ''],
      rows: [
        ['the longest outage', ''],
        ['  fast', '574 ms'],
        ['  immediate', 'not known'],
      ],
      notes: ['immediate: no restart came to its end'],
    });
  });

  it('is none where the sentence has all figures', () => {
    expect(renderAnswerTable({ summary: { answer }, columns: 80 })).toEqual({ lines: [] });
  });
});

it('the grid of an answer has a row for each row of the scenario', () => {
  const cells = [us('r20-h0', 10_000), us('r20-h500', 20_000)];
  const grid = {
    figure: 'latency p(99)',
    columns: ['none', '500'],
    rows: [{ name: '20/s', cells }],
  };
  expect(renderGrid({ summary: { answer: { ...answer, grid } }, columns: 80 })).toMatchObject({
    head: ['latency p(99)', 'none', '500'],
    rows: [['20/s', '10.0 ms', '20.0 ms']],
  });
});
