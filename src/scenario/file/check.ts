import type { z } from 'zod';
import { describeGot } from '../describe-got.ts';
import { findNearest, suggestNearest } from '../nearest.ts';
import { suggestPlainNumber } from '../plain-number.ts';
import { findProblemsBetween } from '../problems/between-fields.ts';
import { blockSchema, isBlockMap, listBlocks } from '../schema/load-schema.ts';
import { type Scenario, scenarioFileSchema, scenarioSchema } from '../schema/schema.ts';
import { type FieldPath, isPrefix, renderPath, valueAt } from './field-path.ts';
import { listChoices, listFields } from './fields.ts';

/** A problem of a scenario. */
export interface Problem {
  /** The path of the field, even if the field is unknown. */
  path: FieldPath;
  /**
   * Whether the position of the problem is the field's name or its value. A missing field's position is its parent's.
   */
  blames: 'name' | 'value';
  /** The text that follows the field's name, e.g. `must be above 0, got -5`. `field`: the field that is named. */
  field: FieldPath;
  text: string;
}

export type Checked = { scenario: Scenario } | { problems: Problem[] };

/**
 * Checks data of any shape as one whole scenario, without variants. Returns the scenario, or all problems in no
 * particular order.
 */
export function checkScenario(data: unknown): Checked {
  const parsed = scenarioSchema.safeParse(data, { error: describeIssue });
  const problems = [
    ...listNarrowest(parsed.error?.issues ?? []).flatMap((issue) => toProblems(issue, data)),
    ...checkMisnamedExecutor(data),
    ...findProblemsBetween(data).map(({ path, text }) => problemAt(path, text)),
  ];
  return parsed.success && problems.length === 0 ? { scenario: parsed.data } : { problems };
}

/** Returns what a schema finds wrong with data, in the words of people who write scenarios. */
export function findProblems(schema: z.ZodType, data: unknown): Problem[] {
  const { error } = schema.safeParse(data, { error: describeIssue });
  return listNarrowest(error?.issues ?? []).flatMap((issue) => toProblems(issue, data));
}

/** Removes upper bounds where a narrower one is broken too: every whole number also has the bound 2^53 - 1. */
function listNarrowest(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  return issues.filter(
    (issue) =>
      issue.code !== 'too_big' ||
      issues.every(
        (other) =>
          other.code !== 'too_big' ||
          renderPath(other.path as FieldPath) !== renderPath(issue.path as FieldPath) ||
          other.maximum >= issue.maximum,
      ),
  );
}

/**
 * Checks blocks with an unknown executor. The schema cannot look into them. If it is clear which executor was meant,
 * the rest of the block is checked as that one's, so that all problems come at once.
 */
function checkMisnamedExecutor(data: unknown): Problem[] {
  const known = listChoices(blockSchema, 'executor');
  const load = valueAt(data, ['load']);
  const misnamed = listBlocks(load as unknown).flatMap(({ name, path, block }) => {
    const executor = valueAt(block, ['executor']);
    if (typeof executor !== 'string' || known.includes(executor)) return [];
    const meant = findNearest(executor, known);
    const corrected = { ...(block as object), executor: meant };
    return meant === undefined ? [] : [{ name, path, corrected }];
  });
  const [first] = misnamed;
  if (first === undefined) return [];
  const corrected = isBlockMap(load)
    ? { ...load, ...Object.fromEntries(misnamed.map((it) => [it.name, it.corrected])) }
    : first.corrected;
  const checked = checkScenario({ ...(data as object), load: corrected });
  return 'problems' in checked
    ? checked.problems.filter((it) => misnamed.some(({ path }) => isPrefix(path, it.path)))
    : [];
}

function toProblems(issue: z.core.$ZodIssue, data: unknown): Problem[] {
  // The schema's paths may hold symbols; those of YAML data do not.
  const path = issue.path as FieldPath;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name, index) =>
      index < MOST_ADVISED ? describeUnknown(path, name, data) : nameUnknown(path, name),
    );
  }
  if (issue.code === 'invalid_key') {
    const reason = issue.issues[0]?.message ?? issue.message;
    return [{ path, field: path, blames: 'name', text: reason }];
  }
  const meant = findMeantOption(issue, data);
  if (meant !== undefined) {
    return meant.flatMap((it) => toProblems({ ...it, path: [...path, ...it.path] }, data));
  }
  const got = valueAt(data, path);
  if (got === undefined) return [problemAt(path, `is missing: it ${issue.message}`)];
  const wanted =
    isNumberType(issue) && typeof got === 'number' && !Number.isFinite(got)
      ? FINITE
      : issue.message;
  return [problemAt(path, describeGot(wanted, show(got)) + suggestChoice(issue, got))];
}

/** YAML has .nan and .inf, and 1e400 is read as Infinity. */
const FINITE = 'must be a finite number';

function isNumberType(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type' && ['number', 'int'].includes(issue.expected);
}

/** Returns the issues of one option of a union, if the value's type shows which option was meant. */
function findMeantOption(issue: z.core.$ZodIssue, data: unknown): z.core.$ZodIssue[] | undefined {
  if (issue.code !== 'invalid_union') return undefined;
  if (issue.path.length === 1 && issue.path[0] === 'load' && issue.errors.length > 1) {
    return issue.errors[isBlockMap(valueAt(data, ['load'])) ? 1 : 0];
  }
  return issue.errors.find((issues) =>
    issues.every(({ code, path }) => code !== 'invalid_type' || path.length > 0),
  );
}

export function problemAt(path: FieldPath, text: string): Problem {
  return { path, field: path, blames: 'value', text };
}

function describeUnknown(parent: FieldPath, name: string, data: unknown): Problem {
  const known = listFields(scenarioFileSchema, parent, data);
  const text = describeUnknownName(name, known);
  return { path: [...parent, name], field: parent, blames: 'name', text };
}

/** At most this many problems are reported, and a suggestion for each takes time. */
const MOST_ADVISED = 100;

function nameUnknown(parent: FieldPath, name: string): Problem {
  return {
    path: [...parent, name],
    field: parent,
    blames: 'name',
    text: `unknown field \`${name}\``,
  };
}

export function describeUnknownName(name: string, known: readonly string[]): string {
  const advice = suggestNearest(name, known) || `; known: ${known.join(', ')}`;
  return `unknown field \`${name}\`${advice}`;
}

function suggestChoice(issue: z.core.$ZodIssue, got: unknown): string {
  if (issue.code === 'invalid_type' && typeof got === 'string' && issue.expected === 'number') {
    return suggestPlainNumber(got);
  }
  const choices = issue.code === 'invalid_union' ? listOptions(issue) : listValues(issue);
  return typeof got === 'string' ? suggestNearest(got, choices) : '';
}

/** Describes zod's issues in the words of people who write scenarios. The schema's own messages take precedence. */
function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int'
        ? `must be ${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}`
        : 'must not be empty';
    case 'too_big':
      return `must ${SIZE_VERBS[issue.origin] ?? 'be'} at most ${issue.maximum}${SIZE_NOUNS[issue.origin] ?? ''}`;
    case 'invalid_value':
      return `must be ${listInWords(listValues(issue))}`;
    case 'invalid_union':
      return `must be ${listInWords(listOptions(issue))}`;
    default:
      return undefined;
  }
}

const TYPE_NAMES: Record<string, string> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  object: 'a map of fields',
  record: 'a map of names to values',
  array: 'a list',
};
const SIZE_VERBS: Record<string, string> = { string: 'have', array: 'have' };
const SIZE_NOUNS: Record<string, string> = { string: ' characters', array: ' entries' };

function listValues(issue: { code?: string | undefined; values?: unknown }): string[] {
  return Array.isArray(issue.values) ? issue.values.map(String) : [];
}

function listOptions(issue: { code?: string | undefined; options?: unknown }): string[] {
  return Array.isArray(issue.options) ? issue.options.map(String) : [];
}

function listInWords(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

const SHOWN_CHARACTERS = 40;

/** Renders a value so that a person recognises it, in one short line. */
function show(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value !== 'string') return String(value);
  const text = value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}...` : value;
  return JSON.stringify(text);
}
