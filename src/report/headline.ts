import type { HeaderRecord, HostRecord, ServerFindings } from '../result/records.ts';
import { formatCount, formatSeconds, formatShare } from './format.ts';
import type { ReportInput, Section } from './section.ts';
import { escapeControls, wrapText } from './text.ts';

type Plan = HeaderRecord['plan'];

/** What was stormed and how, and whether the figures below can be trusted. */
export function renderHeadline({ header, summary, columns, paint }: ReportInput): Section {
  const lines = [
    ...wrapText(describeWhat(header), columns, 2).map(paint.bold),
    ...wrapText(describeLoad(header), columns, 2),
    ...(summary.stoppedBy === 'end'
      ? []
      : wrapText(describeStop(summary), columns, 2).map(paint.yellow)),
  ];
  return { lines: [...lines, ...renderValidity({ summary, columns, paint })] };
}

function describeWhat({ target, spec }: HeaderRecord): string {
  return `${describeTarget(target)}, ${escapeControls(readDriver(spec))} driver`;
}

/** The servers of a target, and what was found of them. */
export function describeTarget(target: HeaderRecord['target']): string {
  const hosts = target.hosts ?? [target];
  const where = `${target.role} ${hosts.map(nameServer).join(', ')}${target.lab ? ' (lab)' : ''}`;
  const parts = [
    hosts.length === 1 ? where : `${where} in turn`,
    ...FINDINGS.map((find) => [...new Set(hosts.map(({ server }) => find(server)))].join(' / ')),
  ];
  return escapeControls(parts.join(', '));
}

/** What is told of a server; several servers may differ in it. */
const FINDINGS: ((server: ServerFindings) => string)[] = [
  ({ version }) => (version === null ? 'unknown version' : `PostgreSQL ${version}`),
  ({ auth }) => auth ?? 'unknown authentication',
  ({ tls }) => tls ?? 'no TLS',
];

/** `db:5432`, `[::1]:5432`, or the path of a Unix socket. */
function nameServer({
  host,
  address,
  port,
}: Pick<HostRecord, 'host' | 'address' | 'port'>): string {
  if (address.startsWith('/')) return address;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

export function readDriver(spec: Record<string, unknown>): string {
  const { connection } = spec as { connection?: { driver?: unknown } };
  return typeof connection?.driver === 'string' ? connection.driver : 'wire';
}

function describeLoad({ scenario, spec, plan }: HeaderRecord): string {
  return `${escapeControls(scenario)}: ${describeLoadOf({ spec, plan })}, seed ${plan.seed}, ${describeMeans(plan)}`;
}

export function describeLoadOf({ spec, plan }: Pick<HeaderRecord, 'spec' | 'plan'>): string {
  const { executor, durationUs, arrivalCount, clientCount } = plan;
  const isSteady = executor === 'constant-clients';
  const amounts = [
    ...(arrivalCount === null ? [] : [`${formatCount(arrivalCount)} arrivals`]),
    ...(clientCount === undefined
      ? []
      : [`${isSteady ? '' : 'up to '}${formatCount(clientCount)} clients`]),
  ];
  const time = `${isSteady ? 'for' : 'in'} ${formatSeconds(durationUs)} s`;
  return `${escapeControls(executor)}, ${amounts.join(' and ')} ${describeWindow(spec) ?? time}`;
}

/** When a herd comes, which is not how long its block lasts; undefined for other loads. */
function describeWindow(spec: Record<string, unknown>): string | undefined {
  const { load } = spec as { load?: { executor?: unknown; window?: unknown } };
  if (load?.executor !== 'burst' || typeof load.window !== 'string') return undefined;
  return Number.parseFloat(load.window) === 0 ? 'at once' : `within ${escapeControls(load.window)}`;
}

export function describeMeans({ workers, maxInFlight }: Plan): string {
  const threads = workers === 1 ? '1 worker' : `${workers} workers`;
  return `${threads}, at most ${formatCount(maxInFlight)} in flight`;
}

export const STOPS = {
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
  if (valid) return [paint.green('valid'), ...describeFailures(summary).map(paint.yellow)];
  return reasons.flatMap(({ code, message }) =>
    wrapText(`INVALID ${code}: ${escapeControls(message)}`, columns, 2).map(paint.red),
  );
}

/** Refused attempts are in no percentile of latency: said before those are read. */
function describeFailures({
  accounting: { failed, started },
}: Pick<ReportInput['summary'], 'accounting'>): string[] {
  if (failed === 0) return [];
  const share = formatShare(failed / started);
  return [
    `${formatCount(failed)} of ${formatCount(started)} attempts failed (${share}), see errors`,
  ];
}
