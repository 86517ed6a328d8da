import { findExitReasons } from './analysis/exit-reasons.ts';
import { ConnstormError, decideExitCode } from './errors.ts';
import type { AnyHeader } from './result/header.ts';
import type { AnySummary } from './result/summary-records.ts';
import { ResultWriter } from './result/write.ts';
import { type Assigned, assignLabs, assignTargets } from './run/assign-targets.ts';
import { blameVariantOf } from './run/blame-variant.ts';
import { describeRun, describeVariants } from './run/describe-run.ts';
import { RunJournal } from './run/journal.ts';
import { checkPinsHere, type Pins, pin } from './run/pinning.ts';
import { type Prepared, prepareVariants } from './run/prepare.ts';
import type { RunOutcome, RunRequest } from './run/request.ts';
import { findLab, type RunLab, reservePools, withRunLabs } from './run/run-lab.ts';
import { runStorms } from './run/storm.ts';
import { unlessStopped } from './run/unless-stopped.ts';
import { planRounds, type Round } from './scenario/legs.ts';
import type { LoadedScenario } from './scenario/read.ts';
import { checkLocalAddresses } from './target/local-addresses.ts';

/**
 * One run, from the scenario to its result: all rounds of all its variants. Everything it started is stopped when it
 * resolves or throws. Throws ConnstormError for whatever keeps it from starting; afterwards, what was measured is
 * always returned.
 */
export async function runScenario(request: RunRequest): Promise<RunOutcome> {
  const { env, targets: texts, out, loaded, stop, pins = {} } = request;
  const { variants, name } = loaded;
  for (const { name: variant, scenario } of variants) {
    const checking = checkLocalAddresses(scenario.connection.localAddresses ?? []);
    await blameVariantOf(variant, checking);
  }
  // Before anything is started: a result that cannot be written is not worth a storm.
  const writer = ResultWriter.open(out, name, { overwrite: request.overwrite === true });
  try {
    const given = await unlessStopped(stop, assignTargets({ variants, texts, env }));
    checkPinsHere(pins, given === undefined);
    if (given !== undefined) return await runAgainst(request, given, [], writer);
    checkLabPins(loaded);
    return await withRunLabs(request, async (labs) => {
      const assigned = await assignLabs(variants, labs);
      return runAgainst(reservePools(request, labs), assigned, labs, writer);
    });
  } finally {
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
  const variants = await prepareVariants(request, assigned, { isLab: labs.length > 0 });
  const [{ scenario }] = loaded.variants;
  const rounds = planRounds(variants.length, loaded.repeat, scenario.seed);
  const header = tellPins(describe(loaded, variants, rounds, labs), pins);
  const journal = new RunJournal(header, writer, observer);
  const told = await runStorms(request, {
    variants,
    rounds,
    journal,
    writer,
    labEnded: labs.length > 0 ? Promise.race(labs.map(({ lab }) => lab.ended)) : undefined,
  });
  observer.ended();
  return conclude(told, writer);
}

/** A flag outranks the scenario. */
function pinLab({ variants: [{ scenario }], lab, pooler }: RunLab, pins: Pins): void {
  const server = pins.server ?? scenario.lab?.postgres?.cpus;
  if (server !== undefined) pin({ server }, [lab.pid, ...(pooler?.pids ?? [])]);
}

function checkLabPins({ variants }: LoadedScenario): void {
  for (const { scenario } of variants) {
    const server = scenario.lab?.postgres?.cpus;
    if (server !== undefined) checkPinsHere({ server }, true);
  }
}

function tellPins<Header extends AnyHeader>(header: Header, pinned: Pins): Header {
  if (Object.keys(pinned).length === 0) return header;
  return { ...header, environment: { ...header.environment, pinned } };
}

/** A scenario without variants that runs once is told of as itself. */
function describe(
  loaded: LoadedScenario,
  variants: readonly Prepared[],
  rounds: readonly Round[],
  labs: readonly RunLab[],
): AnyHeader {
  const [first, ...others] = variants;
  const isNamed = loaded.variants[0].name !== undefined;
  if (first === undefined || others.length > 0 || isNamed || rounds.length > 1) {
    return describeVariants(loaded, variants, rounds, labs);
  }
  return describeRun(loaded, first, findLab(labs, first.variant));
}

/** The summary is computed from the very records that were written, and is itself the last of them. */
function conclude(
  { header, summary: computed }: { header: AnyHeader; summary: AnySummary },
  writer: ResultWriter,
): RunOutcome {
  const reasons = findExitReasons(computed);
  if (writer.failure !== undefined) reasons.push('internal');
  const summary = { ...computed, exitCode: decideExitCode(reasons) };
  writer.append(summary);
  const problem = writer.failure ?? describeCrash(summary);
  return { header, summary, resultPath: writer.path, reasons, problem };
}

function describeCrash({ stoppedBy, reason }: AnySummary): ConnstormError | undefined {
  if (stoppedBy !== 'error') return undefined;
  const message = `${reason ?? 'the run failed'}; what was measured until then is kept`;
  return new ConnstormError('internal', 'WORKER_CRASHED', message);
}
