import { PassThrough, Writable } from 'node:stream';
import { UsageError } from '../errors.ts';
import { checkFields, FIELD, type Kind, showKind } from '../options.ts';
import { loadScenario } from '../scenario/file/load-data.ts';
import { type LoadedScenario, readScenario } from '../scenario/file/read.ts';
import { isCheckedVariant } from '../scenario/plan/variants.ts';
import { type GuardedObserver, guardObserver, OBSERVER } from './guard-observer.ts';
import type { RunObserver, RunRequest } from './request.ts';

const SCENARIO = 'the name of a built-in one, a path, or its data';

/** What a program says of a run. Only the scenario has no default. */
export interface RunOptions extends Partial<Omit<RunRequest, 'observer'>> {
  /**
   * A built-in scenario's name, a file's path, or a scenario as data, which is checked as a file is. `loaded`, one that was read
   * already, goes before it.
   */
  scenario?: string | object;
  /**
   * Told what happens, as far as it has methods for it. Its errors never disturb the run nor its figures, which stay valid; but a
   * program that fails must not pass unseen: the first one stands in the outcome's `problem` (`OBSERVER_FAILED`), `reasons` has
   * `internal`, and `summary.exitCode` is 1.
   */
  observer?: Partial<RunObserver>;
}

/**
 * The whole request: without targets those of the environment, else the lab; no reserve but the usual one; no consent to storm other
 * machines, and nobody to ask; a new file in results/; this process's environment; nobody who stops or cancels.
 *
 * Whoever cancels stops too: `stop` is aborted by either signal.
 *
 * @throws UsageError where an option is unknown or of another kind, or the scenario is missing, wrong, or cannot be read
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

/** A program may have set other fields of it: those are of the kinds that a run relies on. */
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
