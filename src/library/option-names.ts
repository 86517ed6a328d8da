import { ConnstormError } from '../errors.ts';

/**
 * Flags that messages may name, and what a program uses instead. Messages are written for the command line, and a
 * program has options in place of its flags.
 */
const OPTIONS: readonly (readonly [flag: RegExp, option: string])[] = [
  [/--yes\b/g, '`yes: true`'],
  [/--trust-scenario\b/g, '`trustScenario: true`'],
  [/--beyond-slots\b/g, '`beyondSlots: true`'],
  [/--overwrite\b/g, '`overwrite: true`'],
  [/--reserve (\d+)/g, '`reserve: $1`'],
  [/--postgres-bin (?!is |would )(\S+?)(?=[,:;)]?(?:\s|$))/g, "`postgresBin: '$1'`"],
  [/--postgres-bin\b/g, '`postgresBin`'],
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

/** Returns the message with options in place of flags. */
export function nameOptions(message: string): string {
  return OPTIONS.reduce((text, [flag, option]) => text.replace(flag, option), message);
}

/** Returns the same error, with options in place of flags in its message. */
export function nameOptionsInError(error: unknown): unknown {
  if (error instanceof ConnstormError) error.message = nameOptions(error.message);
  return error;
}
