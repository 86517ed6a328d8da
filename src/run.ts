import type { RunHeader } from './result/lift.ts';
import type { ResultWriter } from './result/write/write.ts';
import { addProblem, conclude } from './run/conclude.ts';
import { describeRun } from './run/describe/describe-run.ts';
import { fillRequest, type RunOptions } from './run/fill-request.ts';
import { RunJournal } from './run/legs/journal.ts';
import { runStorms } from './run/legs/storm.ts';
import { tasteRate } from './run/legs/taste-rate.ts';
import { checkAddresses } from './run/place/choose-place.ts';
import { checkNeeds } from './run/place/needs.ts';
import type { Pins } from './run/place/pinning.ts';
import { watchLabs } from './run/place/run-lab.ts';
import { type Place, withPlace } from './run/place/with-place.ts';
import { prepareVariants } from './run/prepare/prepare.ts';
import type { RunOutcome, RunRequest } from './run/request.ts';
import { withResult } from './run/with-result.ts';
import { planRounds } from './scenario/plan/rounds.ts';
import { findTaste } from './scenario/plan/taste.ts';

/**
 * Runs a scenario: all rounds of all its variants. Everything that it started has ended when it resolves or rejects.
 * Rejects with a ConnstormError for whatever keeps it from starting, and for an interruption before the storm. Once the
 * storm has begun, it resolves with what was measured, whatever happens: `stop` lets the attempts under way end,
 * `cancel` ends them at once. An error of the observer is in the outcome's `problem`.
 */
export async function runScenario(options: RunOptions): Promise<RunOutcome> {
  const { request, guarded } = fillRequest(options);
  checkNeeds(request.loaded);
  await checkAddresses(request.loaded);
  // Before anything is started: a storm whose result cannot be written is not worth running.
  const outcome = await withResult(request, (writer) =>
    withPlace(request, (place) => runAtPlace(request, place, writer)),
  );
  return guarded.failure === undefined ? outcome : addProblem(outcome, guarded.failure);
}

async function runAtPlace(
  request: RunRequest,
  { labs, assigned, poolSlots }: Place,
  writer: ResultWriter,
): Promise<RunOutcome> {
  const { loaded, observer, stop, cancel, pins = {} } = request;
  const [{ scenario }] = loaded.variants;
  const prepared = await prepareVariants(assigned, { labs, poolSlots }, request);
  const signals = { stop, cancel, broken: watchLabs(labs) };
  const { variants, ...tasted } = await tasteRate(prepared, findTaste(loaded), {
    signals,
    observer,
  });
  const rounds = planRounds(variants.length, loaded.repeat, scenario.seed);
  const header = addPins({ ...describeRun(loaded, variants, rounds, labs), ...tasted }, pins);
  const journal = new RunJournal(header, writer, observer);
  const run = await runStorms({ variants, rounds, journal, writer, signals, observer });
  observer.ended();
  return conclude(run, writer, { cancel, stop });
}

function addPins(header: RunHeader, pinned: Pins): RunHeader {
  if (Object.keys(pinned).length === 0) return header;
  return { ...header, environment: { ...header.environment, pinned } };
}
