import { UsageError } from '../errors.ts';
import type { RunOptions } from '../run/fill-request.ts';
import type { RunOutcome } from '../run/request.ts';
import { runScenario as runForPeople } from '../run.ts';
import { nameOptions, tellProgram } from './option-names.ts';

/**
 * Runs a scenario: all rounds of all its variants. Everything that it started has ended when it resolves or rejects. Rejects with
 * a ConnstormError for whatever keeps it from starting, an interruption before the storm too. Afterwards it resolves with what was
 * measured, whatever happens: `stop` lets what is under way end, `cancel` ends it at once, and errors of the observer stand in
 * `problem`.
 */
export async function runScenario(options: RunOptions): Promise<RunOutcome> {
  refuseNoTargets(options);
  try {
    const outcome = await runForPeople(withOptionNames(options));
    if (outcome.problem !== undefined) tellProgram(outcome.problem);
    return outcome;
  } catch (error) {
    throw tellProgram(error);
  }
}

/** A list that came out empty was to name a server: the lab's figures must not be taken for that server's. */
function refuseNoTargets(options: RunOptions | undefined): void {
  const { targets } = options ?? {};
  if (!Array.isArray(targets) || targets.length > 0) return;
  const message =
    "targets is an empty list: name a server, say targets: ['lab'] for the lab, or leave it out for the environment's target, else the lab";
  throw new UsageError('BAD_OPTIONS', message);
}

/** Notes name options, too. */
function withOptionNames(options: RunOptions): RunOptions {
  const { observer } = options ?? {};
  if (typeof observer?.note !== 'function') return options;
  const told = Object.create(observer) as NonNullable<RunOptions['observer']>;
  told.note = (text, kind) => observer.note?.(nameOptions(text), kind);
  return { ...options, observer: told };
}
