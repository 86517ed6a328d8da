import { readFileSync } from 'node:fs';
import { UsageError } from '../errors.ts';

/** The account the lab's server runs under where it is not our own. */
export interface ServerAccount {
  name: string;
  uid: number;
  gid: number;
}

/** Postgres refuses to run as root, and insists on an account that has a name: one that every system has. */
const ACCOUNTS = ['nobody', 'postgres', 'daemon'];

/**
 * The account for the server when we are root; undefined when we are not: then it runs under ours.
 *
 * @throws UsageError when we are root and there is no account to change to
 */
export function findServerAccount(
  ownUid: number | undefined = process.getuid?.(),
  passwd: () => string = () => readFileSync('/etc/passwd', 'utf8'),
): ServerAccount | undefined {
  if (ownUid !== 0) return undefined;
  const accounts = passwd().split('\n').map(parseAccount);
  for (const name of ACCOUNTS) {
    const account = accounts.find((candidate) => candidate?.name === name);
    if (account !== undefined) return account;
  }
  throw new UsageError(
    'LAB_NO_ACCOUNT',
    `the lab's server cannot run as root, and /etc/passwd has none of ${ACCOUNTS.join(', ')}: run connstorm as an ordinary user, or name a server with --target URL`,
  );
}

/** A line of passwd(5); undefined for root's, and for macOS's nobody, whose uid of -2 is no good. */
function parseAccount(line: string): ServerAccount | undefined {
  const [name, , uidText, gidText] = line.split(':');
  const uid = Number(uidText);
  const gid = Number(gidText);
  if (name === undefined || !(uid > 0) || !(gid > 0)) return undefined;
  return { name, uid, gid };
}
