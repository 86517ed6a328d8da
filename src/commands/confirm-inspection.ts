import { UsageError } from '../errors.ts';
import type { ResolvedTarget } from '../targets/naming/resolved-target.ts';
import { askPerson } from '../targets/visit/ask-person.ts';
import { describeServer } from '../targets/visit/describe.ts';
import { isLocal } from '../targets/visit/safety.ts';
import { wrapMessage, writeMessage } from '../wrap-text.ts';
import type { CommandIo } from './command.ts';

/**
 * The most connections that `inspect` opens to a host, one after another: to log in, to read settings, to ask a
 * pooler's console, to read login triggers, and to ask for server times.
 */
const MOST_CONNECTIONS = 5;

/**
 * Announces the connections to a target that is not on this machine. Resolves when they may be opened: `--yes` or
 * CONNSTORM_YES=1 allows it, or a person at the terminal types yes or y. A target on this machine needs no
 * confirmation. `stop` ends the question.
 *
 * @throws UsageError without consent
 */
export async function confirmInspection(
  { hosts }: ResolvedTarget,
  isAllowed: boolean,
  { env, stdin, stderr }: CommandIo,
  stop: AbortSignal,
): Promise<void> {
  const far = hosts.filter(({ addresses }) => !addresses.every(isLocal));
  if (far.length === 0) return;
  const names = far.map(({ target, addresses }) =>
    describeServer({ ...target, address: addresses.join(', ') }),
  );
  const intent = `log in to ${names.join(' and ')}, with up to ${MOST_CONNECTIONS} connections${far.length === 1 ? '' : ' each'}, one after another`;
  if (isAllowed || env.CONNSTORM_YES === '1') {
    writeMessage(stderr, `connstorm will ${intent}.`, env);
    return;
  }
  if (stdin.isTTY !== true) {
    throw notConfirmed(
      `inspect would ${intent}: this needs --yes or CONNSTORM_YES=1, because there is no terminal to ask at`,
    );
  }
  const question = wrapMessage(`connstorm will ${intent}. Go on? [y/N] `, stderr, env);
  const answer = await askPerson(question, { stdin, stderr, stop });
  if (!/^y(?:es)?$/i.test(answer?.trim() ?? ''))
    throw notConfirmed('not confirmed: no connection was opened');
}

function notConfirmed(message: string): UsageError {
  return new UsageError('NOT_CONFIRMED', message);
}
