import { UsageError } from '../errors.ts';
import type { CommandArgs } from './command.ts';

/** Flags as yargs declares them, and as they are read back. */

export function textFlag(describe: string) {
  return { type: 'string', requiresArg: true, describe } as const;
}

export function switchFlag(describe: string) {
  return { type: 'boolean', describe } as const;
}

/** A flag given once, with a value; undefined where it is not given. Throws UsageError for anything else. */
export function readText(args: CommandArgs, name: string): string | undefined {
  const value = args[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  const got = Array.isArray(value) ? value.join(', ') : 'nothing';
  throw new UsageError('BAD_FLAG', `--${name} must be given once, with a value; got ${got}`);
}
