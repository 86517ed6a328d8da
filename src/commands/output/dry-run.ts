import { escapeControls } from '../../controls.ts';
import { formatCounted } from '../../counted.ts';
import { formatDuration, formatRate, formatSpan } from '../../report/text/format.ts';
import { wrapText } from '../../report/text/text.ts';
import { DEFAULT_FOLDER } from '../../result/write/result-place.ts';
import type {
  DryBlock,
  DryEvent,
  DryRun,
  DryStatements,
  DryVariant,
} from '../../run/describe/dry-run.ts';
import { WATCH_SLOTS } from '../../targets/visit/limits.ts';

/** Renders a dry run for people, in lines of at most `columns`. */
export function renderDryRun(dry: DryRun, columns: number): string {
  const { scenario, repeat, seed, variants, durationUs, consent, label, budgets } = dry;
  const rounds = repeat === 1 ? '' : `, ${formatCounted(repeat, 'round')}`;
  const isSearch = variants.some(({ search }) => search !== null);
  const lines = [
    `dry run of ${scenario}: ${formatSpan(durationUs)}${isSearch ? ' at most' : ''}${rounds}, seed ${seed}; no connection was opened`,
    ...(label === null ? [] : [`label: ${escapeControls(label)}`]),
    ...variants.flatMap((variant) => describeVariant(variant, dry)),
    ...(dry.taste === null ? [] : [describeTaste(dry.taste)]),
    ...(dry.warmUpUs === 0
      ? []
      : [
          `warm-up: ${formatSpan(dry.warmUpUs)} of the same load before each leg; it is not measured`,
        ]),
    ...budgets.map((budget) => `budget: ${escapeControls(budget)}`),
    `result: ${describeOut(dry.out)}`,
    consent === null ? 'confirmation: not needed' : `confirmation: ${consent}`,
  ];
  return `${lines.flatMap((line) => wrapText(line, columns, 2)).join('\n')}\n`;
}

function describeOut(out: string | null): string {
  if (out === '-') return 'standard output';
  return out === null ? `a new file in ${DEFAULT_FOLDER}/` : escapeControls(out);
}

function describeTaste({ share, durationUs }: NonNullable<DryRun['taste']>): string {
  return `taste: before the first round each variant is tried in a closed loop for ${formatSpan(durationUs)}. The highest rate becomes ${Math.round(share * 100)}% of what the slowest variant achieves, but never more than above. Other rates keep their ratio to it`;
}

const KILL_SWITCH = ` (${WATCH_SLOTS} if the kill switch is on)`;

function describeVariant(
  variant: DryVariant,
  { reserve, poolSlots }: Pick<DryRun, 'reserve' | 'poolSlots'>,
): string[] {
  const { name, role, servers, target, driver, statements, background, events } = variant;
  const { maxInFlight, blocks, search } = variant;
  const where = target === null ? describeInLab(role) : `${target} at ${servers.join(', ')}`;
  const pool = poolSlots === 0 ? '' : ` and ${poolSlots} for the lab's pooler`;
  const prefix = name === null ? '' : `${name}: `;
  return [
    `${prefix}target: ${where}, ${driver} driver`,
    ...(statements === null ? [] : [prefix + describeStatements(statements)]),
    ...background.map((text) => `${prefix}beside the load, ${text}`),
    ...blocks.map((block) => prefix + describeBlock(block)),
    ...(search === null ? [] : [prefix + describeSearch(search)]),
    ...events.map((event) => prefix + describeEvent(event)),
    maxInFlight === null
      ? `${prefix}in flight: at most the free slots of the target minus a reserve of ${reserve}${reserve < WATCH_SLOTS ? KILL_SWITCH : ''}${pool}; the run asks the target how many are free`
      : `${prefix}in flight: at most ${formatCounted(maxInFlight, 'attempt')}`,
  ];
}

function describeEvent({ atUs, text, allowUs }: DryEvent): string {
  return `event at ${formatSpan(atUs)}: ${text}; the kill switch does not act for ${formatSpan(allowUs)}`;
}

function describeInLab(role: string | null): string {
  if (role === 'pooled') return "the lab's PgBouncer";
  if (role === 'all') return "the lab's server and its replicas, over which attempts are spread";
  if (role === 'primary') return "whichever of the lab's server and its replicas is the primary";
  if (/^replica\d*$/.test(role ?? '')) return `the lab's ${role}`;
  return 'the lab (a Postgres that connstorm starts)';
}

function describeStatements({ texts, protocol, mayWrite }: DryStatements): string {
  const how = mayWrite ? 'they may write' : 'in read-only transactions';
  return `each connection runs, by the ${protocol} protocol, ${how}: ${texts.join(', ')}`;
}

function describeBlock(block: DryBlock): string {
  const { name, executor, startUs, endUs, arrivalCount, arrivalsUs, clientCount } = block;
  const { firstArrivalsUs, lastsUntilEnd } = block;
  const from = formatSpan(startUs);
  const inAll = formatSpan(endUs - startUs);
  if (arrivalCount === null || arrivalsUs === null) {
    return `${name}: ${executor}, up to ${formatCounted(clientCount ?? 0, 'client')} for ${inAll}, from ${from}; each client connects again when its connection has ended`;
  }
  const what = `${name}: ${executor}, ${formatCounted(arrivalCount, 'arrival')}`;
  const lasts = lastsUntilEnd && arrivalsUs < endUs - startUs ? `; the block lasts ${inAll}` : '';
  if (arrivalsUs === 0) return `${what} at once at ${from}${lasts}`;
  const more = arrivalCount > firstArrivalsUs.length ? ', ...' : '';
  const moments = firstArrivalsUs.map(formatDuration).join(', ');
  return `${what} in ${formatSpan(arrivalsUs)} from ${from} on; the first at ${moments}${more}${lasts}`;
}

function describeSearch(search: NonNullable<DryVariant['search']>): string {
  const { estimateUs, maxDurationUs, stepUs, growth, startRatePerSecond, maxRatePerSecond } =
    search;
  const start =
    startRatePerSecond === undefined
      ? 'the first rate comes from a short closed loop'
      : `the first rate is ${formatRate(startRatePerSecond)}`;
  const most = maxRatePerSecond === undefined ? '' : ` (at most ${formatRate(maxRatePerSecond)})`;
  return `saturation-search: ${start}. Each further rate is ${growth} times the one before${most}, in steps of ${formatSpan(stepUs)}, until two steps at the same rate are not sustained. Then rates near the capacity are tried. It takes about ${formatSpan(estimateUs)}, at most ${formatSpan(maxDurationUs)}`;
}
