import { UsageError } from '../../errors.ts';

/** How a target is named. It quotes nothing: what was given may hold a password. */
export const TARGET_ADVICE =
  'a connection string is given with --target, as in connstorm run --target postgres://user@host/database';

/** Whether a text is, or begins as, a connection string: a URL, or `keyword=value`; with a role before it or not. */
export function isConnectionString(text: string): boolean {
  return (
    /^(?:[\w-]+=)?(?:jdbc:)?[a-z][a-z0-9+.-]*:\/\//i.test(text) ||
    /^\s*(?:[\w-]+=)?(?:host|hostaddr|port|dbname|user|password|service|sslmode)\s*=/.test(text)
  );
}

/** @throws UsageError for a connection string where `what` is expected */
export function refuseConnectionString(text: string, what: string): void {
  if (isConnectionString(text)) {
    throw new UsageError('MISPLACED_TARGET', `${what} is expected here: ${TARGET_ADVICE}`);
  }
}
