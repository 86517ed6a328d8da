import { escapeControls } from '../../controls.ts';
import { nounOf } from '../../counted.ts';
import type { NoticeCount } from '../../model/notices.ts';
import { formatCount } from '../text/format.ts';
import type { ReportInput, Section } from '../text/section.ts';
import { wrapText } from '../text/text.ts';

const MOST_SHOWN = 12;

/** What the server or a pooler said in logins and first queries, each once with how often it came; nothing where it said nothing. */
export function renderNotices({ summary, columns, paint }: ReportInput): Section {
  return listNotices('the server said', summary.notices ?? [], { columns, paint });
}

export function listNotices(
  title: string,
  notices: readonly NoticeCount[],
  { columns, paint }: Pick<ReportInput, 'columns' | 'paint'>,
): Section {
  if (notices.length === 0) return { lines: [] };
  const shown = notices.slice(0, MOST_SHOWN);
  const width = Math.max(...shown.map(({ count }) => formatCount(count).length));
  const lines = shown.flatMap((notice) => describeNotice(notice, width, columns));
  return {
    lines: [
      ...wrapText(title, columns, 2).map(paint.bold),
      ...lines,
      ...noteFurther(notices.slice(MOST_SHOWN)).flatMap((line) => wrapText(line, columns, 2)),
    ],
  };
}

/** The count, and beside it the notice in as many lines as it takes. */
function describeNotice(
  { severity, code, message, count }: NoticeCount,
  width: number,
  columns: number,
): string[] {
  const text = escapeControls(`${severity ?? 'notice'} ${code}: ${message}`);
  return wrapText(text, columns - width - 2).map((line, index) => {
    const number = index === 0 ? formatCount(count) : '';
    return `${number.padStart(width)}  ${line}`;
  });
}

function noteFurther(notices: readonly NoticeCount[]): string[] {
  if (notices.length === 0) return [];
  const count = notices.reduce((sum, notice) => sum + notice.count, 0);
  return [
    `and ${formatCount(count)} more, of ${notices.length} further ${nounOf(notices.length, 'kind')}: --json lists them all`,
  ];
}
