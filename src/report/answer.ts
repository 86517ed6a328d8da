import { renderValue } from '../analysis/answer/value-text.ts';
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

/** Returns the grid of an answer as a table; no lines if the scenario asks for none. */
export function renderGrid({
  summary: { answer },
  columns,
}: Pick<Style, 'columns'> & { summary: Pick<AnySummary, 'answer'> }): Section {
  const { grid } = answer ?? {};
  if (grid === undefined) return { lines: [] };
  const notes = grid.rows.flatMap(({ cells }) =>
    cells.flatMap(({ variant, reason }) => (reason === undefined ? [] : [`${variant}: ${reason}`])),
  );
  return {
    head: [grid.figure, ...grid.columns].map(escapeControls),
    rows: grid.rows.map(({ name, cells: row }) => [escapeControls(name), ...row.map(renderValue)]),
    notes: notes.flatMap((note) => wrapText(escapeControls(note), columns, 2)),
  };
}

/** Returns the figures of an answer whose sentence does not have them all; no lines if there are none. */
export function renderAnswerTable({
  summary: { answer },
  columns,
}: Pick<Style, 'columns'> & { summary: Pick<AnySummary, 'answer'> }): Section {
  const { table = [] } = answer ?? {};
  if (table.length === 0) return { lines: [] };
  const notes = table.flatMap(({ rows }) =>
    rows.flatMap(({ name, value: { reason, note = reason } }) =>
      note === undefined ? [] : [`${name}: ${note}`],
    ),
  );
  return {
    head: ['answer', ''],
    rows: table.flatMap(({ figure, rows }) => [
      [escapeControls(figure), ''],
      ...rows.map(({ name, value }) => [`  ${escapeControls(name)}`, renderValue(value)]),
    ]),
    notes: [...new Set(notes)].flatMap((note) => wrapText(escapeControls(note), columns, 2)),
  };
}
