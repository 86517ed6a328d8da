import { UsageError } from '../errors.ts';

const HELP: readonly string[] = ['help', '--help', '-h'];

/** Returns whether a command line begins with `help`, `--help` or `-h`. */
export function isHelpRequest([first = '']: readonly string[]): boolean {
  return HELP.includes(first);
}

/**
 * Turns a request for help into a command line that yargs answers: `help run` and `--help run` become `run --help`,
 * `help help` becomes `--help`.
 * @throws UsageError if anything but the name of one command follows
 */
export function askForHelp([asked = '', ...others]: readonly string[]): string[] {
  const named = others.filter((text) => !HELP.includes(text));
  const stranger = named.find((text, index) => index > 0 || text.startsWith('-'));
  if (stranger === undefined) return [...named, '--help'];
  const message = `${asked} takes the name of one command and nothing else, got ${JSON.stringify(stranger)}: see --help`;
  throw new UsageError('BAD_OPTIONS', message);
}
