import {
  type FormerPrimary,
  findFormerPrimaries,
  findTwoPrimaries,
  type TwoPrimaries,
} from '../analysis/figures/hosts.ts';
import { escapeControls } from '../controls.ts';
import type { HostSummary } from '../result/records/summary-records.ts';
import type { TurnHostRecord } from '../result/records/target.ts';
import { formatCount, formatDuration, formatSpan } from './text/format.ts';
import type { Section, ShownVariant, VariantsInput } from './text/section.ts';
import { wrapText } from './text/text.ts';

/** Returns the attempts at each of several hosts, if clients choose their host at each connect. */
export function renderHosts(
  { header, columns }: VariantsInput,
  variants: readonly ShownVariant[],
): Section[] {
  return variants.flatMap(({ name, record, summary: { hosts = [], events = [] } }) => {
    if (hosts.length < 2) return [];
    const { target } = record;
    const whose = header.isLone ? 'host' : `host of ${name}`;
    const shown = COLUMNS.filter(({ isShown }) => hosts.some((host) => isShown?.(host) ?? true));
    const turns = target.hostTurns?.hosts ?? [];
    const two = findTwoPrimaries(target, hosts).map(describeTwo);
    const former = findFormerPrimaries(target, hosts, events).map(describeFormer);
    const notes = [ORDER_NOTE[target.hostTurns?.order ?? 'given'], ...former, ...two];
    return [
      {
        head: [escapeControls(whose), ...shown.map(({ title }) => title)],
        rows: hosts.map((host) => [
          escapeControls(host.name),
          ...shown.map(({ read }) => read(host, turns[host.host])),
        ]),
        notes: notes.flatMap((line) => wrapText(escapeControls(line), columns, 2)),
        wordColumns: 2,
      },
    ];
  });
}

interface Column {
  title: string;
  read: (host: HostSummary, record: TurnHostRecord | undefined) => string;
  /** Whether the column says something of a host. Absent: it always does. */
  isShown?: (host: HostSummary) => boolean;
}

const COLUMNS: readonly Column[] = [
  { title: 'at start', read: (_, record) => nameState(record) },
  { title: 'started', read: ({ started }) => formatCount(started) },
  { title: 'ok', read: ({ ok }) => formatCount(ok) },
  { title: 'passed on', read: ({ passedOn }) => formatCount(passedOn) },
  { title: 'failed for good', read: ({ failed, passedOn }) => formatCount(failed - passedOn) },
  {
    title: 'cancelled',
    read: ({ cancelled }) => formatCount(cancelled),
    isShown: ({ cancelled }) => cancelled > 0,
  },
  { title: 'lost', read: ({ lost }) => formatCount(lost), isShown: ({ lost }) => lost > 0 },
  {
    title: 'first ok',
    read: ({ firstOkUs }) => formatMoment(firstOkUs),
    isShown: ({ firstOkUs }) => firstOkUs !== undefined,
  },
  {
    title: 'last ok',
    read: ({ lastOkUs }) => formatMoment(lastOkUs),
    isShown: ({ lastOkUs }) => lastOkUs !== undefined,
  },
];

function nameState(record: TurnHostRecord | undefined): string {
  if (record?.server === undefined) return 'down';
  return record.server.serverRole ?? 'unknown';
}

function formatMoment(us: number | undefined): string {
  return us === undefined ? '–' : formatDuration(us);
}

const PASSED_ON = 'passed on: the attempt failed, and the client went on to its next host';
const ORDER_NOTE = {
  given: `each connect tried the hosts in this order. ${PASSED_ON}`,
  random: `each connect tried the hosts in a random order of its own. ${PASSED_ON}`,
};

function describeTwo({ earlier, later, fromUs, toUs }: TwoPrimaries): string {
  return `two primaries at once: from ${formatDuration(fromUs)} to ${formatDuration(toUs)} (${formatSpan(toUs - fromUs)}) both ${earlier.name} and ${later.name} took connects, and both said that they take writes`;
}

function describeFormer({ host, promotedUs, lastOkUs }: FormerPrimary): string {
  return `${host.name}, the former primary, still took connects after the promotion was done (at ${formatDuration(promotedUs)}); the last one was ready at ${formatDuration(lastOkUs)}`;
}
