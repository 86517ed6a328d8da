import { PassThrough, Writable } from 'node:stream';
import { UsageError } from '../errors.ts';
import { loadScenario } from '../scenario/load-data.ts';
import { type LoadedScenario, readScenario } from '../scenario/read.ts';
import { type GuardedObserver, guardObserver } from './guard-observer.ts';
import type { RunObserver, RunRequest } from './request.ts';

/** What a program says of a run. Only the scenario has no default. */
export interface RunOptions extends Partial<Omit<RunRequest, 'observer'>> {
  /**
   * A built-in scenario's name, a file's path, or a scenario as data, which is checked as a file is. `loaded`, one that was read
   * already, goes before it.
   */
  scenario?: string | object;
  /** Told what happens, as far as it has methods for it. Its errors never disturb the run. */
  observer?: Partial<RunObserver>;
}

/**
 * The whole request: without targets those of the environment, else the lab; no reserve but the usual one; no consent to storm other
 * machines, and nobody to ask; a new file in results/; this process's environment; nobody who stops or cancels.
 *
 * Whoever cancels stops too: `stop` is aborted by either signal.
 *
 * @throws UsageError where the scenario is missing, wrong, or cannot be read
 */
export function fillRequest(options: RunOptions): {
  request: RunRequest;
  guarded: GuardedObserver;
} {
  checkOptions(options);
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

const KNOWN: Record<keyof RunOptions, true> = {
  scenario: true,
  loaded: true,
  targets: true,
  reserve: true,
  beyondSlots: true,
  trustScenario: true,
  yes: true,
  out: true,
  overwrite: true,
  postgresBin: true,
  pins: true,
  env: true,
  stdin: true,
  stderr: true,
  stop: true,
  cancel: true,
  observer: true,
};

/** A program without types may misspell an option, and would storm the lab in the place of its server. */
function checkOptions(options: RunOptions): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(KNOWN, name));
  if (unknown !== undefined) {
    const message = `unknown option \`${unknown}\`; known: ${Object.keys(KNOWN).join(', ')}`;
    throw new UsageError('BAD_OPTIONS', message);
  }
  const { targets, stop, cancel, observer = {} } = options as Record<string, unknown>;
  const isList = Array.isArray(targets) && targets.every((text) => typeof text === 'string');
  if (targets !== undefined && !isList) {
    throw new UsageError('BAD_OPTIONS', 'targets must be a list of connection strings');
  }
  for (const [name, signal] of Object.entries({ stop, cancel })) {
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw new UsageError('BAD_OPTIONS', `${name} must be an AbortSignal`);
    }
  }
  if (typeof observer !== 'object' || observer === null) {
    throw new UsageError('BAD_OPTIONS', 'observer must be an object with methods');
  }
}

function createSignal(): AbortSignal {
  return new AbortController().signal;
}

function load(scenario: unknown): LoadedScenario {
  if (typeof scenario === 'string') return readScenario(scenario);
  if (typeof scenario === 'object' && scenario !== null) return loadScenario(scenario);
  const message = 'a run needs a scenario: the name of a built-in one, a path, or its data';
  throw new UsageError('SCENARIO_MISSING', message);
}
