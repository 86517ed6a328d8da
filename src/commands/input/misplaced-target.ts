import { UsageError } from '../../errors.ts';

/** Advice on how to name a target. It quotes no value, which may contain a password. */
export const TARGET_ADVICE =
  'a connection string is given with --target, as in connstorm run --target postgres://user@host/database';

/** Returns whether a text is, or begins like, a connection string: a URL or `keyword=value`, with or without a role. */
export function isConnectionString(text: string): boolean {
  return (
    /^(?:[\w-]+=)?(?:jdbc:)?[a-z][a-z0-9+.-]*:\/\//i.test(text) ||
    /^\s*(?:[\w-]+=)?(?:host|hostaddr|port|dbname|user|password|service|sslmode)\s*=/.test(text)
  );
}

/** @throws UsageError if `text` is a connection string where `what` is expected */
export function refuseConnectionString(text: string, what: string): void {
  if (isConnectionString(text)) {
    throw new UsageError('MISPLACED_TARGET', `${what} is expected here: ${TARGET_ADVICE}`);
  }
}
