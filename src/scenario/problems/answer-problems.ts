import { BUDGETS, parseSmallest, parseToldFigure } from '../answer.ts';
import type { BudgetFigure } from '../budget.ts';
import { isDataMap } from '../file/merge.ts';
import { suggestNearest } from '../nearest.ts';
import type { ScheduleProblem } from '../plan/schedule.ts';
import type { Named } from './budget-problems.ts';
import { findObstacle, isClosed } from './figure-obstacle.ts';

/** What the rest of the file has. */
interface Around {
  /** The well-formed variants. */
  variants: readonly Named[];
  /** The names of all variants. */
  names: readonly string[];
  hasBudgets: boolean;
}

/** Returns what is wrong between an answer of any shape and the rest of its file. Texts that are no figures are skipped. */
export function findAnswerProblems(answer: unknown, around: Around): ScheduleProblem[] {
  if (!isDataMap(answer)) return [];
  return [
    ...findFormProblems(answer),
    ...findNameProblems(answer, around.names),
    ...findCostProblems(answer, around),
    ...listFigures(answer).flatMap(({ path, text, figure }) =>
      findMisfit(figure, around).map((why) => ({ path, text: `"${text}" ${why}` })),
    ),
    ...findTells(answer).flatMap(({ path, text }) =>
      text === BUDGETS && !around.hasBudgets
        ? [{ path, text: 'is budgets, and the scenario has none: set budgets' }]
        : [],
    ),
  ];
}

function findFormProblems(answer: Record<string, unknown>): ScheduleProblem[] {
  const has = (name: string): boolean => answer[name] !== undefined;
  const [first, second] = MAIN.filter(has);
  if (first !== undefined && second !== undefined) {
    return [{ path: ['answer', second], text: `cannot be set together with ${first}` }];
  }
  if (has('ratio') && !has('of')) {
    return [{ path: ['answer', 'ratio'], text: 'needs the two variants: set of: [a, b]' }];
  }
  if (has('of') && !has('ratio')) {
    return [{ path: ['answer', 'of'], text: 'belongs to a ratio: set ratio, too' }];
  }
  const isEmpty = first === undefined && !has('tell');
  return isEmpty
    ? [{ path: ['answer'], text: 'must have smallest, ratio, grid, costOfActs or tell' }]
    : [];
}

/** What an answer is about. It has one of them at most. */
const MAIN = ['smallest', 'ratio', 'grid', 'costOfActs'] as const;

/** Finds what keeps the cost of acts from being known. */
function findCostProblems(
  { costOfActs: without }: Record<string, unknown>,
  { variants, names }: Around,
): ScheduleProblem[] {
  if (typeof without !== 'string') return [];
  const problem = (text: string): ScheduleProblem[] => [{ path: ['answer', 'costOfActs'], text }];
  if (!names.includes(without)) return problem(describeUnknown(without, names));
  const open = variants.find(({ scenario }) => !isClosed(scenario));
  if (open !== undefined) {
    return problem(
      `needs a closed loop in each variant, as constant-clients: at a planned rate (variant ${open.name}) acts take no connects away`,
    );
  }
  const acting = variants.filter(({ scenario }) => hasActs(scenario)).map(({ name }) => name);
  if (acting.includes(without)) {
    return problem(`must name a variant without acts beside the load: ${without} has some`);
  }
  return acting.length > 0
    ? []
    : problem('needs variants with acts beside the load: set background in them');
}

function hasActs({ background = {} }: Named['scenario']): boolean {
  return Object.values(background).some((it) => it.activity !== 'held' || it.touch !== undefined);
}

/** Finds variants that do not exist. */
function findNameProblems(
  { smallest, of, grid, names: nouns }: Record<string, unknown>,
  names: readonly string[],
): ScheduleProblem[] {
  const used = [
    ...(Array.isArray(of) ? of.map((name, index) => ({ path: ['of', index], name })) : []),
    ...(isDataMap(nouns)
      ? Object.keys(nouns).map((name) => ({ path: ['names', name], name }))
      : []),
    ...listCells(grid),
  ];
  const unknown = used.flatMap(({ path, name }) =>
    typeof name === 'string' && !names.includes(name)
      ? [{ path: ['answer', ...path], text: describeUnknown(name, names) }]
      : [],
  );
  const isPair = Array.isArray(of) && of.length === 2 && of[0] === of[1];
  return [
    ...unknown,
    ...findUnevenRows(grid),
    ...(isPair ? [{ path: ['answer', 'of'], text: 'must have two different variants' }] : []),
    ...(smallest !== undefined && names.length < 2
      ? [{ path: ['answer', 'smallest'], text: 'compares variants: it needs two or more' }]
      : []),
  ];
}

/** Returns the variants in the rows of a grid of any shape. */
function listCells(grid: unknown): { path: (string | number)[]; name: unknown }[] {
  if (!isDataMap(grid) || !isDataMap(grid.rows)) return [];
  return Object.entries(grid.rows).flatMap(([row, cells]) =>
    Array.isArray(cells)
      ? cells.map((name, index) => ({ path: ['grid', 'rows', row, index], name }))
      : [],
  );
}

function findUnevenRows(grid: unknown): ScheduleProblem[] {
  if (!isDataMap(grid) || !isDataMap(grid.rows) || !Array.isArray(grid.columns)) return [];
  const wanted = grid.columns.length;
  return Object.entries(grid.rows).flatMap(([row, cells]) =>
    Array.isArray(cells) && cells.length !== wanted
      ? [
          {
            path: ['answer', 'grid', 'rows', row],
            text: `must have a variant for each of the ${wanted} columns, got ${cells.length}`,
          },
        ]
      : [],
  );
}

function describeUnknown(name: string, names: readonly string[]): string {
  if (names.length === 0) return 'names a variant, and the scenario has none';
  return `names a variant that does not exist: there are ${names.join(', ')}${suggestNearest(name, names)}`;
}

interface Used {
  path: ScheduleProblem['path'];
  text: string;
  figure: BudgetFigure;
}

/** Returns the well-formed figures of an answer. */
function listFigures(answer: Record<string, unknown>): Used[] {
  const { smallest, ratio, grid } = answer;
  const budget = typeof smallest === 'string' ? parseSmallest(smallest) : { fault: '' };
  const kept =
    'fault' in budget
      ? []
      : [{ path: ['answer', 'smallest'], text: String(smallest), figure: budget.figure }];
  const inGrid = isDataMap(grid) ? grid.figure : undefined;
  const named = [
    ...(typeof inGrid === 'string' ? [{ path: ['answer', 'grid', 'figure'], text: inGrid }] : []),
    ...(typeof ratio === 'string' ? [{ path: ['answer', 'ratio'], text: ratio }] : []),
    ...findTells(answer),
  ];
  const told = named.flatMap(({ path, text }) => {
    const figure = parseToldFigure(text);
    return 'fault' in figure ? [] : [{ path, text, figure }];
  });
  return [...kept, ...told];
}

function findTells({ tell }: Record<string, unknown>): Omit<Used, 'figure'>[] {
  if (typeof tell === 'string') return [{ path: ['answer', 'tell'], text: tell }];
  if (!Array.isArray(tell)) return [];
  return tell.flatMap((text, index) =>
    typeof text === 'string' ? [{ path: ['answer', 'tell', index], text }] : [],
  );
}

/**
 * Returns why a variant cannot have the figure, for the first variant that cannot. Variants without the activity of a
 * figure have none to tell of, if another one has it.
 */
function findMisfit(figure: BudgetFigure, { variants }: Around): string[] {
  const having = variants.filter(({ scenario }) => hasActivity(figure, scenario));
  for (const { name, scenario } of having.length > 0 ? having : variants) {
    const obstacle = findObstacle(figure, scenario);
    const whose = name === undefined ? '' : `variant ${name}: `;
    if (obstacle !== undefined) return [`does not fit the scenario: ${whose}${obstacle}`];
  }
  return [];
}

function hasActivity(figure: BudgetFigure, { background = {} }: Named['scenario']): boolean {
  return figure.kind === 'background' && Object.hasOwn(background, figure.activity);
}
