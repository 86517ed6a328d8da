import { escapeControls } from '../../controls.ts';
import { nameVariant } from '../../result/lift.ts';
import type { EventSummary } from '../../result/records/events.ts';
import type { HeaderRecord } from '../../result/records/header.ts';
import { formatDuration } from '../text/format.ts';
import type { Section, ShownVariant, VariantsInput } from '../text/section.ts';
import { wrapText } from '../text/text.ts';

/** Returns a line for each event that was begun: when, what, and how it ended. Without events there are no lines. */
export function renderEvents(
  { header, columns, paint }: VariantsInput,
  variants: readonly ShownVariant[],
): Section[] {
  const lines = variants.flatMap(({ name, summary: { events = [], roundsPlanned }, record }) =>
    events.flatMap((event) => {
      const whose = nameVariant(header, name);
      const round = roundsPlanned > 1 ? [`round ${event.round}`] : [];
      const prefix = [...(whose === undefined ? [] : [escapeControls(whose)]), ...round].join(', ');
      const text = `${prefix === '' ? '' : `${prefix}: `}${describeEvent(event, record.plan)}`;
      const wrapped = wrapText(text, columns, 2);
      return event.state === 'done' ? wrapped : wrapped.map(paint.red);
    }),
  );
  return [{ lines }];
}

/** Returns `event at 5.00 s: restart fast, done after 1.20 s: the postmaster is process 4711 now`. */
function describeEvent(event: EventSummary, { events = [] }: HeaderRecord['plan']): string {
  const { index, kind, state, fromUs, toUs, stoppedUs, detail, reason } = event;
  const what = escapeControls(events[index]?.text ?? kind);
  const took = toUs === undefined ? '' : ` after ${formatDuration(toUs - fromUs)}`;
  const told = reason ?? detail;
  const why = told === undefined ? '' : `: ${escapeControls(told)}`;
  const stopped =
    stoppedUs === undefined ? '' : `, stopped after ${formatDuration(stoppedUs - fromUs)}`;
  return `event at ${formatDuration(fromUs)}: ${what}${stopped}, ${HOW[state]}${took}${why}`;
}

const HOW = {
  done: 'done',
  failed: 'failed',
  unfinished: 'and the file ends before the event did',
} satisfies Record<EventSummary['state'], string>;

/** Returns the kinds of the events that began in a part of the load, as a mark of a row; `-` for none. */
export function markEvents(
  events: readonly EventSummary[],
  { fromUs, toUs }: { fromUs: number; toUs: number },
): string {
  const kinds = events
    .filter((event) => event.fromUs >= fromUs && event.fromUs < toUs)
    .map(({ kind }) => kind);
  return kinds.length === 0 ? '-' : [...new Set(kinds)].join(', ');
}
