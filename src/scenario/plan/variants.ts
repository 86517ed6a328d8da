import type { z } from 'zod';
import type { AnswerSpec } from '../answer.ts';
import { describeGot } from '../describe-got.ts';
import { parseDuration } from '../duration.ts';
import {
  type Checked,
  checkScenario,
  describeUnknownName,
  findProblems,
  type Problem,
  problemAt,
} from '../file/check.ts';
import { type FieldPath, renderPath, valueAt } from '../file/field-path.ts';
import { isDataMap, mergeData } from '../file/merge.ts';
import { findAnswerProblems } from '../problems/answer-problems.ts';
import { findBudgetProblems } from '../problems/budget-problems.ts';
import { answerSchema } from '../schema/answer-schema.ts';
import { budgetsSchema, MOST_BUDGETS } from '../schema/budget-schema.ts';
import { type CompareSettings, compareSchema } from '../schema/compare-schema.ts';
import { loadSchema } from '../schema/load-schema.ts';
import { type Needs, needsSchema } from '../schema/run-schema.ts';
import { fileFieldsSchema, type Scenario, scenarioSchema } from '../schema/schema.ts';
import { type Taste, tasteSchema } from '../schema/taste-schema.ts';
import { isSearch } from './quick.ts';
import { findTasteProblems } from './taste.ts';
import { findWarmUpProblems } from './warm-up.ts';

/** One way to run a scenario, complete with what the file sets outside the variant. */
export interface Variant {
  /** undefined: the file has no variants, and this is its only scenario. */
  name: string | undefined;
  scenario: Scenario;
}

/** The content of a scenario file. `shows` and `seed` are the same in all variants. */
export interface ScenarioFile {
  shows: string;
  /** In the file's order. */
  variants: readonly [Variant, ...Variant[]];
  /** Rounds of all variants. */
  repeat: number;
  /** Time that the load of each leg runs before it is measured; 0: there is no warm-up. */
  warmUpUs: number;
  /** Settings of the taste that finds the rates; absent: they are used as written. */
  taste?: Taste;
  /** All defaults are filled in. */
  compare: CompareSettings;
  /** Each budget as written. All of them can be judged. */
  budgets: readonly string[];
  /** What the report's first sentence answers; absent: the scenario asks nothing. */
  answer?: AnswerSpec;
  /** What this machine must have; absent: nothing. */
  needs?: Needs;
  /** The run's label; absent: it has none. */
  label?: string;
}

const MAX_VARIANTS = 16;

/** Fields that variants cannot override, and why. */
export const NOT_OVERRIDDEN: Record<string, string> = {
  shows: 'it describes all variants together',
  seed: 'all variants of a round share the seed, so that they differ only in what is compared',
  variants: 'a variant cannot have variants',
  repeat: 'all variants have the same number of rounds',
  warmUp: 'all variants have the same warm-up, so that none finds caches that another had to fill',
  taste: 'the rates of all variants follow from one taste',
  compare: 'all variants are compared alike',
  answer: 'it is about all variants together',
  needs: 'it is about all variants together',
  budgets: 'a budget itself names the variant that it limits',
  run: 'it belongs to all variants together',
};

/**
 * Checks data of any shape as a scenario file. Every variant is checked as the whole scenario that the merge makes of
 * it. A problem outside the variants is reported once, even if several variants inherit it.
 */
export function checkScenarioFile(data: unknown): { file: ScenarioFile } | { problems: Problem[] } {
  if (!isDataMap(data)) return { problems: problemsOf(checkScenario(data)) };
  const { variants, repeat, warmUp, taste, compare, budgets, answer, needs, run, ...base } = data;
  const ofFile = Object.fromEntries(
    Object.entries(data).filter(([name]) => Object.hasOwn(fileFieldsSchema.shape, name)),
  );
  const excess = checkCount(variants);
  // Each variant is checked as a whole scenario, so thousands of them are refused first.
  if (excess.length > 0) return { problems: excess };
  const problems = findProblems(fileFieldsSchema, ofFile);
  const checked = isDataMap(variants)
    ? checkVariants(base, variants)
    : checkPlain(base, variants !== undefined);
  problems.push(
    ...checked.problems,
    ...checkWarmUp(warmUp, checked.loads),
    ...checkTaste(taste, checked.loads),
    ...checkRepeat(repeat, checked.loads),
    ...checkBudgets(budgets, checked),
    ...checkAnswer(answer, budgets, checked),
  );
  const [first, ...others] = checked.variants;
  if (problems.length > 0 || first === undefined) return { problems };
  for (const variant of checked.variants) CHECKED.add(variant);
  const file: ScenarioFile = {
    shows: first.scenario.shows,
    variants: [first, ...others],
    repeat: typeof repeat === 'number' ? repeat : 1,
    warmUpUs: typeof warmUp === 'string' ? parseDuration(warmUp) : 0,
    ...(taste === undefined ? {} : { taste: tasteSchema.unwrap().parse(taste) }),
    compare: compareSchema.parse(compare ?? {}),
    budgets: budgets === undefined ? [] : budgetsSchema.parse(budgets),
    ...(answer === undefined ? {} : { answer: toAnswerSpec(answerSchema.parse(answer)) }),
    ...(needs === undefined ? {} : { needs: needsSchema.unwrap().parse(needs) }),
    ...fileFieldsSchema.shape.run.parse(run ?? {}),
  };
  return { file };
}

const CHECKED = new WeakSet<object>();

/**
 * Returns whether a variant was checked here, as part of a whole file. A variant that a program made up or copied was
 * not.
 */
export function isCheckedVariant(value: unknown): boolean {
  return typeof value === 'object' && value !== null && CHECKED.has(value);
}

/** Checks a well-formed warm-up against the well-formed loads. `checkTaste` and `checkRepeat` use the same loads. */
function checkWarmUp(warmUp: unknown, loads: readonly LoadOf[]): Problem[] {
  const { success, data } = fileFieldsSchema.shape.warmUp.safeParse(warmUp);
  if (!success || data === undefined) return [];
  return findWarmUpProblems(data, loads).map(({ path, text }) => problemAt(path, text));
}

function checkTaste(taste: unknown, loads: readonly LoadOf[]): Problem[] {
  if (taste === undefined || loads.length === 0) return [];
  return findTasteProblems(loads).map((text) => problemAt(['taste'], text));
}

/**
 * Refuses rounds of a search: its steps are numbered within one leg, and it tries each rate near the knee several times
 * anyway.
 */
function checkRepeat(repeat: unknown, loads: readonly LoadOf[]): Problem[] {
  if (typeof repeat !== 'number' || repeat <= 1) return [];
  if (!loads.some(({ scenario }) => isSearch(scenario))) return [];
  return [problemAt(['repeat'], describeGot(NO_REPEAT, String(repeat)))];
}

const NO_REPEAT =
  'cannot be used with saturation-search, which tries each rate several times itself (load.trials): leave it at 1';

/** Checks the well-formed budgets against the well-formed variants. The names of other variants count too. */
function checkBudgets(budgets: unknown, { variants, names }: CheckedVariants): Problem[] {
  if (!Array.isArray(budgets) || budgets.length > MOST_BUDGETS) return [];
  const texts = budgets.map((text) => (typeof text === 'string' ? text : ''));
  return findBudgetProblems(texts, variants, names).map(({ path, text }) => problemAt(path, text));
}

function checkAnswer(
  answer: unknown,
  budgets: unknown,
  { variants, names }: CheckedVariants,
): Problem[] {
  const hasBudgets = Array.isArray(budgets) && budgets.length > 0;
  return findAnswerProblems(answer, { variants, names, hasBudgets }).map(({ path, text }) =>
    problemAt(path, text),
  );
}

/** Returns the answer with `tell` as a list. */
function toAnswerSpec({
  tell,
  of = [],
  ...others
}: NonNullable<z.output<typeof answerSchema>>): AnswerSpec {
  const [a, b] = of;
  return {
    ...others,
    ...(a === undefined || b === undefined ? {} : { of: [a, b] }),
    ...(tell === undefined ? {} : { tell: [tell].flat() }),
  };
}

function checkPlain(base: unknown, hasVariants: boolean): CheckedVariants {
  const checked = checkScenario(base);
  const variants =
    'scenario' in checked && !hasVariants ? [{ name: undefined, scenario: checked.scenario }] : [];
  const loads = hasVariants ? [] : readLoad(undefined, base);
  return { variants, loads, names: [], problems: problemsOf(checked) };
}

interface CheckedVariants {
  /** The well-formed variants. */
  variants: Variant[];
  /** The well-formed loads, even of variants with other problems. */
  loads: LoadOf[];
  /** The names of all variants. */
  names: string[];
  problems: Problem[];
}

interface LoadOf {
  name: string | undefined;
  scenario: Pick<Scenario, 'load'>;
}

function readLoad(name: string | undefined, data: unknown): LoadOf[] {
  const load = loadSchema.safeParse(valueAt(data, ['load']));
  return load.success ? [{ name, scenario: { load: load.data } }] : [];
}

function checkVariants(base: unknown, variants: Record<string, unknown>): CheckedVariants {
  const outside = new Map(problemsOf(checkScenario(base)).map((it) => [keyOf(it), it]));
  const found: Variant[] = [];
  const loads: LoadOf[] = [];
  const problems: Problem[] = [];
  const toldOutside = new Set<Problem>();
  for (const [name, over] of Object.entries(variants)) {
    if (!isDataMap(over)) continue;
    const shared = Object.keys(over).filter((field) => Object.hasOwn(NOT_OVERRIDDEN, field));
    problems.push(...shared.map((field) => refuseOverride(name, field)));
    const own = Object.fromEntries(Object.entries(over).filter(([key]) => !shared.includes(key)));
    const merged = mergeData(base, own);
    const checked = checkScenario(merged);
    loads.push(...readLoad(name, merged));
    if ('scenario' in checked) found.push({ name, scenario: checked.scenario });
    for (const problem of problemsOf(checked)) {
      const known = outside.get(keyOf(problem));
      if (known !== undefined && valueAt(own, problem.path) === undefined) toldOutside.add(known);
      else problems.push(toVariantProblem(name, problem, base, own));
    }
  }
  // If no variant is a map, the fields outside the variants are judged by themselves.
  if (!Object.values(variants).some(isDataMap)) problems.push(...outside.values());
  const names = Object.keys(variants);
  return { variants: found, loads, names, problems: [...toldOutside, ...problems] };
}

function problemsOf(checked: Checked): Problem[] {
  return 'problems' in checked ? checked.problems : [];
}

function keyOf({ path, text }: Problem): string {
  return `${renderPath(path)} ${text}`;
}

function checkCount(variants: unknown): Problem[] {
  if (!isDataMap(variants)) return [];
  const count = Object.keys(variants).length;
  if (count >= 1 && count <= MAX_VARIANTS) return [];
  const path = ['variants'];
  const text = `must be 1 to ${MAX_VARIANTS}, got ${count === 0 ? 'none' : count}`;
  return [{ path, field: path, blames: 'value', text }];
}

function refuseOverride(name: string, field: string): Problem {
  const path = ['variants', name, field];
  const text = `must be left out: ${NOT_OVERRIDDEN[field]}`;
  return { path, field: path, blames: 'name', text };
}

/** Reports a problem at the variant that caused it, even if the field itself comes from outside the variant. */
function toVariantProblem(
  name: string,
  problem: Problem,
  base: unknown,
  over: Record<string, unknown>,
): Problem {
  const { path, field, blames } = problem;
  const inVariant = (part: FieldPath): FieldPath => ['variants', name, ...part];
  const fromOutside =
    valueAt(over, path) === undefined && valueAt(base, path) !== undefined
      ? `; ${renderPath(path)} is set outside the variant`
      : '';
  const text = blames === 'name' && field.length === 0 ? describeUnknown(path) : problem.text;
  return { path: inVariant(path), field: inVariant(field), blames, text: text + fromOutside };
}

function describeUnknown(path: FieldPath): string {
  const known = Object.keys(scenarioSchema.shape).filter(
    (field) => !Object.hasOwn(NOT_OVERRIDDEN, field),
  );
  return describeUnknownName(String(path.at(-1)), known);
}
