import type { Side } from '../../analysis/comparison/obstacles.ts';
import { escapeControls } from '../../controls.ts';
import { formatCount, formatRate, formatShareCell } from '../text/format.ts';
import type { Section } from '../text/section.ts';
import { type Cells, measureTable } from '../text/table-width.ts';
import { fitName, wrapText } from '../text/text.ts';
import { describeHerd, describeTaken, isBurst } from './burst.ts';
import { describePoolersServer, listConnectionFailures } from './connection-failures.ts';
import { describeGoodput } from './footer.ts';

/**
 * Returns a row for each side with its load and its outcomes. If that is too wide, columns are left out that follow
 * from the others.
 */
export function renderOutcomes(sides: readonly Side[], columns: number): Section {
  const whole = layOut(sides, COLUMNS);
  const named = sides.map((side) => ({ ...side, name: fitName(side.name, columns) }));
  const short = COLUMNS.filter(({ isSpare }) => isSpare !== true);
  const cells = measureTable(whole) <= columns ? whole : layOut(named, short);
  const goodputs = sides.flatMap(({ name, summary: { sessions, rates } }) =>
    describeGoodput(sessions?.goodput ?? null, rates.windowUs).map((line) => `${name}: ${line}`),
  );
  const isAnySearch = sides.some(({ summary }) => summary.capacity !== null);
  const failures = sides.flatMap(({ name, summary: { connections, errors } }) =>
    [...listConnectionFailures(connections), ...describePoolersServer(errors)].map(
      (text) => `${name}: ${text}`,
    ),
  );
  const notes = [...(isAnySearch ? [SEARCH_NOTE] : []), ...failures, ...goodputs].flatMap((line) =>
    wrapText(escapeControls(line), columns, 2),
  );
  // In the narrow table, these columns are left out first: started, dropped, then failed.
  return { ...cells, notes, ...(cells === whole ? {} : { spare: [3, 6, 4] }) };
}

const SEARCH_NOTE =
  'offered and achieved of a search are means over all of its steps, at all rates: they do not show the capacity';

interface Column {
  title: string;
  read: (side: Side) => string;
  isSpare?: boolean;
}

const COLUMNS: readonly Column[] = [
  { title: '', read: ({ name }) => escapeControls(name) },
  { title: 'rounds', read: ({ summary }) => describeRounds(summary), isSpare: true },
  { title: 'offered', read: (side) => describeRates(side)[0] },
  { title: 'achieved', read: (side) => describeRates(side)[1] },
  { title: 'started', read: ({ summary }) => formatCount(summary.accounting.started) },
  { title: 'ok', read: ({ summary }) => formatCount(summary.accounting.ok), isSpare: true },
  {
    title: 'failed',
    read: ({ summary: { accounting } }) => describePart(accounting.failed, accounting.started),
  },
  {
    title: 'ok of due',
    read: ({ summary: { accounting } }) => describePart(accounting.ok, accounting.due),
  },
  { title: 'dropped', read: ({ summary }) => formatCount(summary.accounting.dropped) },
];

function layOut(sides: readonly Side[], columns: readonly Column[]): Cells {
  return {
    head: columns.map(({ title }) => title),
    rows: sides.map((side) => columns.map(({ read }) => read(side))),
  };
}

function describePart(count: number, of: number): string {
  return formatShareCell(of === 0 ? null : count / of);
}

/** Returns the offered and achieved rates. For a herd: the number of clients and the time. */
function describeRates({ summary, record: { plan } }: Side): [string, string] {
  const { accounting, rates, rounds, steps } = summary;
  const [first] = steps;
  if (plan.steps.length === 1 && first && isBurst(plan, first)) {
    const perRound = Math.round(accounting.due / Math.max(1, rounds.length));
    return [describeHerd(perRound, first), `in ${describeTaken(first)}`];
  }
  return [formatRate(rates.offeredPerSecond), formatRate(rates.achievedPerSecond)];
}

function describeRounds({ rounds, roundsPlanned }: Side['summary']): string {
  const whole = rounds.filter(({ stoppedBy }) => stoppedBy === 'end').length;
  return `${whole} of ${roundsPlanned}`;
}
