import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import { findJsonFault } from '../json-fault.ts';
import { type Excess, findExcess } from './excess.ts';
import type { FieldPath } from './field-path.ts';

/** A position in the file. Both numbers count from 1, as in editors. */
export interface Position {
  line: number;
  column: number;
}

export interface SyntaxProblem extends Position {
  text: string;
}

/** A YAML file (JSON is YAML too), with the position of each of its fields. */
export interface ScenarioDocument {
  yaml: Document;
  lines: LineCounter;
  problems: SyntaxProblem[];
  /** Whether the fields can be trusted and checked further in spite of the problems. */
  legible: boolean;
}

/**
 * Parses text of any kind. What is wrong with it is in `problems`.
 * @param isJson the text is meant as JSON, so faults are described as those of JSON
 */
export function parseYaml(text: string, isJson = false): ScenarioDocument {
  const lines = new LineCounter();
  const excess = findExcess(text);
  if (excess !== undefined) return refuseAt(text, excess);
  const yaml = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const faults = [...yaml.errors, ...yaml.warnings];
  const notJson = isJson ? findJsonFault(text) : undefined;
  if (notJson !== undefined && (faults.some(isOfSyntax) || isSlash(text, notJson))) {
    return refuseAt(text, { ...notJson, text: `not valid JSON: ${notJson.text}` });
  }
  const problems = [
    ...faults.map((fault) => describeFault(fault, text, lines)),
    ...findWrongAliases(yaml, lines),
    ...findMergeKeys(yaml, lines),
  ];
  if (yaml.contents === null) problems.push({ line: 1, column: 1, text: 'the file is empty' });
  const legible = !faults.some(isOfSyntax);
  return { yaml, lines, problems, legible: legible && problems.length === faults.length };
}

/**
 * Returns whether the fault is a slash. YAML would read names from JavaScript's comments. Its other differences from
 * JSON do no harm.
 */
function isSlash(text: string, { offset }: { offset: number }): boolean {
  return text[offset] === '/';
}

/** Returns whether a fault keeps the text from being read at all. */
function isOfSyntax({ code }: YAMLError): boolean {
  return code !== 'DUPLICATE_KEY';
}

function refuseAt(text: string, excess: Excess): ScenarioDocument {
  const before = text.slice(0, excess.offset).split('\n');
  const position = { line: before.length, column: (before.at(-1) ?? '').length + 1 };
  const problems = [{ ...position, text: excess.text }];
  return { yaml: parseDocument(''), lines: new LineCounter(), problems, legible: false };
}

function describeFault(fault: YAMLError, text: string, lines: LineCounter): SyntaxProblem {
  const position = positionAt(lines, fault.pos[0]);
  if (fault.code === 'DUPLICATE_KEY') {
    const name = /^["']?([^"':\s]+)/.exec(text.slice(fault.pos[0]))?.[1] ?? '';
    return { ...position, text: `field \`${name}\` is given twice` };
  }
  if (fault.code === 'MULTIPLE_DOCS') {
    return { ...position, text: 'a second document begins: expected one scenario a file' };
  }
  return { ...position, text: `not valid YAML: ${fault.message}` };
}

/**
 * Describes the error that yaml throws on conversion: an alias without an anchor before it, or nested aliases that
 * multiply.
 */
export function describeAliasFault({ message }: ReferenceError): string {
  const name = /Unresolved alias.*: (\S+)/.exec(message)?.[1];
  return name === undefined ? 'too many aliases for a scenario' : `no anchor &${name} before this`;
}

function findWrongAliases(yaml: Document, lines: LineCounter): SyntaxProblem[] {
  return listAliasFaults(yaml).map(({ offset, text }) => ({ ...positionAt(lines, offset), text }));
}

/**
 * Lists aliases without an anchor, and aliases inside their own anchor. yaml reports the former only on conversion and
 * without a position; from the latter it makes endless data.
 */
export function listAliasFaults(yaml: Document): { offset: number; text: string }[] {
  const faults: { offset: number; text: string }[] = [];
  visit(yaml, {
    Alias(_key, alias, parents) {
      const { source } = alias;
      const meant = alias.resolve(yaml);
      const offset = alias.range?.[0] ?? 0;
      if (meant === undefined) {
        faults.push({ offset, text: `not valid YAML: no anchor &${source} before this` });
      } else if (parents.some((parent) => parent === meant)) {
        const text = `an alias may not contain itself: *${source} is inside &${source}`;
        faults.push({ offset, text });
      }
    },
  });
  return faults;
}

/**
 * Refuses merge keys, which YAML 1.1 had and YAML 1.2 has not. In YAML 1.2, `<<` would be the name of a field, and the
 * fields of the merged map would be missing.
 */
function findMergeKeys(yaml: Document, lines: LineCounter): SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  visit(yaml, {
    Pair(_index, { key }) {
      if (!isScalar(key) || key.value !== '<<' || key.type !== 'PLAIN') return;
      const text = 'merge keys (`<<`) are not supported: write the fields themselves';
      problems.push({ ...positionAt(lines, key.range?.[0] ?? 0), text });
    },
  });
  return problems;
}

/**
 * Returns the position of a field's name or value in the file; for a missing field that of its innermost existing
 * parent. Undefined for a field that was put into the document after parsing.
 */
export function locateField(
  { yaml, lines }: ScenarioDocument,
  path: FieldPath,
  blames: 'name' | 'value',
): Position | undefined {
  let node: unknown = yaml.contents;
  let nameOffset = rangeStart(node);
  for (const segment of path) {
    if (isAlias(node)) node = node.resolve(yaml);
    if (isMap(node)) {
      // yaml, too, keeps the last of two equal keys.
      const pair = node.items.findLast(
        ({ key }) => String(isScalar(key) ? key.value : key) === segment,
      );
      if (pair === undefined) return toPosition(lines, nameOffset);
      nameOffset = rangeStart(pair.key);
      node = pair.value;
    } else if (isSeq(node) && typeof segment === 'number' && segment < node.items.length) {
      node = node.items[segment];
      nameOffset = rangeStart(node);
    } else {
      return toPosition(lines, nameOffset);
    }
  }
  return toPosition(lines, blames === 'name' ? nameOffset : (rangeStart(node) ?? nameOffset));
}

const LONGEST_NUMBER = 40;

/**
 * Returns a number and its text in the file, shortened: `1e400` for what became Infinity. Undefined if there is no
 * number, or its text is not known.
 */
export function readWrittenNumber(
  yaml: Document,
  path: FieldPath,
): { value: number; written: string } | undefined {
  const node = yaml.getIn(path, true);
  if (!isScalar(node) || typeof node.value !== 'number' || !node.source) return undefined;
  const { value, source } = node;
  const isLong = source.length > LONGEST_NUMBER;
  return { value, written: isLong ? `${source.slice(0, LONGEST_NUMBER)}...` : source };
}

function rangeStart(node: unknown): number | undefined {
  const range = (node as { range?: readonly number[] | null } | null)?.range;
  return range?.[0];
}

function toPosition(lines: LineCounter, offset: number | undefined): Position | undefined {
  return offset === undefined ? undefined : positionAt(lines, offset);
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
