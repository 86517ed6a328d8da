import { UsageError } from '../errors.ts';
import type { RunOptions } from '../run/fill-request.ts';
import type { RunOutcome } from '../run/request.ts';
import { runScenario as runForPeople } from '../run.ts';
import { nameOptions, nameOptionsInError } from './option-names.ts';

/**
 * Runs a scenario: all rounds of all its variants. Everything that it started has ended when it resolves or rejects.
 * Rejects with a ConnstormError for whatever keeps it from starting, and for an interruption before the storm. Once the
 * storm has begun, it resolves with what was measured, whatever happens: `stop` lets the attempts under way end,
 * `cancel` ends them at once. An error of the observer is in the outcome's `problem`.
 */
export async function runScenario(options: RunOptions): Promise<RunOutcome> {
  refuseNoTargets(options);
  try {
    const outcome = await runForPeople(withOptionNames(options));
    if (outcome.problem !== undefined) nameOptionsInError(outcome.problem);
    return outcome;
  } catch (error) {
    throw nameOptionsInError(error);
  }
}

/**
 * Refuses an empty list of targets. The list was meant to name a server, and the lab's figures must not be taken for
 * that server's.
 */
function refuseNoTargets(options: RunOptions | undefined): void {
  const { targets } = options ?? {};
  if (!Array.isArray(targets) || targets.length > 0) return;
  const message =
    "targets is an empty list: name a server, say targets: ['lab'] for the lab, or leave it out (the environment then names the target, and without one the lab is used)";
  throw new UsageError('BAD_OPTIONS', message);
}

/** Puts options in place of flags in notes, too. */
function withOptionNames(options: RunOptions): RunOptions {
  const { observer } = options ?? {};
  if (typeof observer?.note !== 'function') return options;
  const renaming = Object.create(observer) as NonNullable<RunOptions['observer']>;
  renaming.note = (text, kind) => observer.note?.(nameOptions(text), kind);
  return { ...options, observer: renaming };
}
