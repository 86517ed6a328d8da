import { escapeControls, renderJson } from '../controls.ts';
import { UsageError } from '../errors.ts';
import { describeEnd, describeInvalidity } from '../report/closing.ts';
import { LiveView } from '../report/live/live.ts';
import { describeBudget } from '../report/run/budgets.ts';
import { addOrigin } from '../report/run/origin.ts';
import { renderReport } from '../report/terminal.ts';
import { outputStyle } from '../report/text/paint.ts';
import { wrapText } from '../report/text/text.ts';
import { planDryRun } from '../run/describe/dry-run.ts';
import { CANNOT_BE_SHOWN } from '../run/place/needs.ts';
import { parsePins } from '../run/place/pinning.ts';
import type { RunOutcome, RunRequest } from '../run/request.ts';
import { createInterrupted } from '../run/unless-stopped.ts';
import { runScenario } from '../run.ts';
import { collectOverrides } from '../scenario/file/overrides.ts';
import type { LoadedScenario } from '../scenario/file/read.ts';
import { isSearch, QUICK_SEARCH } from '../scenario/plan/quick.ts';
import { writeMessage } from '../wrap-text.ts';
import type { Command, CommandArgs, CommandIo } from './command.ts';
import { readText, refuseExplain, switchFlag, textFlag } from './input/flags.ts';
import { refuseConnectionString } from './input/misplaced-target.ts';
import { answersBeside, openScenarios } from './input/standard-input.ts';
import { onStopSignals } from './input/stop-signals.ts';
import { renderDryRun } from './output/dry-run.ts';

/** `connstorm run`: runs a storm, with a live view on standard error and the report on standard output. */
export const run: Command = {
  usage: 'run [scenario]',
  summary: 'Run a scenario, given by its built-in name or its file (default: saturate)',
  options: (yargs) =>
    yargs
      .positional('scenario', {
        type: 'string',
        describe: 'The name of a built-in scenario, a file, or - for standard input.',
      })
      .option(
        'target',
        textFlag(
          'The server to connect to: a URL, a key=value string, or lab (a Postgres that connstorm starts for this run). If there are several targets, write each as ROLE=TARGET, as in pooled=postgres://... ' +
            'If neither this flag nor the environment (CONNSTORM_TARGET, PGHOST) names a target, the ' +
            'lab is used. Other users of this machine can see the target in the process list: give passwords in PGPASSWORD ' +
            'or ~/.pgpass.',
        ),
      )
      .option(
        'quick',
        switchFlag(
          'For a saturation-search: search for less than 45 s. The interval of the answer is then wider.',
        ),
      )
      .option('rate', textFlag('Arrivals a second, such as 100 or 0.5 (load.rate).'))
      .option('duration', textFlag('How long the load lasts, such as 30s (load.duration).'))
      .option('set', textFlag('Set a field of the scenario, as path=value. Repeatable.'))
      .option('budget', textFlag('Add a budget such as "latency p(99) < 250ms". Repeatable.'))
      .option(
        'yes',
        switchFlag('Do not ask before a run against a target that is not on this machine.'),
      )
      .option('dry-run', switchFlag('Show what the run would do, without opening a connection.'))
      .option('explain', switchFlag('Say in the report what each figure means.'))
      .option('json', switchFlag('Print the summary as JSON instead of the report.'))
      .option(
        'quiet',
        switchFlag(
          'Show no live view and no report. Warnings are still printed, and so is the plan of a dry run.',
        ),
      )
      .option('out', textFlag('The file for the result, or - for standard output.'))
      .option('overwrite', switchFlag('Replace the file of --out if it exists.'))
      .option('label', textFlag('Free text by which you recognise this run (run.label).'))
      .option('repeat', textFlag('How many times all variants run in turn (rounds), such as 5.'))
      .option('workers', textFlag('The number of threads that connect, such as 2.'))
      .option(
        'seed',
        textFlag(
          'Seed of all random times (arrivals, hold, think time, waits before a retry): a whole number.',
        ),
      )
      .option('driver', textFlag('What opens connections: wire or pg (connection.driver).'))
      .option(
        'reserve',
        textFlag(
          'How many connection slots of the target to leave to others and to the kill switch (default 10).',
        ),
      )
      .option(
        'beyond-slots',
        switchFlag(
          "Allow a load.maxInFlight above the target's free slots. The target may then also refuse other clients.",
        ),
      )
      .option(
        'trust-scenario',
        switchFlag(
          "Allow commands of the scenario's events, and settings of its lab that can run a program or read and write files.",
        ),
      )
      .option('pin', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe:
          "Bind connstorm (generator) and the lab's server (server) to CPUs, as in generator=0 server=1 (Linux).",
      })
      .option(
        'postgres-bin',
        textFlag(
          'Use the Postgres in this folder (with initdb and postgres) for the lab. It takes precedence over lab.postgres.bin.',
        ),
      ),
  execute,
};

async function execute(args: CommandArgs, io: CommandIo): Promise<RunOutcome['reasons']> {
  const loaded = await load(args, io);
  const out = readText(args, 'out');
  const targets = readTargets(args);
  const postgresBin = readText(args, 'postgres-bin');
  const pins = parsePins([args.pin ?? []].flat().map(String));
  if (args.overwrite === true && (out === undefined || out === '-')) {
    const why = out === '-' ? 'and --out - writes to none' : 'which is not given';
    throw new UsageError('FLAGS_CLASH', `--overwrite is for --out FILE, ${why}`);
  }
  if (out === '-' && args.json === true) {
    throw new UsageError(
      'FLAGS_CLASH',
      '--out - and --json both write to standard output: use one of them',
    );
  }
  refuseExplain(args, [
    ['--json', args.json === true],
    ['--quiet', args.quiet === true],
    ['--dry-run', args.dryRun === true],
    ['--out -', out === '-'],
  ]);
  const reserve = readReserve(args);
  const live = new LiveView(io.stderr, {
    quiet: args.quiet === true,
    env: io.env,
    colour: outputStyle(io.stderr, io.env).colour,
    redraw: io.stderr.isTTY === true && io.env.TERM !== 'dumb',
  });
  const interrupts = watchInterrupts(live);
  try {
    const request: RunRequest = {
      loaded,
      targets,
      reserve,
      trustScenario: args.trustScenario === true,
      beyondSlots: args['beyond-slots'] === true,
      yes: args.yes === true,
      out,
      overwrite: args.overwrite === true,
      postgresBin,
      pins,
      env: io.env,
      stdin: answersBeside(args.scenario, io),
      stderr: io.stderr,
      stop: interrupts.stop,
      cancel: interrupts.cancel,
      observer: live,
    };
    if (args.dryRun === true) return await printDryRun(request, args.json === true, io);
    const outcome = await Promise.race([runScenario(request), interrupts.impatience]);
    if (out !== '-') printOutcome(outcome, args, io);
    if (args.quiet === true) noteReasons(outcome, io);
    if (outcome.problem !== undefined) noteProblem(outcome.problem.message, io);
    return outcome.reasons;
  } catch (error) {
    return noteNotShown(error, args, io);
  } finally {
    interrupts.ignore();
    live.ended();
  }
}

/**
 * Prints that this machine is too small for the scenario, which is an answer and no failure. Throws any other error
 * again.
 */
function noteNotShown(error: unknown, args: CommandArgs, io: CommandIo): [] {
  if (!(error instanceof UsageError) || error.code !== CANNOT_BE_SHOWN) throw error;
  const { columns } = outputStyle(io.stdout, io.env);
  const text = escapeControls(error.message);
  io.stdout.write(
    args.json === true
      ? `${renderJson({ notShown: error.message })}\n`
      : `${wrapText(text, columns, 2).join('\n')}\n`,
  );
  return [];
}

async function printDryRun(request: RunRequest, json: boolean, io: CommandIo): Promise<[]> {
  const dry = await planDryRun(request);
  if (json) io.stdout.write(`${renderJson(dry)}\n`);
  else {
    const { columns } = outputStyle(io.stdout, io.env);
    io.stdout.write(renderDryRun(dry, columns));
  }
  return [];
}

async function load(args: CommandArgs, io: CommandIo): Promise<LoadedScenario> {
  const name = String(args.scenario ?? 'saturate');
  refuseConnectionString(name, 'a scenario');
  const overrides = collectOverrides(args, io.env);
  const read = await openScenarios([name], io);
  if (args.quick !== true) return read(name, overrides);
  const isMeantAsSearch = [[], overrides].some((over) => isWholeSearch(() => read(name, over)));
  if (isMeantAsSearch) return read(name, [...QUICK_SEARCH, ...overrides]);
  read(name, overrides);
  const message = `--quick shortens a saturation-search, and ${name} has none: leave --quick out, or run saturate`;
  throw new UsageError('NOT_A_SEARCH', message);
}

/** Returns whether all variants are searches; false for a scenario that cannot be read. */
function isWholeSearch(read: () => LoadedScenario): boolean {
  try {
    return read().variants.every(({ scenario }) => isSearch(scenario));
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

function printOutcome(outcome: RunOutcome, args: CommandArgs, io: CommandIo): void {
  const { summary, header, resultPath } = outcome;
  if (args.json === true) io.stdout.write(`${renderJson(addOrigin(outcome, resultPath))}\n`);
  else if (args.quiet !== true) {
    const style = outputStyle(io.stdout, io.env);
    io.stdout.write(
      renderReport({ summary, header }, { ...style, resultPath, explain: args.explain === true }),
    );
  }
}

/**
 * Writes the reasons for an exit code other than 0, if there is no report. A problem is not repeated here: it is
 * written by itself.
 */
function noteReasons({ summary, problem }: RunOutcome, io: CommandIo): void {
  const reasons = [
    ...(problem === undefined ? describeEnd(summary) : []),
    ...describeInvalidity(summary),
    ...summary.budgets.filter(({ verdict }) => verdict !== 'pass').map(describeBudget),
  ];
  for (const reason of reasons) noteProblem(escapeControls(reason), io);
}

function noteProblem(message: string, { stderr, env }: CommandIo): void {
  writeMessage(stderr, `connstorm: ${message}`, env);
}

/**
 * Listens to stop signals. The first one stops the run, the second cancels it. If the run has measured nothing yet, the
 * second one makes `impatience` reject, so that nothing is waited for. The rest of a lab then removes itself.
 */
function watchInterrupts(live: LiveView): {
  stop: AbortSignal;
  cancel: AbortSignal;
  impatience: Promise<never>;
  ignore: () => void;
} {
  const stop = new AbortController();
  const cancel = new AbortController();
  let leave = (): void => {};
  const impatience = new Promise<never>((_, reject) => {
    leave = () => reject(createInterrupted());
  });
  impatience.catch(() => {});
  const ignore = onStopSignals(() => {
    if (stop.signal.aborted) {
      cancel.abort();
      if (!live.hasBegun) leave();
      return;
    }
    live.stopping();
    stop.abort();
  });
  return { stop: stop.signal, cancel: cancel.signal, impatience, ignore };
}

/** Returns the targets. Messages quote no value: a connection string may contain a password. */
function readTargets({ target }: CommandArgs): string[] {
  const targets = target === undefined ? [] : [target].flat().map(String);
  if (targets.every((text) => text !== '')) return targets;
  throw new UsageError('BAD_FLAG', '--target must have a value');
}

function readReserve(args: CommandArgs): number | undefined {
  const value = readText(args, 'reserve');
  if (value === undefined) return undefined;
  const reserve = Number(value);
  if (/^\d+$/.test(value) && Number.isSafeInteger(reserve)) return reserve;
  throw new UsageError('BAD_FLAG', `--reserve must be a whole number from 0, got "${value}"`);
}
