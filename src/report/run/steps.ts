import { nameWorst } from '../../analysis/validity/merely-late.ts';
import { formatCounted } from '../../counted.ts';
import { nameVariant } from '../../result/lift.ts';
import type { EventSummary } from '../../result/records/events.ts';
import type { HeaderRecord } from '../../result/records/header.ts';
import type { StepSummary } from '../../result/records/summary-figures.ts';
import type { SummaryRecord } from '../../result/records/summary-records.ts';
import { markEvents } from '../beside/events.ts';
import { formatCount, formatRate, formatSpan, formatSpanRange } from '../text/format.ts';
import type { Paint } from '../text/paint.ts';
import type { DetailInput, Section, ShownVariant, VariantsInput } from '../text/section.ts';
import { type Column, layOut, pickColumns } from '../text/table-width.ts';
import { wrapText } from '../text/text.ts';
import { describeHerd, describeTaken, isBurst } from './burst.ts';
import { renderFigure } from './metrics.ts';

type Plan = HeaderRecord['plan'];

/**
 * Returns the offered and achieved rates of a run of one step. It has no lines for several steps or a search, which
 * have tables.
 */
export function renderRates({ summary, record: { plan }, columns }: DetailInput): Section {
  if (summary.capacity !== null || plan.steps.length > 1) return { lines: [] };
  return { lines: wrapText(describeRates(summary, plan), columns, 2) };
}

/**
 * Returns a row for each step of each variant, over all blocks. A run of one step has no such table: its step adds
 * nothing to the metrics. Neither has a search, whose curve shows its steps by rate.
 */
export function renderSteps(
  { header, columns, paint }: VariantsInput,
  variants: readonly ShownVariant[],
): Section[] {
  return variants
    .filter(({ summary, record: { plan } }) => summary.capacity === null && plan.steps.length > 1)
    .map(({ name, summary: { steps, rounds, events = [] }, record: { plan } }) =>
      listSteps(nameVariant(header, name) ?? 'window', steps, {
        plan,
        rounds: Math.max(1, rounds.length),
        events,
        columns,
        paint,
      }),
    );
}

/**
 * Returns the table of steps. `rounds`: number of rounds that are merged in the steps. With several blocks, a step has
 * its block's name.
 */
function listSteps(
  title: string,
  steps: readonly StepSummary[],
  {
    plan,
    rounds,
    events,
    columns,
    paint,
  }: {
    plan: Plan;
    rounds: number;
    events: readonly EventSummary[];
    columns: number;
    paint: Paint;
  },
): Section {
  const { blocks = [] } = plan;
  const rows = steps.map((step) => {
    const name = blocks.length > 1 ? `${blocks[step.block ?? 0]?.name ?? ''} ` : '';
    return { step, name, herdRounds: isBurst(plan, step) ? rounds : undefined };
  });
  const marks: Column<StepRow>[] =
    events.length === 0
      ? []
      : [{ title: 'events', render: ({ step }) => markEvents(events, step), worth: 3 }];
  const named = COLUMNS.map((column, at) => (at === 0 ? { ...column, title } : column));
  const all = [...named, ...marks];
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
  /** Name of its block and a space; empty if there is only one block. */
  name: string;
  /** For a herd, the number of rounds merged in it; undefined: no herd. */
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

/** Returns the offered rate; in a closed loop, which offers none, the number of clients. */
function describeOffered(step: StepSummary): string {
  if (step.loop !== 'closed') return formatRate(step.offeredPerSecond);
  const { startClients: from = 0, endClients: to = 0 } = step;
  const { mostClients: most = Math.max(from, to) } = step;
  return describeClients(Math.floor(from), Math.floor(to), Math.floor(most));
}

/** Returns `5 clients`, or `2-8 clients`; `up to 8 clients` if there were more in between. */
function describeClients(from: number, to: number, most: number): string {
  if (most > Math.max(from, to)) return `up to ${formatCounted(most, 'client')}`;
  return from === to ? formatCounted(to, 'client') : `${from}-${formatCounted(to, 'client')}`;
}

function renderVerdict({ validity }: StepSummary, paint: Paint): string {
  const code = nameWorst(validity) ?? 'invalid';
  return validity.valid ? paint.green('yes') : paint.red(code);
}

/** Returns the offered and achieved rates, as part of a sentence. */
export function describeRates(
  summary: Pick<SummaryRecord, 'rates' | 'steps' | 'sessions'>,
  plan: Plan,
): string {
  const { windowUs, offeredPerSecond, achievedPerSecond } = summary.rates;
  const window = `over ${formatSpan(windowUs)}`;
  const [only] = summary.steps;
  const isOnly = plan.steps.length < 2;
  if (only !== undefined && isOnly && isBurst(plan, only))
    return describeBurst(only, summary.sessions?.reconnected ?? 0);
  if (only?.loop === 'closed' && isOnly) {
    return `${describeOffered(only)}, achieved ${formatRate(achievedPerSecond)} ${window}`;
  }
  return `offered ${formatRate(offeredPerSecond)}, achieved ${formatRate(achievedPerSecond)} ${window}`;
}

/**
 * Describes a burst. `reconnected`: the number of connected clients that had been cut before. The burst itself brought
 * each of them only once.
 */
function describeBurst(step: StepSummary, reconnected: number): string {
  const { due, ok } = step.accounting;
  const again = reconnected === 0 ? '' : `; ${formatCounted(reconnected, 'reconnect')}`;
  const taken = ok === 0 ? '' : `, the last client ${describeTaken(step)} after the burst began`;
  return `${describeHerd(due, step)}, ${formatCount(ok - reconnected)} connected${taken}${again}`;
}
