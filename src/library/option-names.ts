import { ConnstormError } from '../errors.ts';

/**
 * Messages are written for the command line. A program has options where that has flags: each flag that a message may name, what it is
 * behind it, and what a program says instead.
 */
const OPTIONS: readonly (readonly [flag: RegExp, option: string])[] = [
  [/--yes\b/g, '`yes: true`'],
  [/--trust-scenario\b/g, '`trustScenario: true`'],
  [/--beyond-slots\b/g, '`beyondSlots: true`'],
  [/--overwrite\b/g, '`overwrite: true`'],
  [/--reserve (\d+)/g, '`reserve: $1`'],
  [/--postgres-bin (\S+?)(?=[,:;)]?(?:\s|$))/g, "`postgresBin: '$1'`"],
  [/--target (?!names|gives)(\S+?)(?=[,:;)]?(?:\s|$))/g, "`targets: ['$1']`"],
  [/--target\b/g, '`targets`'],
  [/--out\b/g, '`out`'],
  [/--pin\b/g, '`pins`'],
  [
    /in the scenario or with --set connection\.maxScramIterations=(\d+) \(inspect: --max-scram-iterations\)/g,
    'with `connection.maxScramIterations: $1` in the scenario',
  ],
  [/--set ([\w.-]+)=(\d+)/g, '`$1: $2` in the scenario'],
  [/--repeat (\d+)/g, '`repeat: $1` in the scenario'],
  [/--rate (\d+)/g, '`load.rate: $1` in the scenario'],
];

/** The message with options in the place of flags. */
export function nameOptions(message: string): string {
  return OPTIONS.reduce((text, [flag, option]) => text.replace(flag, option), message);
}

/** The same error, its message as a program is told it. */
export function tellProgram(error: unknown): unknown {
  if (error instanceof ConnstormError) error.message = nameOptions(error.message);
  return error;
}
