import { PassThrough, Writable } from 'node:stream';
import { UsageError } from '../errors.ts';
import { checkFields, FIELD, type Kind, showKind } from '../options.ts';
import { loadScenario } from '../scenario/file/load-data.ts';
import { type LoadedScenario, readScenario } from '../scenario/file/read.ts';
import { isCheckedVariant } from '../scenario/plan/variants.ts';
import { type GuardedObserver, guardObserver, OBSERVER } from './guard-observer.ts';
import type { RunObserver, RunRequest } from './request.ts';

const SCENARIO = 'the name of a built-in one, a path, or its data';

/** Options of a run that a program starts. Only the scenario has no default. */
export interface RunOptions extends Partial<Omit<RunRequest, 'observer'>> {
  /**
   * Name of a built-in scenario, path of a file, or a scenario as data, which is checked as a file is. If `loaded` is
   * given, a scenario that was read already, this one is ignored.
   */
  scenario?: string | object;
  /**
   * The observer of the run; each method may be absent. Its errors disturb neither the run nor its figures, which stay
   * valid. They are still reported: the first one is in the outcome's `problem` (`OBSERVER_FAILED`), `reasons` contains
   * `internal`, and `summary.exitCode` is 1.
   */
  observer?: Partial<RunObserver>;
}

/**
 * Returns the whole request, with defaults for what the options leave out. Targets: those of the environment, else the
 * lab. Reserve: the usual one. Consent to storm other machines: none, and no person to ask. Result: a new file in
 * results/. Environment: that of this process. Signals: none.
 *
 * `stop` of the request is aborted by either signal, so cancelling stops, too.
 *
 * @throws UsageError if an option is unknown or of another kind, or the scenario is missing, wrong, or unreadable
 */
export function fillRequest(options: RunOptions): {
  request: RunRequest;
  guarded: GuardedObserver;
} {
  checkFields('runScenario', options, KINDS);
  const { stop = createSignal(), cancel = createSignal() } = options;
  const guarded = guardObserver(options.observer ?? {});
  const request: RunRequest = {
    ...options,
    loaded: options.loaded ?? load(options.scenario),
    targets: options.targets ?? [],
    reserve: options.reserve,
    yes: options.yes ?? false,
    out: options.out,
    postgresBin: options.postgresBin,
    env: options.env ?? process.env,
    stdin: options.stdin ?? new PassThrough().end(),
    stderr: options.stderr ?? new Writable({ write: (_bytes, _encoding, done) => done() }),
    stop: AbortSignal.any([stop, cancel]),
    cancel,
    observer: guarded.observer,
  };
  return { request, guarded };
}

const KINDS = {
  scenario: { expected: SCENARIO, fits: () => true },
  loaded: {
    expected:
      'what readScenario or loadScenario returned, with its variants unchanged (no copy of it, such as one by structuredClone)',
    fits: (value) => FIELD.data.fits(value) && isLoaded(value as Record<string, unknown>),
  },
  targets: FIELD.texts,
  reserve: FIELD.count,
  beyondSlots: FIELD.flag,
  trustScenario: FIELD.flag,
  yes: FIELD.flag,
  out: FIELD.or(FIELD.text, false),
  overwrite: FIELD.flag,
  postgresBin: FIELD.text,
  pins: {
    expected: "an object with CPUs as text, as in { generator: '0', server: '1' }",
    fits: (value) => FIELD.data.fits(value) && Object.entries(value as object).every(isPin),
  },
  env: FIELD.data,
  stdin: FIELD.readable,
  stderr: FIELD.writable,
  stop: FIELD.signal,
  cancel: FIELD.signal,
  observer: OBSERVER,
} satisfies Record<keyof RunOptions, Kind>;

/**
 * Returns whether a value has the kinds that a run relies on. A program may have changed fields beside the variants.
 */
function isLoaded({ variants, repeat, ...others }: Record<string, unknown>): boolean {
  if (!Array.isArray(variants) || variants.length === 0) return false;
  if (!variants.every(isCheckedVariant) || !FIELD.count.fits(repeat) || repeat === 0) return false;
  const { name, path, shows, label, warmUpUs, compare, budgets, taste, flagged, trusted } = others;
  return (
    isText(name) &&
    [path, shows, label ?? ''].every((text) => typeof text === 'string') &&
    FIELD.count.fits(warmUpUs) &&
    FIELD.data.fits(compare) &&
    FIELD.data.fits(taste ?? {}) &&
    [budgets, flagged ?? [], trusted ?? []].every((texts) => FIELD.texts.fits(texts))
  );
}

function isPin([who, cpus]: [string, unknown]): boolean {
  return (who === 'generator' || who === 'server') && (cpus === undefined || isText(cpus));
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function createSignal(): AbortSignal {
  return new AbortController().signal;
}

function load(scenario: unknown): LoadedScenario {
  if (typeof scenario === 'string') return readScenario(scenario);
  if (typeof scenario === 'object' && scenario !== null) return loadScenario(scenario);
  if (scenario !== undefined) {
    const message = `scenario must be ${SCENARIO}, got ${showKind(scenario)}`;
    throw new UsageError('BAD_OPTIONS', message);
  }
  throw new UsageError('SCENARIO_MISSING', `a run needs a scenario: ${SCENARIO}`);
}
