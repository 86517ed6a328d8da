import { expect, it } from 'vitest';
import { createPaint } from '../../../src/report/text/paint.ts';
import { fitTable, measureTable } from '../../../src/report/text/table-width.ts';

const { red } = createPaint(true);
const TABLE = {
  head: ['name', 'first', 'second', 'third'],
  rows: [['a', '1', red('22'), '333']],
  spare: [2, 0],
};

it.each([
  [80, ['name', 'first', 'second', 'third']],
  [26, ['name', 'first', 'second', 'third']],
  [25, ['name', 'first', 'third']],
  [17, ['first', 'third']],
  // What it cannot spare stays.
  [5, ['first', 'third']],
])('at %i columns a table has as many of its own as fit', (columns, head) => {
  expect(fitTable(TABLE, columns).head).toEqual(head);
});

it('takes colours for no width, and cuts rows as it cuts the head', () => {
  expect(fitTable(TABLE, 26).rows).toEqual(TABLE.rows);
  const { head, rows } = fitTable(TABLE, 16);
  expect(rows).toEqual([['1', '333']]);
  expect(measureTable({ head, rows })).toBe(12);
});
