import { createSummary } from '../../../src/analysis/summary.ts';
import { renderReport } from '../../../src/report/terminal.ts';
import type { Bottleneck } from '../../../src/result/records/bottleneck.ts';
import type { Capacity } from '../../../src/result/records/capacity.ts';
import type { HeaderRecord } from '../../../src/result/records/header.ts';
import type { StepSummary } from '../../../src/result/records/summary-figures.ts';
import type { SummaryRecord } from '../../../src/result/records/summary-records.ts';
import type { SearchSettings } from '../../../src/scenario/plan/search-settings.ts';
import { describeStep, planSearch } from './synthetic-capacity.ts';
import { makeHeader, makeOk, makeSteps, SECOND_US, SyntheticRun } from './synthetic-run.ts';

/** The roles of its three steps, and their rates, or clients of a taste. */
const STEPS = [
  ['taste', 16],
  ['taste', 64],
  ['hold', 362],
] as const;
/** What the report says of it. */
const HOLD_US = 8 * SECOND_US;

/** The report of a search that came to `capacity`. */
export function renderSearch(
  capacity: Capacity,
  options: {
    columns?: number;
    colour?: boolean;
    search?: Partial<SearchSettings>;
    bottleneck?: Bottleneck;
    maxInFlight?: number;
    hold?: string;
    /** Further fields of the scenario's connection. */
    connection?: Record<string, unknown>;
  } = {},
): string {
  const { columns = 80, colour = false, search = {}, bottleneck = null } = options;
  const { header, summary } = summarise();
  const { maxInFlight = header.plan.maxInFlight } = options;
  const steps = summary.steps.map((step, index): StepSummary => {
    const [role, amount] = STEPS[index] ?? STEPS[0];
    const toUs = role === 'hold' ? step.fromUs + HOLD_US : step.toUs;
    return { ...step, ...describeStep(role, amount), toUs };
  });
  const { hold = '0s' } = options;
  const connection = { driver: 'wire', queries: 0, hold, ...options.connection };
  const plan = planSearch({ ...header.plan, maxInFlight }, search);
  return renderReport(
    {
      summary: { ...summary, capacity, bottleneck, steps },
      header: { ...header, scenario: 'saturate', plan, spec: { ...header.spec, connection } },
    },
    { columns, colour, resultPath: null },
  );
}

/** Three steps of ten attempts each. */
function summarise(): { header: HeaderRecord; summary: SummaryRecord } {
  const planned = makeSteps(STEPS.length);
  const run = new SyntheticRun(planned);
  for (const { index: step, fromUs } of planned) {
    for (let i = 0; i < 10; i++) run.ok(makeOk(5000 + i, { step, scheduledUs: fromUs }));
  }
  const header = makeHeader({ steps: planned, arrivalCount: 30 });
  const fold = createSummary(header);
  for (const record of run.records(header)) fold.add(record);
  return { header, summary: fold.finish() };
}
