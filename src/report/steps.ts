import type { BlockRecord, StepSummary } from '../result/records.ts';
import { formatCount, formatRate, formatSeconds } from './format.ts';
import { renderFigure } from './metrics.ts';
import type { Paint } from './paint.ts';
import type { ReportInput, Section } from './section.ts';
import { wrapText } from './text.ts';

/** A row a step, of all blocks; a run of one step has nothing to add to its metrics. */
export function renderSteps({ summary, header, columns, paint }: ReportInput): Section {
  const { steps } = summary;
  if (header.plan.steps.length < 2) return renderRates({ summary, header });
  const { blocks } = header.plan;
  return listSteps('window', steps, { blocks, columns, paint });
}

/** `blocks`: named beside their steps where there are several. */
export function listSteps(
  title: string,
  steps: readonly StepSummary[],
  {
    blocks = [],
    columns,
    paint,
  }: { blocks: BlockRecord[] | undefined; columns: number; paint: Paint },
): Section {
  const head = [title, 'offered', 'achieved', 'ok', 'p50', 'p99', 'valid'];
  const rows = steps.map((step) => {
    const { name = '', executor = '' } = blocks[step.block ?? 0] ?? {};
    return renderStep(step, { name: blocks.length > 1 ? `${name} ` : '', executor }, paint);
  });
  const isClosed = steps.some(({ loop }) => loop === 'closed');
  return { head, rows, notes: isClosed ? wrapText(CLOSED_NOTE, columns, 2) : [] };
}

const CLOSED_NOTE =
  'where clients are offered, p50 and p99 are of service time: a closed loop has no schedule';

function renderStep(
  step: StepSummary,
  { name, executor }: Pick<BlockRecord, 'name' | 'executor'>,
  paint: Paint,
): string[] {
  const figures = step.serviceTime ?? step.latency;
  return [
    `${name}${formatSeconds(step.fromUs)}-${formatSeconds(step.toUs)} s`,
    describeOffered(step, executor),
    formatRate(step.achievedPerSecond),
    formatCount(step.accounting.ok),
    renderFigure(figures, 'p50Us', paint),
    renderFigure(figures, 'p99Us', paint),
    renderVerdict(step, paint),
  ];
}

/** Neither a closed loop nor a herd offers a rate: a herd comes once, in less time than its block lasts. */
function describeOffered(step: StepSummary, executor: string): string {
  if (executor === 'burst') return `${formatCount(step.accounting.due)} arrivals`;
  if (step.loop !== 'closed') return formatRate(step.offeredPerSecond);
  const [from, to] = [step.startClients ?? 0, step.endClients ?? 0].map(Math.floor);
  return from === to ? `${to} clients` : `${from}-${to} clients`;
}

function renderVerdict({ validity }: StepSummary, paint: Paint): string {
  const code = validity.reasons[0]?.code ?? 'invalid';
  return validity.valid ? paint.green('yes') : paint.red(code);
}

function renderRates({ summary, header }: Pick<ReportInput, 'summary' | 'header'>): Section {
  // A rate over the block's duration would be a figure of how the block was written.
  if (header.plan.executor === 'burst') return { lines: [] };
  const { windowUs, offeredPerSecond, achievedPerSecond } = summary.rates;
  const window = `over ${formatSeconds(windowUs)} s`;
  const [only] = summary.steps;
  if (only?.loop === 'closed') {
    return {
      lines: [
        `${describeOffered(only, header.plan.executor)}, achieved ${formatRate(achievedPerSecond)} ${window}`,
      ],
    };
  }
  return {
    lines: [
      `offered ${formatRate(offeredPerSecond)}, achieved ${formatRate(achievedPerSecond)} ${window}`,
    ],
  };
}
