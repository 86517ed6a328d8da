import { describeTaste } from '../../analysis/describe-taste.ts';
import { listServers, nameServer } from '../../analysis/figures/hosts.ts';
import { escapeControls } from '../../controls.ts';
import { formatCounted } from '../../counted.ts';
import type { HeaderRecord } from '../../result/records/header.ts';
import type { Reason, Validity } from '../../result/records/summary-figures.ts';
import type { SummaryRecord } from '../../result/records/summary-records.ts';
import type { ServerFindings } from '../../result/records/target.ts';
import { noteHeld, readHold } from '../../scenario/plan/hold.ts';
import { listReasons } from '../refer.ts';
import { describeSearch } from '../search/search.ts';
import { formatCount, formatShare, formatSpan } from '../text/format.ts';
import type { DetailInput, Section, Style } from '../text/section.ts';
import { describeAuth } from '../text/server-auth.ts';
import { describeServerVersion } from '../text/server-version.ts';
import { wrapText } from '../text/text.ts';
import { describeHerd } from './burst.ts';
import { describePoolersServer, listConnectionFailures } from './connection-failures.ts';

type Plan = HeaderRecord['plan'];

/** Returns the target and the load of the run, and whether the figures below can be trusted. */
export function renderHeadline({ record, run, summary, columns, paint }: DetailInput): Section {
  const { header } = run;
  const lines = [
    ...wrapText(describeWhat(record), columns, 2).map(paint.bold),
    ...describeLabel(header).flatMap((line) => wrapText(line, columns, 2)),
    ...wrapText(describeLoad(header.scenario, record.plan), columns, 2),
    ...describeHeld(record).flatMap((line) => wrapText(line, columns, 2)),
    ...(header.taste === undefined
      ? []
      : wrapText(escapeControls(describeTaste(header.taste)), columns, 2)),
    ...describeWarmUp(record.plan, 'the load').flatMap((line) => wrapText(line, columns, 2)),
    ...(summary.stoppedBy === 'end'
      ? []
      : wrapText(describeStop(summary), columns, 2).map(paint.yellow)),
  ];
  return { lines: [...lines, ...renderValidity({ summary, columns, paint })] };
}

/** Returns the run's label; an empty list if it has none. */
export function describeLabel({ label }: Pick<HeaderRecord, 'label'>): string[] {
  return label === undefined ? [] : [`label: ${escapeControls(label)}`];
}

function describeWhat({ target, spec }: Pick<HeaderRecord, 'target' | 'spec'>): string {
  return `${describeTarget(target)}, ${escapeControls(readDriver(spec))} driver`;
}

/** Returns the servers of a target with their version, authentication and TLS. */
export function describeTarget(target: HeaderRecord['target']): string {
  const { hostTurns, role, lab, sessionAttrs } = target;
  const hosts = listServers(target);
  const where = `${role} ${hosts.map(nameServer).join(', ')}${lab ? ' (lab)' : ''}`;
  const known = hosts.flatMap(({ server }) => server ?? []);
  const parts = [
    hosts.length === 1 ? where : `${where} in turn`,
    ...(hostTurns === undefined ? [] : [`${sessionAttrs ?? 'any'} chosen at each connect`]),
    ...(known.length === 0
      ? []
      : FINDINGS.map((find) => [...new Set(known.map(find))].join(' / '))),
  ];
  return escapeControls(parts.join(', '));
}

/** The findings that are described of each server. Several servers may differ in them. */
const FINDINGS: ((server: ServerFindings) => string)[] = [
  describeServerVersion,
  (server) => describeAuth(server) ?? 'unknown authentication',
  ({ tls }) => tls ?? 'no TLS',
];

export function readDriver(spec: Record<string, unknown>): string {
  const { connection } = spec as { connection?: { driver?: unknown } };
  return typeof connection?.driver === 'string' ? connection.driver : 'wire';
}

function describeLoad(scenario: string, plan: Plan): string {
  return `${escapeControls(scenario)}: ${describeLoadOf(plan)}, seed ${plan.seed}, ${describeMeans(plan)}`;
}

export function describeLoadOf(plan: Plan): string {
  const { executor, durationUs, arrivalCount, clientCount, steps, search } = plan;
  if (search !== undefined) return `${escapeControls(executor)}, ${describeSearch(search)}`;
  const [only] = steps;
  if (executor === 'burst' && steps.length === 1 && arrivalCount !== null) {
    return `burst, ${describeHerd(arrivalCount, only)}`;
  }
  const isSteady = executor === 'constant-clients';
  const amounts = [
    ...(arrivalCount === null ? [] : [formatCounted(arrivalCount, 'arrival')]),
    ...(clientCount === undefined
      ? []
      : [`${isSteady ? '' : 'up to '}${formatCounted(clientCount, 'client')}`]),
  ];
  const time = `${isSteady ? 'for' : 'in'} ${formatSpan(durationUs)}`;
  return `${escapeControls(executor)}, ${amounts.join(' and ')} ${time}`;
}

/** Returns a note about the slots that the held connections of a search need; an empty list if it holds none. */
export function describeHeld({ plan, spec }: Pick<HeaderRecord, 'plan' | 'spec'>): string[] {
  if (plan.search === undefined) return [];
  const note = noteHeld(readHold(spec) ?? 0);
  return note === undefined ? [] : [note];
}

/** Returns a line about the warm-up; an empty list without one. `what`: what the warm-up came before. */
export function describeWarmUp({ warmUpUs }: Plan, what: string): string[] {
  if (warmUpUs === undefined) return [];
  return [
    `warm-up: ${formatSpan(warmUpUs)} of the same load ran before ${what}; it is not measured`,
  ];
}

export function describeMeans({ workers, maxInFlight }: Plan): string {
  const threads = formatCounted(workers, 'worker');
  return `${threads}, at most ${formatCount(maxInFlight)} in flight`;
}

export const STOPS = {
  signal: 'interrupted',
  interrupted: 'interrupted: connstorm was cut off, so the file has no end',
  condition: 'stopped by a condition',
  event: 'stopped by an event that failed',
  error: 'stopped by an error',
};

/** Returns what ended a run, and why; `ended` for a run that came to its end. */
export function describeEnding({
  stoppedBy,
  reason,
}: Pick<SummaryRecord, 'stoppedBy' | 'reason'>): string {
  const what = stoppedBy === 'end' ? 'ended' : STOPS[stoppedBy];
  const why = reason === undefined || reason === what ? '' : `: ${escapeControls(reason)}`;
  return `${what}${why}`;
}

function describeStop(summary: DetailInput['summary']): string {
  // A search pauses between its steps, and its moments are counted from its begin.
  const ran = summary.capacity === null ? 'the load ran for' : 'without pauses, its steps ran for';
  return `${describeEnding(summary)}; ${ran} ${formatSpan(summary.rates.windowUs)}`;
}

function renderValidity({
  summary,
  columns,
  paint,
}: Pick<DetailInput, 'summary' | 'columns' | 'paint'>): string[] {
  const notes = [
    ...describeFailures(summary).flatMap((line) => wrapText(line, columns, 2)),
    ...renderWarnings(summary.warnings ?? [], columns),
  ].map(paint.yellow);
  return [...listValidity(summary.validity, { columns, paint }), ...notes];
}

/** Returns that a run is valid, or why not. A reason of a variant has the variant's name. */
export function listValidity(
  { valid, reasons }: Validity,
  { columns, paint }: Pick<Style, 'columns' | 'paint'>,
): string[] {
  if (valid) return [paint.green('valid')];
  return listReasons(reasons).flatMap(({ code, message, variant }) => {
    const whose = variant === undefined ? '' : `${variant} `;
    const text = `INVALID ${whose}${code}: ${escapeControls(message)}`;
    return wrapText(text, columns, 2).map(paint.red);
  });
}

/** Returns the warnings, which made no figure invalid. `whose`: a variant's name and a space. */
export function renderWarnings(warnings: readonly Reason[], columns: number, whose = ''): string[] {
  return warnings.flatMap(({ code, message }) =>
    wrapText(`warning ${escapeControls(whose)}${code}: ${escapeControls(message)}`, columns, 2),
  );
}

/**
 * Returns the failures, to be read before the latencies: the latencies leave out failed attempts, and include
 * connections that failed after they were ready.
 */
function describeFailures({
  accounting: { failed, started, passedOn = 0 },
  connections,
  errors,
}: Pick<DetailInput['summary'], 'accounting' | 'connections' | 'errors'>): string[] {
  const attempts =
    failed === 0
      ? []
      : [
          `${formatCount(failed)} of ${formatCounted(started, 'attempt')} failed (${formatShare(failed / started)})${describePassedOn(passedOn)}`,
        ];
  const failures = [...attempts, ...listConnectionFailures(connections)];
  return [...failures.map((text) => `${text}, see errors`), ...describePoolersServer(errors)];
}

/** Returns how many of the failed attempts were followed by one at the next host of the same connect. */
export function describePassedOn(passedOn: number): string {
  return passedOn === 0
    ? ''
    : `, ${formatCount(passedOn)} of them with a further try at the next host`;
}
