import { nameWorst } from '../../analysis/validity/merely-late.ts';
import { formatCounted } from '../../counted.ts';
import type { HeaderRecord } from '../../result/records/header.ts';
import type { StepSummary } from '../../result/records/summary-figures.ts';
import { formatCount, formatRate, formatSpan, formatSpanRange } from '../text/format.ts';
import type { Paint } from '../text/paint.ts';
import type { ReportInput, Section } from '../text/section.ts';
import { type Column, layOut, pickColumns } from '../text/table-width.ts';
import { wrapText } from '../text/text.ts';
import { describeHerd, describeTaken, isBurst } from './burst.ts';
import { renderFigure } from './metrics.ts';

/**
 * A row a step, of all blocks; a run of one step has nothing to add to its metrics. Nothing of a search, whose curve has
 * them by rate.
 */
export function renderSteps({ summary, header, columns, paint }: ReportInput): Section {
  const { steps, capacity } = summary;
  if (capacity !== null) return { lines: [] };
  if (header.plan.steps.length < 2) {
    return { lines: wrapText(describeRates({ summary, header }), columns, 2) };
  }
  return listSteps('window', steps, { plan: header.plan, columns, paint });
}

/** `rounds`: merged in the steps. The blocks of the plan are named beside their steps where there are several. */
export function listSteps(
  title: string,
  steps: readonly StepSummary[],
  {
    plan,
    rounds = 1,
    columns,
    paint,
  }: { plan: HeaderRecord['plan']; rounds?: number; columns: number; paint: Paint },
): Section {
  const { blocks = [] } = plan;
  const rows = steps.map((step) => {
    const name = blocks.length > 1 ? `${blocks[step.block ?? 0]?.name ?? ''} ` : '';
    return { step, name, herdRounds: isBurst(plan, step) ? rounds : undefined };
  });
  const all = COLUMNS.map((column, at) => (at === 0 ? { ...column, title } : column));
  const notes = [
    ...(steps.some(({ loop }) => loop === 'closed') ? [CLOSED_NOTE] : []),
    ...(steps.some((step) => isBurst(plan, step)) ? [BURST_NOTE] : []),
  ];
  return {
    ...layOut(pickColumns(all, rows, columns), rows, paint),
    notes: notes.flatMap((note) => wrapText(note, columns, 2)),
  };
}

const BURST_NOTE =
  'the time after "in" is how long a burst took until its last client was connected';

const CLOSED_NOTE =
  'in rows that show a number of clients, p50 and p99 are of service time: a closed loop has no schedule';

interface StepRow {
  step: StepSummary;
  /** Of its block, and a space; empty where there is but one. */
  name: string;
  /** Rounds that are merged in it, where it is a herd; undefined: it is none. */
  herdRounds: number | undefined;
}

const COLUMNS: readonly Column<StepRow>[] = [
  {
    title: 'window',
    render: ({ step, name }) => `${name}${formatSpanRange(step.fromUs, step.toUs)}`,
  },
  {
    title: 'offered',
    render: ({ step, herdRounds }) =>
      herdRounds === undefined
        ? describeOffered(step)
        : describeHerd(Math.round(step.accounting.due / herdRounds), step),
  },
  {
    title: 'achieved',
    render: ({ step, herdRounds }) =>
      herdRounds === undefined ? formatRate(step.achievedPerSecond) : `in ${describeTaken(step)}`,
  },
  { title: 'ok', render: ({ step }) => formatCount(step.accounting.ok), worth: 1 },
  { title: 'p50', render: ({ step }, paint) => renderTime(step, 'p50Us', paint), worth: 2 },
  { title: 'p99', render: ({ step }, paint) => renderTime(step, 'p99Us', paint) },
  { title: 'valid', render: ({ step }, paint) => renderVerdict(step, paint) },
];

function renderTime(step: StepSummary, name: 'p50Us' | 'p99Us', paint: Paint): string {
  return renderFigure(step.serviceTime ?? step.latency, name, paint);
}

/** A closed loop offers no rate. */
function describeOffered(step: StepSummary): string {
  if (step.loop !== 'closed') return formatRate(step.offeredPerSecond);
  const { startClients: from = 0, endClients: to = 0 } = step;
  const { mostClients: most = Math.max(from, to) } = step;
  return describeClients(Math.floor(from), Math.floor(to), Math.floor(most));
}

/** `5 clients`, `2-8 clients`; where there were more in between `up to 8 clients`. */
function describeClients(from: number, to: number, most: number): string {
  if (most > Math.max(from, to)) return `up to ${formatCounted(most, 'client')}`;
  return from === to ? formatCounted(to, 'client') : `${from}-${formatCounted(to, 'client')}`;
}

function renderVerdict({ validity }: StepSummary, paint: Paint): string {
  const code = nameWorst(validity) ?? 'invalid';
  return validity.valid ? paint.green('yes') : paint.red(code);
}

/** What was offered and what came of it, in a line. */
export function describeRates({
  summary,
  header,
}: Pick<ReportInput, 'summary' | 'header'>): string {
  const { windowUs, offeredPerSecond, achievedPerSecond } = summary.rates;
  const window = `over ${formatSpan(windowUs)}`;
  const [only] = summary.steps;
  const isOnly = header.plan.steps.length < 2;
  if (only !== undefined && isOnly && isBurst(header.plan, only))
    return describeBurst(only, summary.sessions?.reconnected ?? 0);
  if (only?.loop === 'closed' && isOnly) {
    return `${describeOffered(only)}, achieved ${formatRate(achievedPerSecond)} ${window}`;
  }
  return `offered ${formatRate(offeredPerSecond)}, achieved ${formatRate(achievedPerSecond)} ${window}`;
}

/** `reconnected`: how many of the connected were cut before; the burst has brought each of them but once. */
function describeBurst(step: StepSummary, reconnected: number): string {
  const { due, ok } = step.accounting;
  const again = reconnected === 0 ? '' : `; ${formatCounted(reconnected, 'reconnect')}`;
  const taken = ok === 0 ? '' : `, the last client ${describeTaken(step)} after the burst began`;
  return `${describeHerd(due, step)}, ${formatCount(ok - reconnected)} connected${taken}${again}`;
}
