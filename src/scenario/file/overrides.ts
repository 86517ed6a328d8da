import { type Document, isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { UsageError } from '../../errors.ts';
import { isBlockMap } from '../schema/load-schema.ts';
import { type FieldPath, parsePath, renderPath, valueAt } from './field-path.ts';
import { parseValue } from './override-value.ts';
import { RESERVED_NAME, RESERVED_TEXT } from './reserved-names.ts';

/** A field that is set from outside the file. */
export interface Override {
  /** The path: `load.rate`, `load.stages[0].target`. */
  path: string;
  /** The value: a YAML scalar, or a list or map in brackets. */
  value: string;
  /** The flag or variable as it was given, for the positions of problems: `--set load.rate=5`, `CONNSTORM_RATE=5`. */
  source: string;
  /** Whether it was given by a short name. Such a name is refused if it could mean several fields. */
  shorthand?: boolean;
  /** Whether the value is added to the list at the path; absent: it replaces. */
  isAdded?: boolean;
  /** Whether the value is plain text, not YAML. */
  isText?: boolean;
}

/** Fields that have their own flag and environment variable. */
const SHORTHANDS = {
  rate: 'load.rate',
  duration: 'load.duration',
  workers: 'workers',
  seed: 'seed',
  driver: 'connection.driver',
  repeat: 'repeat',
} as const;

/**
 * Returns the overrides of a command line and its environment, weakest first: CONNSTORM_RATE, _DURATION, _WORKERS,
 * _SEED, _DRIVER, _REPEAT; then --rate, --duration, --workers, --seed, --driver, --repeat; then --label; then --set;
 * then --budget, which adds. An empty variable counts as not set.
 * @param args flags as yargs gives them, declared as strings (`set` and `budget` repeatable)
 * @throws UsageError for a flag without a value, a flag given twice, or a --set that is not path=value
 */
export function collectOverrides(
  args: Record<string, unknown>,
  env: Record<string, string | undefined>,
): Override[] {
  const names = Object.entries(SHORTHANDS);
  const fromEnv = names.flatMap(([name, path]) => {
    const variable = `CONNSTORM_${name.toUpperCase()}`;
    const value = env[variable];
    return value ? [{ path, value, source: `${variable}=${value}`, shorthand: true }] : [];
  });
  const fromFlags = names.flatMap(([name, path]) => {
    if (args[name] === undefined) return [];
    const value = readSingle(name, args[name]);
    return [{ path, value, source: `--${name} ${value}`, shorthand: true }];
  });
  const sets = args.set === undefined ? [] : [args.set].flat();
  const budgets = args.budget === undefined ? [] : [args.budget].flat();
  refuseMany('set', sets.length);
  refuseMany('budget', budgets.length);
  return [
    ...fromEnv,
    ...fromFlags,
    ...(args.label === undefined ? [] : [labelRun(readSingle('label', args.label))]),
    ...sets.map((text) => parseSet(String(text))),
    ...budgets.map((text) => addBudget(String(text))),
  ];
}

/** Each of these overrides is compared with all others. */
const MOST_OF_A_FLAG = 1000;

function refuseMany(name: string, given: number): void {
  if (given <= MOST_OF_A_FLAG) return;
  const message = `--${name} must be given at most ${MOST_OF_A_FLAG} times, got ${given}: put them into the scenario's file`;
  throw new UsageError('FLAG_REPEATED', message);
}

function readSingle(name: string, value: unknown): string {
  if (Array.isArray(value)) {
    throw new UsageError('FLAG_REPEATED', `--${name} must be given once, got ${value.join(', ')}`);
  }
  if (value === '') throw new UsageError('FLAG_WITHOUT_VALUE', `--${name} needs a value`);
  return String(value);
}

function parseSet(text: string): Override {
  const separator = text.indexOf('=');
  if (separator < 1) {
    throw new UsageError(
      'SET_INVALID',
      `--set must be path=value such as load.rate=100, got "${shorten(text)}"`,
    );
  }
  const path = text.slice(0, separator).trim();
  return { path, value: text.slice(separator + 1), source: `--set ${shorten(text)}` };
}

const LONGEST_SHOWN = 200;

/** Cuts a text of any length for a message. */
function shorten(text: string): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}...`;
}

/** Returns the override for a label, which stays text even where YAML would read a number or a list. */
function labelRun(text: string): Override {
  return { path: 'run.label', value: text, source: '--label', isText: true };
}

function addBudget(text: string): Override {
  const source = `--budget "${shorten(text)}"`;
  return { path: 'budgets', value: text, source, isAdded: true };
}

/** An override that could not be applied to the file, and why. */
export interface OverrideProblem {
  override: Override;
  text: string;
}

/**
 * Returns the overrides that add, each with the path of the entry that it becomes. `yaml`: the document with all other
 * overrides applied.
 */
export function placeAdded(yaml: Document, overrides: readonly Override[]): Override[] {
  const placed: Override[] = [];
  for (const override of overrides) {
    const { path } = override;
    const at = parsePath(path) ?? [];
    // An added value treats a field without a value as an empty list.
    if (yaml.hasIn(at) && yaml.getIn(at) === null) yaml.deleteIn(at);
    const list = yaml.getIn(at);
    const before = placed.filter((one) => one.path.startsWith(`${path}[`)).length;
    const index = (isSeq(list) ? list.items.length : 0) + before;
    placed.push({ ...override, path: `${path}[${index}]` });
  }
  return placed;
}

/** Applies overrides to the document, in their order: later ones win. Returns those that could not be applied. */
export function applyOverrides(yaml: Document, overrides: readonly Override[]): OverrideProblem[] {
  const problems = overrides.flatMap((override) => {
    const text = applyOverride(yaml, override);
    return text === undefined ? [] : [{ override, text }];
  });
  return [...problems, ...refuseAmbiguous(yaml, overrides)];
}

function applyOverride(yaml: Document, override: Override): string | undefined {
  const path = parsePath(override.path);
  if (path === undefined) {
    return `\`${override.path}\` is not a field's path, such as load.stages[0].target`;
  }
  if (path.includes(RESERVED_NAME)) return RESERVED_TEXT;
  const isText = override.isAdded === true || override.isText === true;
  // An added value is text, as if it were in quotes.
  const value = isText ? { data: override.value } : parseValue(override.value);
  if ('fault' in value) return value.fault;
  const obstacle = findObstacle(yaml, path);
  if (obstacle === undefined) yaml.setIn(path, value.node ?? yaml.createNode(value.data));
  return obstacle;
}

/**
 * Returns why `path` cannot be set: a parent on the way that cannot have the field or entry. Undefined if nothing is in
 * the way.
 */
function findObstacle(yaml: Document, path: FieldPath): string | undefined {
  for (const [depth, segment] of path.entries()) {
    const parentPath = path.slice(0, depth);
    const parent = depth === 0 ? yaml.contents : yaml.getIn(parentPath, true);
    const name = renderPath(parentPath) || 'the scenario';
    // From here on everything is new.
    if (parent === undefined) return path.slice(depth).some(isLater) ? NOT_FIRST : undefined;
    if (isSeq(parent)) {
      if (typeof segment !== 'number') return `${name} is a list: give an index, as in ${name}[0]`;
      const next = parent.items.length;
      if (segment > next) return `${name} has ${next} so far: the next is ${name}[${next}]`;
    } else if (!isMap(parent)) {
      return `${name} has no fields`;
    }
  }
  return undefined;
}

const NOT_FIRST = 'a new list begins with its entry [0]';

function isLater(segment: string | number): boolean {
  return typeof segment === 'number' && segment > 0;
}

/**
 * Refuses short flags for rate and duration if it is not clear which one is meant: a ramp has several stages, and
 * several blocks have one each.
 */
function refuseAmbiguous(yaml: Document, overrides: readonly Override[]): OverrideProblem[] {
  const describe = chooseDescription(yaml, overrides);
  if (describe === undefined) return [];
  const refused = overrides.filter(({ path, shorthand }) => shorthand && path in MEANT_IN_RAMP);
  // Otherwise the same override would also be reported as an unknown field.
  for (const { path } of refused) yaml.deleteIn(path.split('.'));
  return refused.map((override) => ({ override, text: describe(override) }));
}

function chooseDescription(
  yaml: Document,
  overrides: readonly Override[],
): ((override: Override) => string) | undefined {
  const executor = yaml.getIn(['load', 'executor']);
  if (executor === 'ramping-arrival-rate' || executor === 'ramping-clients') return describeRamp;
  if (executor === 'saturation-search') return describeSearch;
  const load = yaml.get('load');
  if (!isMap(load)) return undefined;
  const set = new Set(overrides.map(({ path }) => path));
  // Fields that the flags themselves have set are no blocks.
  const names = load.items.map(({ key }) => String(isScalar(key) ? key.value : key));
  const converted = convertNode(load, yaml);
  if (converted === undefined) return undefined;
  const { data } = converted;
  const own = names.filter((name) => !set.has(`load.${name}`));
  const blocks = Object.fromEntries(own.map((name) => [name, valueAt(data, [name])]));
  const [first] = own;
  if (first === undefined || !isBlockMap(blocks)) return undefined;
  return ({ path, value }) => {
    const field = path.replace('load.', '');
    return `ambiguous: load has blocks of its own names; set one, as in --set load.${first}.${field}=${value}`;
  };
}

/** Returns undefined if the node's aliases cannot be resolved, which is reported for the whole file. */
function convertNode(node: YAMLMap, yaml: Document): { data: unknown } | undefined {
  try {
    return { data: node.toJS(yaml) };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return undefined;
  }
}

const MEANT_IN_RAMP: Record<string, { noun: string; field: string }> = {
  'load.rate': { noun: 'rates', field: 'target' },
  'load.duration': { noun: 'durations', field: 'duration' },
};

function describeSearch({ path }: Override): string {
  const fields = path === 'load.rate' ? 'load.startRate or load.maxRate' : 'load.maxDuration';
  return `a saturation-search chooses its rates and its duration itself: set ${fields}, or run steady for one rate`;
}

function describeRamp({ path, value }: Override): string {
  const { noun, field } = MEANT_IN_RAMP[path] ?? { noun: 'values', field: path };
  return `ambiguous: a ramp's stages have ${noun} of their own; set one, as in --set load.stages[0].${field}=${value}`;
}
