import { createSummary, type SummaryFold } from '../../analysis/summary.ts';
import type { ResultSource } from '../../result/read/pieces.ts';
import { nameSource, readResult } from '../../result/read/read.ts';
import type { AnyHeader } from '../../result/records/header.ts';
import type { AnySummary } from '../../result/records/summary-records.ts';
import { readVersion } from '../../version.ts';

/**
 * Judges a result again. If `chooseBudgets` returns budgets, they replace those of the result. Throws UsageError for a
 * file that cannot be read or is no result.
 */
export function summariseFile(
  source: ResultSource,
  chooseBudgets: (header: AnyHeader) => string[] | undefined = () => undefined,
): { header: AnyHeader; summary: AnySummary } {
  let fold: SummaryFold | undefined;
  const { header } = readResult(source, (record) => {
    if (record.type === 'header') {
      const budgets = chooseBudgets(record) ?? record.budgets ?? [];
      fold = createSummary({ ...record, budgets }, readVersion());
    } else fold?.add(record);
  });
  if (fold === undefined)
    throw new Error(
      `${nameSource(source)} was read without its header (this is a defect of connstorm)`,
    );
  return { header, summary: fold.finish() };
}
