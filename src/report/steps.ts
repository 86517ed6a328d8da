import { formatCounted } from '../counted.ts';
import type { HeaderRecord } from '../result/header.ts';
import type { StepSummary } from '../result/summary-records.ts';
import { describeHerd, describeTaken, isBurst } from './burst.ts';
import { formatCount, formatRate, formatSeconds } from './format.ts';
import { renderFigure } from './metrics.ts';
import type { Paint } from './paint.ts';
import type { ReportInput, Section } from './section.ts';
import { wrapText } from './text.ts';

/**
 * A row a step, of all blocks; a run of one step has nothing to add to its metrics. Nothing of a search, whose curve has
 * them by rate.
 */
export function renderSteps({ summary, header, columns, paint }: ReportInput): Section {
  const { steps, capacity } = summary;
  if (capacity !== null) return { lines: [] };
  if (header.plan.steps.length < 2) return renderRates({ summary, header });
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
  const head = [title, 'offered', 'achieved', 'ok', 'p50', 'p99', 'valid'];
  const rows = steps.map((step) => {
    const name = blocks.length > 1 ? `${blocks[step.block ?? 0]?.name ?? ''} ` : '';
    return renderStep(step, name, { herdRounds: isBurst(plan, step) ? rounds : undefined, paint });
  });
  const notes = [
    ...(steps.some(({ loop }) => loop === 'closed') ? [CLOSED_NOTE] : []),
    ...(steps.some((step) => isBurst(plan, step)) ? [BURST_NOTE] : []),
  ];
  return { head, rows, notes: notes.flatMap((note) => wrapText(note, columns, 2)) };
}

const BURST_NOTE =
  'a burst is over when its last client is connected, which the time after "in" tells';

const CLOSED_NOTE =
  'where clients are offered, p50 and p99 are of service time: a closed loop has no schedule';

function renderStep(
  step: StepSummary,
  name: string,
  { herdRounds, paint }: { herdRounds: number | undefined; paint: Paint },
): string[] {
  const figures = step.serviceTime ?? step.latency;
  const isHerd = herdRounds !== undefined;
  return [
    `${name}${formatSeconds(step.fromUs)}-${formatSeconds(step.toUs)} s`,
    isHerd
      ? describeHerd(Math.round(step.accounting.due / herdRounds), step)
      : describeOffered(step),
    isHerd ? `in ${describeTaken(step)}` : formatRate(step.achievedPerSecond),
    formatCount(step.accounting.ok),
    renderFigure(figures, 'p50Us', paint),
    renderFigure(figures, 'p99Us', paint),
    renderVerdict(step, paint),
  ];
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
  const code = validity.reasons[0]?.code ?? 'invalid';
  return validity.valid ? paint.green('yes') : paint.red(code);
}

function renderRates({ summary, header }: Pick<ReportInput, 'summary' | 'header'>): Section {
  const { windowUs, offeredPerSecond, achievedPerSecond } = summary.rates;
  const window = `over ${formatSeconds(windowUs)} s`;
  const [only] = summary.steps;
  if (only !== undefined && isBurst(header.plan, only)) return renderBurst(only);
  if (only?.loop === 'closed') {
    return {
      lines: [`${describeOffered(only)}, achieved ${formatRate(achievedPerSecond)} ${window}`],
    };
  }
  return {
    lines: [
      `offered ${formatRate(offeredPerSecond)}, achieved ${formatRate(achievedPerSecond)} ${window}`,
    ],
  };
}

function renderBurst(step: StepSummary): Section {
  const { due, ok } = step.accounting;
  const taken = ok === 0 ? '' : `, the last ${describeTaken(step)} after the burst began`;
  return { lines: [`${describeHerd(due, step)}, ${formatCount(ok)} connected${taken}`] };
}
