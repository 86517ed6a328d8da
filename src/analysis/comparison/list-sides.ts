import type { AnyHeader, VariantRecord } from '../../result/records/header.ts';
import type { AnySummary, SummaryRecord } from '../../result/records/summary-records.ts';
import type { Side } from './obstacles.ts';

/** What a run without variants counts as. */
export const PLAIN = 'base';

/** The variants of a result, in the order of the scenario; a run without variants is one of one round, `base`. */
export function listSides(header: AnyHeader, summary: AnySummary): Side[] {
  if (header.version === 1) {
    return summary.metrics === null ? [] : [toSide(header, summary)];
  }
  return pairSides(header.variants, new Map(Object.entries(summary.variants)));
}

/** Variants with their summaries, in the order of `records`. */
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

function toSide(
  { spec, target, plan }: Extract<AnyHeader, { version: 1 }>,
  summary: SummaryRecord,
): Side {
  const { stoppedBy, validity, accounting, metrics } = summary;
  const round = { round: 1, seed: plan.seed, stoppedBy, validity, accounting, metrics };
  return {
    name: PLAIN,
    record: { spec, plan, target },
    summary: { ...summary, rounds: [round], roundsPlanned: 1 },
  };
}
