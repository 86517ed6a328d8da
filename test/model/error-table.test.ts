import { describe, expect, it } from 'vitest';
import { ErrorTable } from '../../src/model/error-table.ts';
import { REFUSED } from '../support/synthetic/synthetic-run.ts';

describe('ErrorTable', () => {
  it('counts failures that differ in numbers only as one kind, with the first as sample', () => {
    const table = new ErrorTable();
    table.addFailure('attempt', { ...REFUSED, message: 'process 17 gone' });
    table.addFailure('attempt', { ...REFUSED, message: 'process 18 gone' });
    expect(table.list()).toEqual([
      {
        ...REFUSED,
        ledger: 'attempt',
        message: 'process 17 gone',
        normalised: 'process N gone',
        count: 2,
      },
    ]);
  });

  it('lists the most frequent kind first', () => {
    const table = new ErrorTable();
    table.addFailure('attempt', { ...REFUSED, code: 'A' });
    for (let i = 0; i < 2; i++) table.addFailure('attempt', { ...REFUSED, code: 'B' });
    expect(table.list().map(({ code }) => code)).toEqual(['B', 'A']);
  });

  it('keeps a hundred kinds apart and counts the rest as OTHER, losing none', () => {
    const table = new ErrorTable();
    for (let i = 0; i < 250; i++) table.addFailure('attempt', { ...REFUSED, code: `C${i}` });
    table.addFailure('attempt', { ...REFUSED, code: 'C7' });
    const errors = table.list();
    expect(errors).toHaveLength(101);
    expect(errors[0]).toMatchObject({ code: 'OTHER', count: 150 });
    expect(errors[1]).toMatchObject({ code: 'C7', count: 2 });
  });

  it('merges the lists of other tables, and keeps new kinds apart from their OTHER', () => {
    const table = new ErrorTable();
    table.add({ ...REFUSED, ledger: 'attempt', code: 'OTHER', normalised: 'x', count: 5 });
    table.addFailure('attempt', REFUSED);
    expect(table.list().map(({ code, count }) => [code, count])).toEqual([
      ['OTHER', 5],
      ['53300', 1],
    ]);
  });

  it('cuts a message to 200 characters', () => {
    const table = new ErrorTable();
    table.addFailure('attempt', { ...REFUSED, message: 'x'.repeat(500) });
    expect(table.list()[0]?.message).toHaveLength(200);
  });
});
