import { escapeControls } from '../../controls.ts';
import { nounOf } from '../../counted.ts';
import { UsageError } from '../../errors.ts';
import { checkScenarioFile, type ScenarioFile } from '../plan/variants.ts';
import type { Problem } from './check.ts';
import {
  describeAliasFault,
  locateField,
  type Position,
  parseYaml,
  readWrittenNumber,
  type ScenarioDocument,
} from './document.ts';
import { type FieldPath, isPrefix, parsePath, renderPath } from './field-path.ts';
import { applyOverrides, type Override, placeAdded } from './overrides.ts';
import { findReservedNames, RESERVED_NAME, RESERVED_TEXT } from './reserved-names.ts';
import { findShadowed } from './shadowed.ts';

const MAX_PROBLEMS_SHOWN = 100;

/**
 * Parses a scenario and its variants from text (YAML or JSON), with overrides applied.
 * @param fileName the name of the file in messages
 * @param given overrides, weakest first
 * @throws UsageError `SCENARIO_INVALID` with all problems, one line each
 */
export function parseScenario(
  text: string,
  fileName: string,
  given: readonly Override[] = [],
): ScenarioFile {
  const document = parseYaml(text, isMeantAsJson(text, fileName));
  const faults = document.problems.map((it) => toFileLine(fileName, it, it.text));
  if (!document.legible) throw refuse(faults);

  const replacing = given.filter(({ isAdded }) => isAdded !== true);
  const misfits = applyOverrides(document.yaml, replacing);
  const added = placeAdded(
    document.yaml,
    given.filter(({ isAdded }) => isAdded === true),
  );
  misfits.push(...applyOverrides(document.yaml, added));
  const overrides = [...replacing, ...added];
  const data = convertToData(fileName, document);
  const refused = [...misfits, ...findShadowed(data, overrides)].map(({ override, text }) =>
    toOverrideLine(overrides, override, text),
  );
  const checked = checkScenarioFile(data);
  const reserved = findReservedNames(data).map((path) => describeReserved(path));
  const others = 'problems' in checked ? checked.problems : [];
  const found = [...reserved, ...others.filter(({ path }) => !path.includes(RESERVED_NAME))];
  const problems = found.map((it) => placeProblem(it, fileName, document, overrides));
  const all = [...faults, ...refused, ...problems];
  if (all.length > 0 || !('file' in checked)) throw refuse(all);
  return checked.file;
}

/**
 * Returns whether the text is meant as JSON. A YAML map can begin with a brace too, but its names are seldom in quotes.
 */
function isMeantAsJson(text: string, fileName: string): boolean {
  return /\.json(?:\.gz)?$/i.test(fileName) || /^\uFEFF?\s*\{\s*"/.test(text);
}

/** A problem as people read it, with its sort key: lines of the file first, then overrides in their order. */
interface ProblemLine {
  line: number;
  column: number;
  text: string;
}

function toFileLine(fileName: string, { line, column }: Position, text: string): ProblemLine {
  return { line, column, text: `${fileName}:${line}:${column} ${text}` };
}

function toOverrideLine(
  overrides: readonly Override[],
  override: Override,
  text: string,
): ProblemLine {
  const place = { line: Number.POSITIVE_INFINITY, column: overrides.indexOf(override) };
  return { ...place, text: `${override.source}: ${text}` };
}

function describeReserved(path: FieldPath): Problem {
  return { path, field: path.slice(0, -1), blames: 'name', text: RESERVED_TEXT };
}

/** Finds the position to blame for a problem: the override that set the field last, otherwise the field in the file. */
function placeProblem(
  problem: Problem,
  fileName: string,
  document: ScenarioDocument,
  overrides: readonly Override[],
): ProblemLine {
  const { path, blames } = problem;
  const text = echoNumber(nameField(problem), document, path);
  const override = overrides.findLast((it) => isPrefix(parsePath(it.path) ?? [''], path));
  if (override !== undefined) return toOverrideLine(overrides, override, text);
  const position = locateField(document, path, blames);
  if (position !== undefined) return toFileLine(fileName, position, text);
  const creator = findCreator(path, overrides);
  return creator === undefined
    ? toFileLine(fileName, { line: 1, column: 1 }, text)
    : toOverrideLine(overrides, creator, text);
}

/** Puts the number as it was written into a problem's text: a person recognises `1e400`, not the Infinity that it became. */
function echoNumber(text: string, { yaml }: ScenarioDocument, path: FieldPath): string {
  const number = readWrittenNumber(yaml, path);
  if (number === undefined) return text;
  const [before = '', after, ...others] = text.split(`, got ${number.value}`);
  if (after === undefined || others.length > 0 || /^[\w.]/.test(after)) return text;
  return `${before}, got ${number.written}${after}`;
}

/**
 * Finds the override that created a field which is neither in the file nor set directly, by setting something near it.
 */
function findCreator(path: FieldPath, overrides: readonly Override[]): Override | undefined {
  for (let length = path.length; length > 0; length--) {
    const part = path.slice(0, length);
    const creator = overrides.find((it) => isPrefix(part, parsePath(it.path) ?? []));
    if (creator !== undefined) return creator;
  }
  return undefined;
}

function nameField({ field, text, blames, path }: Problem): string {
  const name = renderPath(field);
  const isUnknown = blames === 'name' && path.length > field.length;
  if (isUnknown) return name === '' ? text : `${name}: ${text}`;
  return `${name === '' ? 'the scenario' : name} ${text}`;
}

function refuse(problems: readonly ProblemLine[]): UsageError {
  const sorted = [...problems].sort((a, b) =>
    a.line === b.line ? a.column - b.column : a.line < b.line ? -1 : 1,
  );
  // Each problem stays on one line, whatever the names and values in the file contain.
  const shown = sorted.slice(0, MAX_PROBLEMS_SHOWN).map(({ text }) => escapeControls(text));
  const hidden = sorted.length - shown.length;
  if (hidden > 0) shown.push(`... and ${hidden} more ${nounOf(hidden, 'problem')}`);
  return new UsageError('SCENARIO_INVALID', shown.join('\n'));
}

/**
 * Converts the document to data.
 * @throws UsageError if nested aliases multiply beyond yaml's limit
 */
function convertToData(fileName: string, document: ScenarioDocument): unknown {
  try {
    return document.yaml.toJS();
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    const message = `${fileName}:1:1 has ${describeAliasFault(cause)}`;
    throw new UsageError('SCENARIO_INVALID', message, { cause });
  }
}
