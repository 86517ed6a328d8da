import { UsageError } from '../../errors.ts';
import type { CommandArgs } from '../command.ts';

/** Declares flags for yargs, and reads their values. */

export function textFlag(describe: string) {
  return { type: 'string', requiresArg: true, describe } as const;
}

export function switchFlag(describe: string) {
  return { type: 'boolean', describe } as const;
}

/** Throws UsageError if `--explain` is given with one of `others`, under which there is no report to explain. */
export function refuseExplain(
  args: CommandArgs,
  others: readonly (readonly [flag: string, isGiven: boolean])[],
): void {
  if (args.explain !== true) return;
  const other = others.find(([, isGiven]) => isGiven);
  if (other === undefined) return;
  const message = `--explain explains the report, and with ${other[0]} there is none: use one of the two flags`;
  throw new UsageError('FLAGS_CLASH', message);
}

/**
 * Returns the value of a flag that is given once; undefined if it is not given. Throws UsageError for anything else.
 */
export function readText(args: CommandArgs, name: string): string | undefined {
  const value = args[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  const got = Array.isArray(value) ? value.join(', ') : 'nothing';
  throw new UsageError('BAD_FLAG', `--${name} must be given once, with a value; got ${got}`);
}
