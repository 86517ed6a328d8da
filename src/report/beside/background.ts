import { perSecond } from '../../analysis/figures/per-second.ts';
import { formatCounted, nounOf } from '../../counted.ts';
import { formatSpan } from '../../duration-text.ts';
import { formatMegabytes } from '../../number-text.ts';
import type {
  ActCounts,
  BackendMemory,
  BackgroundSummary,
  OpeningRecord,
  WorkerCounts,
} from '../../result/records/background.ts';
import { listErrors } from '../run/errors.ts';
import { formatCount, formatDuration, formatRate } from '../text/format.ts';
import type { Section, ShownVariant, VariantsInput } from '../text/section.ts';
import { wrapText } from '../text/text.ts';

/**
 * Returns what the activities beside the load of each variant did: a row for each, what became of their connections, and
 * their failures. A variant without activities has no lines.
 */
export function renderBackground(
  { header, columns, paint }: VariantsInput,
  variants: readonly ShownVariant[],
): Section[] {
  return variants.flatMap(({ name, summary: { background = [] } }) => {
    if (background.length === 0) return [];
    const title = header.isLone ? 'beside the load' : `beside the load of ${name}`;
    const notes = background.flatMap(describeConnections);
    const errors = background.map((activity) =>
      listErrors(`errors of ${activity.name}, beside the load`, activity.errors, {
        columns,
        paint,
      }),
    );
    return [
      {
        head: [title, ...COLUMNS.map(({ title: head }) => head)],
        rows: background.map((activity) => [
          `${activity.name} (${activity.activity})`,
          ...COLUMNS.map(({ read }) => read(activity)),
        ]),
        notes: notes.flatMap((line) => wrapText(line, columns, 2)),
        spare: [5, 1],
      },
      ...errors,
    ];
  });
}

const COLUMNS: readonly { title: string; read: (activity: BackgroundSummary) => string }[] = [
  { title: 'due', read: ({ acts }) => formatActs(acts, acts.due) },
  { title: 'done', read: ({ acts }) => formatActs(acts, acts.done) },
  { title: 'failed', read: ({ acts }) => formatActs(acts, acts.failed) },
  { title: 'skipped', read: ({ acts }) => formatActs(acts, acts.skipped) },
  {
    title: 'done/s',
    read: ({ acts, actingUs }) =>
      acts.due === 0 || actingUs === 0 ? '-' : formatRate(perSecond(acts.done, actingUs)),
  },
  { title: 'p50', read: (activity) => formatQuantile(activity, 'p50Us') },
  { title: 'p99', read: (activity) => formatQuantile(activity, 'p99Us') },
];

/** An activity that never acts, such as one that only holds connections, has no counts. */
function formatActs({ due }: ActCounts, count: number): string {
  return due === 0 ? '-' : formatCount(count);
}

function formatQuantile({ latency }: BackgroundSummary, field: 'p50Us' | 'p99Us'): string {
  const us = latency?.[field];
  const isBound = latency?.atLeast?.includes(field) === true;
  // Nothing is known of the time of acts that were not begun.
  if (us == null || (isBound && us === 0)) return '-';
  return isBound ? `>= ${formatDuration(us)}` : formatDuration(us);
}

/** Returns what is to be said of an activity beside its row. */
function describeConnections(activity: BackgroundSummary): string[] {
  const { name, acts, inTime = 0, workers, openings = [], kept, memory } = activity;
  const texts = [
    ...describeOpenings(openings),
    ...(memory === undefined ? [] : [describeMemory(memory)]),
    ...(kept === undefined ? [] : describeLost(kept)),
    ...(workers === undefined ? [] : [describeWorkers(workers)]),
    ...(inTime === 0
      ? []
      : [
          `${formatCounted(inTime, 'connect')} ${nounOf(inTime, 'was', 'were')} ready before they were to be given up`,
        ]),
    ...(acts.cancelled === 0
      ? []
      : [
          `${formatCounted(acts.cancelled, 'act')} ${nounOf(acts.cancelled, 'was', 'were')} cancelled at the end of the run`,
        ]),
  ];
  return texts.map((text) => `${name}: ${text}`);
}

function describeOpenings(openings: readonly OpeningRecord[]): string[] {
  const texts = openings.map(({ asked, opened, elapsedUs, leftOut }) => {
    const isAll = opened === asked;
    const which = isAll ? '' : `${formatCount(opened)} of `;
    const why = isAll || leftOut === undefined ? '' : `: ${leftOut}`;
    return `${which}${formatCounted(asked, 'connection')} ${nounOf(opened, 'was', 'were')} opened before the load, in ${formatDuration(elapsedUs)}${why}`;
  });
  const [first] = texts;
  const isSame = openings.every(({ opened }) => opened === openings[0]?.opened);
  // If all rounds opened the same number, they differ only in how long that took.
  return first === undefined ? [] : isSame ? [first] : texts;
}

function describeMemory({ backends, bytes }: BackendMemory): string {
  return `each took ${formatMegabytes(bytes / backends)} of memory that no other process shares, page tables included (the mean of ${formatCounted(backends, 'backend')} that ${nounOf(backends, 'was', 'were')} looked at)`;
}

function describeWorkers({ planned, launched }: WorkerCounts): string {
  if (launched === 0) {
    return `none of ${formatCount(planned)} planned parallel workers was launched: the server had none to spare (max_parallel_workers, max_worker_processes), so this shows nothing about parallel workers`;
  }
  return `${formatCount(launched)} of ${formatCounted(planned, 'planned parallel worker')} ${nounOf(launched, 'was', 'were')} launched`;
}

function describeLost(kept: NonNullable<BackgroundSummary['kept']>): string[] {
  const { lost, back, awayUs, longestAwayUs } = kept;
  if (lost === 0) return [];
  const away = `together they were away for ${formatSpan(awayUs)}, each for ${formatSpan(longestAwayUs)} at most`;
  return [
    `${formatCounted(lost, 'connection')} ${nounOf(lost, 'was', 'were')} lost, and ${formatCount(back)} came back; ${away}`,
  ];
}
