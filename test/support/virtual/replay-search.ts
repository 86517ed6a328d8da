import { expect } from 'vitest';
import { SearchFold } from '../../../src/analysis/search/search-fold.ts';
import type { HeaderRecord } from '../../../src/result/records/header.ts';
import { isStreamed, type ResultRecord } from '../../../src/result/records/records.ts';

/** Every decision of a search once more, from the records before it: they must come out as they were. */
export function replaySearch(header: HeaderRecord, records: readonly ResultRecord[]): void {
  const { search: settings } = header.plan;
  if (settings === undefined) throw new Error('it was no search');
  const fold = new SearchFold(settings);
  let decisions = 0;
  for (const record of records) {
    if (!isStreamed(record)) continue;
    if (record.type === 'decision' && record.search !== undefined) {
      const { reason, ...move } = fold.decide(record.atUs);
      expect({ reason, move }).toEqual({ reason: record.reason, move: record.search });
      decisions++;
    }
    fold.add(record);
  }
  expect(decisions).toBeGreaterThan(2);
}
