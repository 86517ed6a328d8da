import { describe, expect, it } from 'vitest';
import { type NoticeCount, NoticeTable } from '../../src/model/notices.ts';

const notice = (over: Partial<NoticeCount> = {}): NoticeCount => ({
  severity: 'WARNING',
  code: '01000',
  message: 'a warning',
  count: 1,
  ...over,
});

describe('the table of notices', () => {
  it('counts by SQLSTATE, severity and message, whatever numbers are in it', () => {
    const table = new NoticeTable();
    table.add(notice({ message: 'the password expires in 5 days' }));
    table.add(notice({ message: 'the password expires in 4 days', count: 2 }));
    table.add(notice({ code: '01P01' }));
    table.add(notice({ severity: null }));
    expect(table.list()).toEqual([
      notice({ message: 'the password expires in 5 days', count: 3 }),
      notice({ code: '01P01' }),
      notice({ severity: null }),
    ]);
  });

  it('keeps 30 kinds, and counts all others together', () => {
    const table = new NoticeTable();
    const name = (at: number) => String.fromCharCode(0x4e00 + at);
    for (let at = 0; at < 100; at++) table.add(notice({ message: name(at) }));
    const listed = table.list();
    expect(listed).toHaveLength(31);
    expect(listed[0]).toMatchObject({ code: 'OTHER', severity: null, count: 70 });
    // Tables of intervals are added up in the same way.
    const sum = new NoticeTable();
    for (const counted of [...listed, ...listed]) sum.add(counted);
    expect(sum.list().reduce((total, { count }) => total + count, 0)).toBe(200);
  });

  it('cuts a message to 200 characters', () => {
    const table = new NoticeTable();
    table.add(notice({ message: 'x'.repeat(5000) }));
    expect(table.list()[0]?.message).toHaveLength(200);
  });
});
