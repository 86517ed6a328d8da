import yargs, { type Argv } from 'yargs';
import type { Command, CommandArgs, CommandIo } from './commands/command.ts';
import { escapeControls } from './controls.ts';
import { blameDescriptors } from './descriptors.ts';
import {
  ConnstormError,
  decideExitCode,
  EXIT_CODES,
  type ExitReason,
  UsageError,
} from './errors.ts';
import { findNearest } from './scenario/nearest.ts';
import { readVersion } from './version.ts';
import { wrapMessage } from './wrap-text.ts';

/** The commands, loaded only when called: help and errors answer at once. */
const COMMANDS: Record<string, { usage: string; summary: string; load: () => Promise<Command> }> = {
  run: {
    usage: 'run [scenario]',
    summary: 'Run a scenario: a built-in name or a file; without one saturate',
    load: async () => (await import('./commands/run.ts')).run,
  },
  scenarios: {
    usage: 'scenarios [name]',
    summary: 'List the built-in scenarios, or show one',
    load: async () => (await import('./commands/scenarios.ts')).scenarios,
  },
  validate: {
    usage: 'validate <file..>',
    summary: 'Check scenario files',
    load: async () => (await import('./commands/validate.ts')).validate,
  },
  schema: {
    usage: 'schema',
    summary: "Print the scenario file's JSON Schema",
    load: async () => (await import('./commands/schema.ts')).schema,
  },
  report: {
    usage: 'report <file..>',
    summary: 'Show result files again',
    load: async () => (await import('./commands/report.ts')).report,
  },
  compare: {
    usage: 'compare <baseline> [others..]',
    summary: 'Compare result files with the first one, or the variants inside of one',
    load: async () => (await import('./commands/compare.ts')).compare,
  },
  check: {
    usage: 'check <result>',
    summary: 'Judge the budgets of a result file again, or others',
    load: async () => (await import('./commands/check.ts')).check,
  },
  inspect: {
    usage: 'inspect [url]',
    summary: 'Show what a target is and allows, and what makes its connects dear',
    load: async () => (await import('./commands/inspect.ts')).inspect,
  },
  calibrate: {
    usage: 'calibrate',
    summary: 'Find out what this machine can generate, and what it adds by itself',
    load: async () => (await import('./commands/calibrate.ts')).calibrate,
  },
  lab: {
    usage: 'lab',
    summary: 'Start a Postgres of its own and print its URLs until Ctrl-C',
    load: async () => (await import('./commands/lab.ts')).lab,
  },
};

/** Runs one command line and ends the process with its exit code, which nothing else does. */
export async function main(argv: string[]): Promise<void> {
  const io: CommandIo = {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
  };
  const outputFailure = watchOutput();
  const code = await runCommandLine(argv, io);
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
  const failure = outputFailure();
  if (failure !== undefined) {
    process.stderr.write(`connstorm: standard output cannot be written: ${failure.message}\n`);
  }
  // Whatever a refused or interrupted command still waits for, a silent server say, nobody waits for now.
  process.exit(failure === undefined ? code : EXIT_CODES.internal);
}

/** `| head` has seen enough: no error, and what runs still ends in order. A full disk is told, once all is done. */
function watchOutput(): () => Error | undefined {
  let failure: Error | undefined;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') failure ??= error;
  });
  process.stderr.on('error', () => {});
  return () => failure;
}

function flush(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

/** The same for given streams; resolves with the exit code. */
export async function runCommandLine(argv: string[], io: CommandIo): Promise<number> {
  try {
    return decideExitCode(await dispatch(argv, io));
  } catch (thrown) {
    const error = blameDescriptors(thrown);
    const lines = describeError(error, io.env).split('\n').map(escapeControls);
    io.stderr.write(`${wrapMessage(lines.join('\n'), io.stderr)}\n`);
    return decideExitCode([error instanceof ConnstormError ? error.exit : 'internal']);
  }
}

async function dispatch(argv: string[], io: CommandIo): Promise<ExitReason[]> {
  const [name = '', ...rest] = argv;
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined) return answerWithoutCommand(argv, io);
  const command = await entry.load();
  const parser = createParser(io).usage(`connstorm ${command.usage}\n\n${command.summary}`);
  // As the default command, so that yargs reads its positionals.
  const declared = parser.command(command.usage.replace(/^\S+/, '$0'), false, (builder) =>
    command.options(builder),
  );
  const args = await parse(declared, rest, io);
  return args === undefined ? [] : command.execute(args, io);
}

async function answerWithoutCommand(argv: string[], io: CommandIo): Promise<ExitReason[]> {
  const parser = createParser(io).usage(
    'connstorm <command>\n\nHow many connects a second a Postgres takes, and what gives out first.',
  );
  for (const { usage, summary } of Object.values(COMMANDS)) parser.command(usage, summary);
  parser.epilogue('connstorm <command> --help tells the options of a command.');
  const [first] = argv;
  if (first === undefined || first === 'help' || first.startsWith('-')) {
    const args = await parse(parser, first === 'help' ? [] : argv, io);
    if (args !== undefined) io.stdout.write(`${await parser.getHelp()}\n`);
    return [];
  }
  const nearest = findNearest(first, Object.keys(COMMANDS));
  const hint = nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
  const known = Object.keys(COMMANDS).join(', ');
  throw new UsageError('UNKNOWN_COMMAND', `unknown command "${first}"${hint}; there is ${known}`);
}

function createParser(io: CommandIo): Argv {
  return (
    yargs()
      .scriptName('connstorm')
      .strict()
      .exitProcess(false)
      .fail(false)
      .parserConfiguration({ 'duplicate-arguments-array': true, 'boolean-negation': false })
      .version(readVersion())
      .help()
      .alias('help', 'h')
      // 0 is a terminal whose size nobody set.
      .wrap(Math.min(100, io.stdout.columns || 80))
  );
}

/** The options, or undefined when yargs has answered by itself (help, version). Throws UsageError. */
async function parse(
  parser: Argv,
  argv: string[],
  io: CommandIo,
): Promise<CommandArgs | undefined> {
  let answer = '';
  try {
    const args = await parser.parseAsync(argv, {}, (_error, _args, output) => {
      answer = output;
    });
    if (answer === '') return args;
  } catch (error) {
    throw new UsageError('BAD_OPTIONS', `${rephrase((error as Error).message, argv)}: see --help`, {
      cause: error,
    });
  }
  io.stdout.write(`${answer}\n`);
  return undefined;
}

/** yargs's sentences, in ours. */
function rephrase(message: string, argv: string[]): string {
  const unknown = /^Unknown arguments?: (.*)$/.exec(message)?.[1]?.split(', ') ?? [];
  const flags = unknown.filter((name) =>
    argv.some((text) => /^--?/.test(text) && text.includes(name)),
  );
  if (flags.length > 0) return `unknown flag ${flags.map((name) => `--${name}`).join(', ')}`;
  if (unknown.length > 0) return `one argument too many: ${unknown.join(', ')}`;
  const valueless = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  if (valueless !== undefined) return `--${valueless} needs a value`;
  if (message.startsWith('Not enough non-option arguments')) return 'name at least one file';
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function describeError(error: unknown, env: CommandIo['env']): string {
  if (error instanceof ConnstormError) return `connstorm: ${error.message}`;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (env.CONNSTORM_DEBUG) return `connstorm: internal error: ${stack}`;
  return `connstorm: internal error: ${message} (CONNSTORM_DEBUG=1 shows where)`;
}
