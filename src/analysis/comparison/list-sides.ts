import { liftRun } from '../../result/lift.ts';
import type { AnyHeader, VariantRecord } from '../../result/records/header.ts';
import type { AnySummary } from '../../result/records/summary-records.ts';
import type { Side } from './obstacles.ts';

/**
 * Returns the variants of a result, in the order of the scenario. A run without variants has one of one round, `base`.
 */
export function listSides(header: AnyHeader, summary: AnySummary): Side[] {
  const run = liftRun(header, summary);
  return pairSides(run.header.variants, new Map(Object.entries(run.summary.variants)));
}

/** Returns variants with their summaries, in the order of `records`. */
export function pairSides(
  records: readonly VariantRecord[],
  summaries: ReadonlyMap<string, Side['summary']>,
): Side[] {
  return records.flatMap((record) => {
    const { name } = record;
    const summary = summaries.get(name);
    return summary === undefined ? [] : [{ name, record, summary }];
  });
}
