import { escapeControls } from '../../controls.ts';
import { formatCounted } from '../../counted.ts';
import type { Run } from '../../result/lift.ts';
import type { HeaderRecord } from '../../result/records/header.ts';
import type { SessionSummary } from '../../result/records/summary-figures.ts';
import type { SummaryRecord, VariantSummary } from '../../result/records/summary-records.ts';
import { isVerdictAbout } from '../explained.ts';
import {
  formatCount,
  formatDuration,
  formatRate,
  formatShare,
  formatSpan,
} from '../text/format.ts';
import {
  describeEach,
  listVariants,
  type Section,
  type ShownVariant,
  type VariantsInput,
} from '../text/section.ts';
import { wrapText } from '../text/text.ts';
import { describeCost } from './cost.ts';
import { describeOrigin } from './origin.ts';
import { describeScram } from './scram.ts';
import { describeWatch } from './watch.ts';

/** Returns the ledgers, the notes about the figures, and where the figures come from. */
export function renderFooter(
  { summary, header, columns, paint, explain = false }: VariantsInput,
  variants: readonly ShownVariant[],
): Section {
  // With several variants, tables show these side by side.
  const inDetail = header.isLone ? variants.map((variant) => variant.summary) : [];
  const notes = [
    ...variants.flatMap(({ name, record, summary: { watch } }) =>
      describeWatch(watch, record).map((line) => (header.isLone ? line : `${name}: ${line}`)),
    ),
    ...inDetail.flatMap(({ cost }) => describeCost(cost)),
    ...inDetail.map(describeGenerator),
    ...describeSetting({ summary, header }, explain),
  ].filter((note) => note !== '');
  const ledgers = [
    ...describeLedgers(
      summary,
      variants.map(({ record }) => record.plan),
    ),
    ...inDetail.flatMap(describeSessions),
  ];
  return {
    lines: [
      ...ledgers.flatMap((line) => wrapText(line, columns, 2)),
      ...notes.flatMap((note) => wrapText(note, columns, 2)).map(paint.dim),
    ],
  };
}

/**
 * Returns how the target and connstorm were set up, and where the figures come from. Where variants differ, it has
 * their names.
 */
function describeSetting({ summary, header }: Run, explain: boolean): string[] {
  const variants = listVariants({ summary, header });
  const { budgets } = summary;
  return [
    ...describeEach(variants, ({ record }) => describeLab(record.target.labNiceness)),
    ...describeEach(variants, ({ record }) => describeForkCost(record)),
    ...describeEach(variants, ({ record }) => describePooler(record.target)),
    ...[describePins(header.environment)].filter((note) => note !== ''),
    ...describeEach(variants, ({ record }) => describeServerTimes(record)),
    ...describeEach(variants, ({ summary: own }) =>
      explain || isVerdictAbout('scram', { ...own, budgets }) ? describeScram(own) : '',
    ),
    ...describeEach(variants, ({ record }) => describeTls(record.target)),
    ...describeOrigin(header, summary.connstorm),
  ];
}

type Amounts = Pick<HeaderRecord['plan'], 'arrivalCount' | 'clientCount' | 'search'>;

/** Returns the sums that the counts obey, with their figures. Outcomes with a count of 0 are left out. */
function describeLedgers(
  { accounting, connections }: Pick<SummaryRecord, 'accounting' | 'connections'>,
  plans: readonly Amounts[],
): string[] {
  const { due, dropped, begun, started, ok, failed, abandoned, cancelled, lost } = accounting;
  const ended = { failed, abandoned, cancelled, lost, 'in flight': accounting.inFlight };
  const { opened, closed, queryFailed, cut, open } = connections;
  const after = { 'failed in a query': queryFailed, cut, lost: connections.lost, open };
  const { passedOn } = accounting;
  const further =
    passedOn === undefined
      ? []
      : [
          `tries at the next host: ${formatCount(passedOn)}, each after a failed attempt of its connect`,
        ];
  return [
    `${nameDue(plans)}: ${formatCount(due)} due = ${sum({ begun }, { dropped })}`,
    `attempts: ${formatCount(started)} started = ${sum({ ok }, ended)}`,
    ...further,
    `connections: ${formatCount(opened)} opened = ${sum({ closed }, after)}`,
  ];
}

/** Returns the name of what is due: arrivals in an open loop, cycles in a closed one. */
function nameDue(plans: readonly Amounts[]): string {
  const hasArrivals = plans.some(
    ({ arrivalCount, search }) => arrivalCount !== null || search !== undefined,
  );
  const hasClients = plans.some(
    ({ clientCount, search }) => clientCount !== undefined || hasTaste(search),
  );
  if (!hasClients) return 'arrivals';
  return hasArrivals ? 'arrivals and cycles' : 'cycles';
}

/** Returns whether the search finds its first rate by a taste, which is a closed loop. */
function hasTaste(search: Amounts['search']): boolean {
  return search !== undefined && search.startRatePerSecond === undefined;
}

/**
 * Returns the ledger of sessions, their attempts, and the largest storm of sessions that were cut together; an empty
 * list without sessions.
 */
function describeSessions({ sessions, rates }: VariantSummary): string[] {
  if (sessions === undefined) return [];
  const { begun, connected, gaveUp, cancelled, lost, waiting, attemptsPerSuccess } = sessions;
  const others = { 'gave up': gaveUp, cancelled, lost, waiting };
  const each =
    attemptsPerSuccess === null
      ? ''
      : `; ${attemptsPerSuccess.toFixed(2)} attempts for each connected session`;
  return [
    `sessions: ${formatCount(begun)} begun = ${sum({ connected }, others)}${each}`,
    ...describeGoodput(sessions.goodput, rates.windowUs),
    ...describeReconnect(sessions.reconnect),
  ];
}

/** Returns the goodput of sessions with a goal; an empty list without a goal. */
export function describeGoodput(goodput: SessionSummary['goodput'], windowUs: number): string[] {
  if (goodput === null) return [];
  const { goalUs, withinGoal, share, perSecond } = goodput;
  return [
    `goodput: ${formatCount(withinGoal)} connected within ${formatSpan(goalUs)} (${formatShare(share)}), ${formatRate(perSecond)} over ${formatSpan(windowUs)}`,
  ];
}

function describeReconnect(reconnect: SessionSummary['reconnect']): string[] {
  if (reconnect === null) return [];
  const { storms, cut, back, gaveUp, ended, allBackUs } = reconnect;
  const which =
    storms === 1
      ? 'cut together'
      : `cut together (the largest of ${formatCount(storms)} such groups)`;
  const when =
    allBackUs === null
      ? ''
      : `; the last was back ${formatDuration(allBackUs)} after the first cut`;
  return [
    `reconnects: ${formatCount(cut)} ${which} = ${sum({ back }, { 'gave up': gaveUp, ended })}${when}`,
  ];
}

function sum(always: Record<string, number>, where: Record<string, number>): string {
  const happened = Object.entries(where).filter(([, count]) => count !== 0);
  return [...Object.entries(always), ...happened]
    .map(([name, count]) => `${formatCount(count)} ${name}`)
    .join(' + ');
}

function describeGenerator({ generator }: VariantSummary): string {
  if (generator === null) return '';
  const { cpuShare, hostBusyShare, workerUtilisation, cpuWaitShare } = generator;
  const parts = [
    `connstorm took ${formatShare(cpuShare)} of its host's CPU; the host was ${formatShare(hostBusyShare)} busy`,
    workerUtilisation === undefined
      ? ''
      : `; the event loop of its busiest worker was busy or waited for a CPU ${formatShare(workerUtilisation)} of the time`,
    cpuWaitShare === undefined
      ? ''
      : `; the worker that waited most for a CPU waited ${formatShare(cpuWaitShare)} of the time`,
  ];
  return parts.join('');
}

function describeLab(niceness: number | null): string {
  if (niceness === null) return '';
  return `the lab's server runs on this machine with lower priority than connstorm (nice ${niceness})`;
}

/** Describes the extra cost of forks. Only a lab's server has it; a target that was given does not. */
function describeForkCost({ spec, target }: Pick<HeaderRecord, 'spec' | 'target'>): string {
  const { lab } = spec as { lab?: { postgres?: { forkCostMs?: unknown } } };
  const costMs = lab?.postgres?.forkCostMs;
  if (!target.lab || typeof costMs !== 'number') return '';
  return `each fork cost the lab's postmaster ${formatSpan(costMs * 1000)} more CPU, on purpose (lab.postgres.forkCostMs): this limit is artificial, not the server's own`;
}

function describePooler({ labPooler }: Pick<HeaderRecord['target'], 'labPooler'>): string {
  if (labPooler === undefined) return '';
  const { version, poolMode, poolSize, processes } = labPooler;
  const size = `at most ${formatCounted(poolSize, 'server connection')}`;
  const each = processes === 1 ? '' : ` for each of ${formatCount(processes)} processes`;
  return escapeControls(`the lab's PgBouncer ${version}: ${poolMode} pooling, ${size}${each}`);
}

function describePins({ pinned }: HeaderRecord['environment']): string {
  const { generator, server } = pinned ?? {};
  const parts = [
    generator === undefined ? [] : [`connstorm to CPU ${generator}`],
    server === undefined ? [] : [`the lab's server to CPU ${server}`],
  ].flat();
  return parts.length === 0 ? '' : escapeControls(`pinned: ${parts.join(', ')}`);
}

/** Returns how asking for the server's times affects the figures. */
function describeServerTimes({ serverTimes }: Pick<HeaderRecord, 'serverTimes'>): string {
  if (serverTimes?.notice !== 'asked') return '';
  return 'connstorm asked the server for its own times, so the server wrote a log line at every connect. The cost of this is in the figures (connection.serverTimes=false avoids it)';
}

/** Describes TLS. `sslmode` is what was done: `require` with a root certificate is recorded as verify-ca. */
function describeTls({ server, sslmode }: HeaderRecord['target']): string {
  if (server.tls === null) return '';
  if (sslmode === 'verify-full') return 'TLS: encrypted, certificate and host name verified';
  if (sslmode === 'verify-ca')
    return 'TLS: encrypted, certificate verified, host name not verified';
  return 'TLS: encrypted, certificate not verified';
}
