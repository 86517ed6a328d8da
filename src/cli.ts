import { closeSync, fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { Argv } from 'yargs';
import { FENCE } from './cli/arguments.ts';
import { askForHelp, isHelpRequest } from './cli/ask-for-help.ts';
import { listCandidates } from './cli/candidates.ts';
import { COMMANDS } from './cli/command-list.ts';
import { createParser, listFlagsOf, parseOptions, readWidth } from './cli/parser.ts';
import type { Command, CommandArgs, CommandIo } from './commands/command.ts';
import { SHELLS } from './commands/completion.ts';
import { isConnectionString, TARGET_ADVICE } from './commands/input/misplaced-target.ts';
import { isSwitchedOn, warnOfVariables } from './commands/output/environment.ts';
import { renderCommandEpilogue, renderEpilogue } from './commands/output/epilogue.ts';
import { maskIo } from './commands/output/masked-io.ts';
import { describeOutputFailure } from './commands/output/output-failure.ts';
import { escapeControls } from './controls.ts';
import { blameDescriptors } from './descriptors.ts';
import {
  ConnstormError,
  decideExitCode,
  EXIT_CODES,
  type ExitReason,
  UsageError,
} from './errors.ts';
import { listBuiltIns } from './scenario/file/built-ins.ts';
import { findNearest } from './scenario/nearest.ts';
import { writeMessage } from './wrap-text.ts';

/** The command that the scripts of `completion` call. Help does not list it. */
const COMPLETE = 'complete-words';

/** Runs one command line and ends the process with its exit code. No other function ends the process. */
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
    process.stderr.write(`connstorm: ${describeOutputFailure(failure)}\n`);
  }
  // A refused or interrupted command may still wait, e.g. for a silent server. The process ends all the same.
  closeDeadTerminal();
  process.exit(failure === undefined ? code : EXIT_CODES.internal);
}

/**
 * Closes terminals that are gone. When Node ends, it resets terminals, and aborts if one was closed meanwhile
 * (ResetStdio in node.cc): the exit code would be lost. Node leaves closed descriptors alone.
 */
function closeDeadTerminal(): void {
  for (const fd of [0, 1, 2]) {
    // A device that is no terminal, or no longer one.
    if (isDevice(fd) && !isatty(fd)) closeSync(fd);
  }
}

function isDevice(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice();
  } catch {
    // The descriptor is closed.
    return false;
  }
}

/**
 * Watches for errors of the output, and returns a function that returns the first one. A reader that has ended (`|
 * head`) and a closed terminal are no errors: the command still ends in order. A full disk is reported at the end.
 */
function watchOutput(): () => NodeJS.ErrnoException | undefined {
  let failure: NodeJS.ErrnoException | undefined;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    const isReaderGone = error.code === 'EPIPE' || (error.code === 'EIO' && process.stdout.isTTY);
    if (!isReaderGone) failure ??= error;
  });
  process.stderr.on('error', () => {});
  return () => failure;
}

function flush(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

/** Runs one command line on the given streams. Resolves with the exit code. */
export async function runCommandLine(argv: string[], io: CommandIo): Promise<number> {
  const masked = maskIo(io, argv);
  try {
    return decideExitCode(await dispatch(argv, masked, io));
  } catch (thrown) {
    const error = blameDescriptors(thrown);
    const lines = describeError(error, io.env).split('\n').map(escapeControls);
    writeMessage(masked.stderr, lines.join('\n'), io.env);
    return decideExitCode([error instanceof ConnstormError ? error.exit : 'internal']);
  }
}

/** Runs a command. `open`: the streams without masking, for output that may contain passwords. */
async function dispatch(argv: string[], io: CommandIo, open: CommandIo): Promise<ExitReason[]> {
  // `help run` and `--help run` become `run --help`.
  const [name = '', ...rest] = isHelpRequest(argv) ? askForHelp(argv) : argv;
  if (name === '--') {
    throw new UsageError(
      'NO_COMMAND',
      'write the command before --: everything after -- is taken as an argument',
    );
  }
  if (name === COMPLETE) return printCandidates(rest, io);
  if (!Object.hasOwn(COMMANDS, name)) return answerWithoutCommand([name, ...rest], io);
  // A shell evaluates its output at every start, so there are no warnings.
  const warnings = name === 'completion' ? [] : warnOfVariables(io.env);
  for (const warning of warnings) writeMessage(io.stderr, `connstorm: ${warning}`, io.env);
  const parsed = await parseCommand(name, rest, io);
  if (parsed === undefined) return [];
  const { command, args } = parsed;
  return command.execute(args, command.printsSecrets ? { ...io, stdout: open.stdout } : io);
}

/**
 * Returns the command called `name` and its parsed arguments; undefined if yargs has answered by itself (help).
 * @throws UsageError for words that the command does not take, or for a name that is no command
 */
export async function parseCommand(
  name: string,
  words: string[],
  io: CommandIo,
): Promise<{ command: Command; args: CommandArgs } | undefined> {
  const command = await COMMANDS[name]?.load();
  if (command === undefined) throw refuseCommand(name);
  const args = await parseOptions(() => declare(command, io), words, io);
  return args === undefined ? undefined : { command, args };
}

/** Writes the candidates, one a line. There are no notes, and nothing is started. */
async function printCandidates(words: readonly string[], io: CommandIo): Promise<ExitReason[]> {
  const candidates = await listCandidates(words, {
    commands: Object.keys(COMMANDS),
    listFlags: async (name) => {
      const command = await COMMANDS[name]?.load();
      return command === undefined ? [] : listFlagsOf(() => declare(command, io));
    },
    listScenarios: () => listBuiltIns().map((builtIn) => builtIn.name),
    shells: SHELLS,
  });
  io.stdout.write(candidates.map((candidate) => `${candidate}\n`).join(''));
  return [];
}

function declare(command: Command, io: CommandIo): Argv {
  const parser = createParser(io).usage(`connstorm ${command.usage}\n\n${command.summary}`);
  parser.epilogue(renderCommandEpilogue(command.usage.split(' ')[0] ?? ''));
  // It is the default command, so that yargs reads its positionals.
  return parser.command(command.usage.replace(/^\S+/, '$0'), false, (builder) =>
    command.options(builder).option(FENCE, { type: 'boolean', hidden: true }),
  );
}

async function answerWithoutCommand(argv: string[], io: CommandIo): Promise<ExitReason[]> {
  const [first = ''] = argv;
  if (first !== '' && !first.startsWith('-')) throw refuseCommand(first);
  const isHelp = first === '';
  const args = await parseOptions(() => declareCommands(io), isHelp ? ['--help'] : argv, io);
  if (args !== undefined) throw new UsageError('BAD_OPTIONS', 'name a command: see --help');
  return [];
}

function declareCommands(io: CommandIo): Argv {
  const parser = createParser(io).usage(
    'connstorm <command>\n\nFinds out how many connects a second a Postgres can take, and what gives out first.',
  );
  for (const { usage, summary } of Object.values(COMMANDS)) parser.command(usage, summary);
  return parser.epilogue(renderEpilogue(readWidth(io)));
}

function refuseCommand(name: string): UsageError {
  if (isConnectionString(name)) {
    return new UsageError('UNKNOWN_COMMAND', `no command is given: ${TARGET_ADVICE}`);
  }
  const nearest = findNearest(name, Object.keys(COMMANDS));
  const hint = nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
  const known = Object.keys(COMMANDS).join(', ');
  const message = `unknown command "${name}"${hint}; the commands are ${known}`;
  return new UsageError('UNKNOWN_COMMAND', message);
}

function describeError(error: unknown, env: CommandIo['env']): string {
  if (error instanceof ConnstormError) return error.message.replace(/^/gm, 'connstorm: ');
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (isSwitchedOn(env.CONNSTORM_DEBUG)) return `connstorm: internal error: ${stack}`;
  return `connstorm: internal error: ${message} (CONNSTORM_DEBUG=1 shows where)`;
}
