import type { AnyHeader } from '../../result/header.ts';
import type { AnySummary, SummaryRecord } from '../../result/summary-records.ts';
import type { Side } from './obstacles.ts';

/** The variants of a result, in the order of the scenario; a run without variants is one of one round, `base`. */
export function listSides(header: AnyHeader, summary: AnySummary): Side[] {
  if (header.version === 1) {
    return summary.metrics === null ? [] : [toSide(header, summary)];
  }
  const summaries = new Map(Object.entries(summary.variants));
  return header.variants.flatMap((record) => {
    const own = summaries.get(record.name);
    return own === undefined ? [] : [{ name: record.name, record, summary: own }];
  });
}

function toSide(
  { spec, target, plan }: Extract<AnyHeader, { version: 1 }>,
  summary: SummaryRecord,
): Side {
  const { stoppedBy, validity, accounting, metrics, boundaries, capacity } = summary;
  const round = { round: 1, seed: plan.seed, stoppedBy, validity, accounting, metrics };
  return {
    name: 'base',
    record: { spec, target },
    summary: { rounds: [round], validity, metrics, boundaries, capacity },
  };
}
