import { findExitReasons } from './analysis/exit-reasons.ts';
import { ConnstormError, decideExitCode } from './errors.ts';
import { lowerHeader, lowerSummary, type Run, type RunHeader } from './result/lift.ts';
import type { AnySummary } from './result/records/summary-records.ts';
import { ResultWriter } from './result/write/write.ts';
import { describeRun } from './run/describe/describe-run.ts';
import { fillRequest, type RunOptions } from './run/fill-request.ts';
import { RunJournal } from './run/legs/journal.ts';
import { runStorms } from './run/legs/storm.ts';
import { tasteRate } from './run/legs/taste-rate.ts';
import { type Assigned, assignLabs, assignTargets } from './run/place/assign-targets.ts';
import { checkAddresses, choosePlace } from './run/place/choose-place.ts';
import { type Pins, pin } from './run/place/pinning.ts';
import { findReserve, type RunLab, withRunLabs } from './run/place/run-lab.ts';
import { prepareVariants } from './run/prepare/prepare.ts';
import type { RunOutcome, RunRequest } from './run/request.ts';
import { createInterrupted, unlessStopped } from './run/unless-stopped.ts';
import { planRounds } from './scenario/plan/rounds.ts';

/**
 * Runs a scenario: all rounds of all its variants. Everything that it started has ended when it resolves or rejects. Rejects with
 * a ConnstormError for whatever keeps it from starting, an interruption before the storm too. Afterwards it resolves with what was
 * measured, whatever happens: `stop` lets what is under way end, `cancel` ends it at once, and errors of the observer stand in
 * `problem`.
 */
export async function runScenario(options: RunOptions): Promise<RunOutcome> {
  const { request, guarded } = fillRequest(options);
  const outcome = await runRequest(request);
  return guarded.failure === undefined ? outcome : addProblem(outcome, guarded.failure);
}

function addProblem(outcome: RunOutcome, problem: ConnstormError): RunOutcome {
  const reasons = [...new Set([...outcome.reasons, problem.exit])];
  const summary = { ...outcome.summary, exitCode: decideExitCode(reasons) };
  return { ...outcome, summary, reasons, problem: outcome.problem ?? problem };
}

async function runRequest(request: RunRequest): Promise<RunOutcome> {
  const { env, targets: texts, loaded, stop, cancel } = request;
  const { variants, name } = loaded;
  await checkAddresses(loaded);
  // Before anything is started: a result that cannot be written is not worth a storm.
  const writer = await openResult(request, name);
  // The command that cancels may end before a lab has ended, and an empty file would stay. Nothing is written after this.
  const leave = (): void => writer.closeIfEmpty();
  cancel.addEventListener('abort', leave);
  try {
    if (cancel.aborted) leave();
    const choice = await choosePlace(request);
    if (choice === undefined) {
      const given = await unlessStopped(stop, assignTargets({ variants, texts, env }));
      return await runAgainst(request, given, [], writer);
    }
    return await withRunLabs({ ...request, choice }, async (labs) => {
      const assigned = await assignLabs(variants, labs);
      const reserve = findReserve(request, choice);
      return runAgainst({ ...request, reserve }, assigned, labs, writer);
    });
  } finally {
    cancel.removeEventListener('abort', leave);
    writer.close();
  }
}

async function runAgainst(
  request: RunRequest,
  assigned: readonly Assigned[],
  labs: readonly RunLab[],
  writer: ResultWriter,
): Promise<RunOutcome> {
  const { loaded, observer, pins = {} } = request;
  pin(pins, []);
  for (const lab of labs) pinLab(lab, pins);
  const prepared = await prepareVariants(assigned, { isLab: labs.length > 0 }, request);
  const labEnded = labs.length > 0 ? Promise.race(labs.map(({ lab }) => lab.ended)) : undefined;
  const { variants, ...tasted } = await tasteRate(request, prepared, labEnded);
  const [{ scenario }] = loaded.variants;
  const rounds = planRounds(variants.length, loaded.repeat, scenario.seed);
  const header = tellPins({ ...describeRun(loaded, variants, rounds, labs), ...tasted }, pins);
  const journal = new RunJournal(header, writer, observer);
  const told = await runStorms(request, {
    variants,
    rounds,
    journal,
    writer,
    labEnded,
  });
  observer.ended();
  return conclude(told, writer, request);
}

async function openResult(
  { out, overwrite = false, stop, observer }: RunRequest,
  name: string,
): Promise<ResultWriter> {
  const waiting = (path: string): void =>
    observer.note(`waiting until somebody reads ${path}`, 'progress');
  const writer = await ResultWriter.openWhenRead(out, name, { stop, waiting, overwrite });
  if (writer === undefined) throw createInterrupted();
  return writer;
}

/** A flag outranks the scenario. */
function pinLab({ variants: [{ scenario }], lab, pooler }: RunLab, pins: Pins): void {
  const server = pins.server ?? scenario.lab?.postgres?.cpus;
  if (server !== undefined) pin({ server }, [lab.pid, ...(pooler?.pids ?? [])]);
}

function tellPins(header: RunHeader, pinned: Pins): RunHeader {
  if (Object.keys(pinned).length === 0) return header;
  return { ...header, environment: { ...header.environment, pinned } };
}

/** The summary is computed from the very records that were written, and is itself the last of them. */
async function conclude(
  { header: run, summary: finished }: Run,
  writer: ResultWriter,
  { cancel, stop }: RunRequest,
): Promise<RunOutcome> {
  const header = lowerHeader(run);
  const computed = lowerSummary(run, finished);
  const reasons = findExitReasons(computed);
  writer.append({ ...computed, exitCode: decideExitCode(reasons) });
  const resultPath = await writer.finish(cancel, stop);
  if (writer.failure !== undefined) reasons.push('internal');
  const summary = { ...computed, exitCode: decideExitCode(reasons) };
  const problem = writer.failure ?? describeCrash(summary);
  return { header, summary, resultPath, reasons, problem };
}

function describeCrash({ stoppedBy, reason }: AnySummary): ConnstormError | undefined {
  if (stoppedBy !== 'error') return undefined;
  const message = `${reason ?? 'the run failed'}; what was measured until then is kept`;
  return new ConnstormError('internal', 'WORKER_CRASHED', message);
}
