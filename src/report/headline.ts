import type { HeaderRecord } from '../result/records.ts';
import { formatCount, formatSeconds } from './format.ts';
import type { ReportInput, Section } from './section.ts';
import { escapeControls, wrapText } from './text.ts';

/** What was stormed and how, and whether the figures below can be trusted. */
export function renderHeadline({ header, summary, columns, paint }: ReportInput): Section {
  const lines = [
    ...wrapText(describeTarget(header), columns, 2).map(paint.bold),
    ...wrapText(describeLoad(header), columns, 2),
    ...(summary.stoppedBy === 'end'
      ? []
      : wrapText(describeStop(summary), columns, 2).map(paint.yellow)),
  ];
  return { lines: [...lines, ...renderValidity({ summary, columns, paint })] };
}

function describeTarget({ target, spec }: HeaderRecord): string {
  const { server } = target;
  const where = `${target.role} ${target.host}:${target.port}${target.lab ? ' (lab)' : ''}`;
  const parts = [
    where,
    server.version === null ? 'unknown version' : `PostgreSQL ${server.version}`,
    server.auth ?? 'unknown authentication',
    server.tls ?? 'no TLS',
    `${readDriver(spec)} driver`,
  ];
  return escapeControls(parts.join(', '));
}

function readDriver(spec: Record<string, unknown>): string {
  const { connection } = spec as { connection?: { driver?: unknown } };
  return typeof connection?.driver === 'string' ? connection.driver : 'wire';
}

function describeLoad({ scenario, plan }: HeaderRecord): string {
  const { executor, durationUs, arrivalCount, seed, workers, maxInFlight } = plan;
  const threads = workers === 1 ? '1 worker' : `${workers} workers`;
  return escapeControls(
    `${scenario}: ${executor}, ${formatCount(arrivalCount)} arrivals in ${formatSeconds(durationUs)} s, ` +
      `seed ${seed}, ${threads}, at most ${formatCount(maxInFlight)} in flight`,
  );
}

const STOPS = {
  signal: 'interrupted',
  interrupted: 'interrupted: the file has no end, connstorm was cut off',
  condition: 'stopped by a condition',
  error: 'stopped by an error',
};

function describeStop({ stoppedBy, reason, rates }: ReportInput['summary']): string {
  const what = stoppedBy === 'end' ? 'ended' : STOPS[stoppedBy];
  const why = reason === undefined || reason === what ? '' : `: ${escapeControls(reason)}`;
  return `${what}${why}; ${formatSeconds(rates.windowUs)} s of arrivals ran`;
}

function renderValidity({
  summary,
  columns,
  paint,
}: Pick<ReportInput, 'summary' | 'columns' | 'paint'>): string[] {
  const { valid, reasons } = summary.validity;
  if (valid) return [paint.green('valid')];
  return reasons.flatMap(({ code, message }) =>
    wrapText(`INVALID ${code}: ${escapeControls(message)}`, columns, 2).map(paint.red),
  );
}
