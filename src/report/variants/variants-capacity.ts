import { escapeControls } from '../../controls.ts';
import type { Capacity } from '../../result/records/capacity.ts';
import { describeCutShort, formatAnswer, referToValidity } from '../search/capacity.ts';
import { formatSpan } from '../text/format.ts';
import type { Section, ShownVariant, VariantsInput } from '../text/section.ts';
import { fitName, wrapText } from '../text/text.ts';

/** Returns the answers of the variants' searches in one table; no lines without a search. */
export function renderVariantsCapacity(
  { columns }: VariantsInput,
  variants: readonly ShownVariant[],
): Section {
  const found = variants.flatMap(({ name, summary: { capacity } }) =>
    capacity === null ? [] : [{ name, capacity }],
  );
  if (found.length === 0) return { lines: [] };
  const goals = found.some(({ capacity }) => capacity.underGoal !== undefined);
  const head = ['capacity', 'connects/s', 'answer', 'confirmed'];
  const notes = variants.flatMap(({ name, summary }) =>
    summary.capacity === null
      ? []
      : [`${name}: ${escapeControls(describeReason(summary.capacity, summary))}`],
  );
  return {
    head: goals ? [...head, 'within the goal'] : head,
    spare: [3],
    rows: found.map(({ name, capacity }) => [
      fitName(name, columns),
      formatAnswer(capacity)?.signs ?? '-',
      capacity.kind,
      nameConfirmed(capacity),
      ...(goals ? [describeGoal(capacity)] : []),
    ]),
    notes: notes.flatMap((note) => wrapText(note, columns, 2)),
  };
}

function describeReason(capacity: Capacity, summary: ShownVariant['summary']): string {
  const { cutShort } = capacity;
  return cutShort === undefined ? referToValidity(capacity, summary) : describeCutShort(cutShort);
}

function nameConfirmed({ confirmed }: Capacity): string {
  if (confirmed === null) return '-';
  return confirmed ? 'yes' : 'no';
}

/** Returns `310-330, p99 250 ms`. */
function describeGoal({ underGoal }: Capacity): string {
  if (underGoal === undefined) return '-';
  const rates = formatAnswer(underGoal)?.signs ?? underGoal.kind;
  return `${rates}, p99 ${formatSpan(underGoal.goalUs)}`;
}
