import type { StepSummary } from '../result/records.ts';
import { formatCount, formatRate, formatSeconds } from './format.ts';
import { renderFigure } from './metrics.ts';
import type { Paint } from './paint.ts';
import type { ReportInput, Section } from './section.ts';

/** A row a step of the ramp; a run of one step has nothing to add to its metrics. */
export function renderSteps({ summary, header, paint }: ReportInput): Section {
  const { steps } = summary;
  if (header.plan.steps.length < 2) return renderRates({ summary });
  return listSteps('window', steps, paint);
}

export function listSteps(title: string, steps: readonly StepSummary[], paint: Paint): Section {
  const head = [title, 'offered', 'achieved', 'ok', 'p50', 'p99', 'valid'];
  return { head, rows: steps.map((step) => renderStep(step, paint)), notes: [] };
}

function renderStep(step: StepSummary, paint: Paint): string[] {
  return [
    `${formatSeconds(step.fromUs)}-${formatSeconds(step.toUs)} s`,
    formatRate(step.offeredPerSecond),
    formatRate(step.achievedPerSecond),
    formatCount(step.latency.count),
    renderFigure(step.latency, 'p50Us', paint),
    renderFigure(step.latency, 'p99Us', paint),
    renderVerdict(step, paint),
  ];
}

function renderVerdict({ validity }: StepSummary, paint: Paint): string {
  const code = validity.reasons[0]?.code ?? 'invalid';
  return validity.valid ? paint.green('yes') : paint.red(code);
}

function renderRates({ summary }: Pick<ReportInput, 'summary'>): Section {
  const { windowUs, offeredPerSecond, achievedPerSecond } = summary.rates;
  const window = `over ${formatSeconds(windowUs)} s`;
  return {
    lines: [
      `offered ${formatRate(offeredPerSecond)}, achieved ${formatRate(achievedPerSecond)} ${window}`,
    ],
  };
}
