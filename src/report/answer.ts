import { escapeControls } from '../controls.ts';
import type { AnySummary } from '../result/records/summary-records.ts';
import type { Section, Style } from './text/section.ts';
import { wrapText } from './text/text.ts';

/** Returns the answer to what the scenario asks; no lines if it asks nothing. */
export function renderAnswer({
  summary: { answer },
  columns,
  paint,
}: Pick<Style, 'columns' | 'paint'> & { summary: Pick<AnySummary, 'answer'> }): Section {
  if (answer === undefined) return { lines: [] };
  const lines = wrapText(escapeControls(answer.text), columns, 2);
  return { lines: lines.map(paint.bold) };
}
