import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { UsageError } from '../../errors.ts';

/** The account that the lab's server runs under if that is not our own. */
export interface ServerAccount {
  name: string;
  uid: number;
  gid: number;
}

/** Postgres refuses to run as root, and needs an account that has a name. Systems usually have one of these. */
const ACCOUNTS = ['nobody', 'postgres', 'daemon'];

/**
 * Returns the account for the server if we are root; undefined if we are not, and the server runs under our own.
 *
 * @throws UsageError if we are root and there is no account to change to, or if our own account has no name
 */
export function findServerAccount(
  ownUid: number | undefined = process.getuid?.(),
  passwd: () => string = () => readFileSync('/etc/passwd', 'utf8'),
  ownName: () => string = () => userInfo().username,
): ServerAccount | undefined {
  if (ownUid !== 0) {
    requireName(ownUid, ownName);
    return undefined;
  }
  const accounts = passwd().split('\n').map(parseAccount);
  for (const name of ACCOUNTS) {
    const account = accounts.find((candidate) => candidate?.name === name);
    if (account !== undefined) return account;
  }
  throw new UsageError(
    'LAB_NO_ACCOUNT',
    `the lab's server cannot run as root, and /etc/passwd has none of the accounts ${ACCOUNTS.join(', ')}: run connstorm as an ordinary user, or name a server with --target URL`,
  );
}

/**
 * Checks that our user id has a name. In a container it may have none, and initdb then ends with `could not look up
 * effective user ID`.
 */
function requireName(uid: number | undefined, ownName: () => string): void {
  try {
    ownName();
  } catch (cause) {
    throw new UsageError(
      'LAB_NO_ACCOUNT',
      `the lab's server needs an account with a name, and user id ${uid} has none in /etc/passwd: add a line for it there, run connstorm as a user that has a name, or name a server with --target URL`,
      { cause },
    );
  }
}

/**
 * Parses a line of passwd(5). Returns undefined for root's line, and for macOS's nobody, whose uid of -2 does not work.
 */
function parseAccount(line: string): ServerAccount | undefined {
  const [name, , uidText, gidText] = line.split(':');
  const uid = Number(uidText);
  const gid = Number(gidText);
  if (name === undefined || !(uid > 0) || !(gid > 0)) return undefined;
  return { name, uid, gid };
}
