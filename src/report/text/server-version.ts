import type { ServerFindings } from '../../result/records/target.ts';

/** server_version of PgBouncer's console, such as `1.18.0/bouncer`. */
const CONSOLE = /^(.*)\/bouncer$/;

/** Returns whether the target is PgBouncer's own console, and not a database of a server behind it. */
export function isConsole(version: string | null): boolean {
  return version !== null && CONSOLE.test(version);
}

/** Returns `PostgreSQL 18.4 (standby)`; without the brackets if the server's role is not known. */
export function describeServerVersion({
  version,
  serverRole,
}: Pick<ServerFindings, 'version' | 'serverRole'>): string {
  const named = describeVersion(version);
  const isKnown = serverRole === 'primary' || serverRole === 'standby';
  return isKnown ? `${named} (${serverRole})` : named;
}

/** Returns `PostgreSQL 18.4`, or `console of PgBouncer 1.18.0`. */
function describeVersion(version: string | null): string {
  if (version === null) return 'unknown version';
  const bouncer = CONSOLE.exec(version)?.[1];
  return bouncer === undefined ? `PostgreSQL ${version}` : `console of PgBouncer ${bouncer}`;
}
