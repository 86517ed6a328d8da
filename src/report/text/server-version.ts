import type { ServerFindings } from '../../result/records/header.ts';

/** What PgBouncer's console calls its server_version, e.g. `1.18.0/bouncer`. */
const CONSOLE = /^(.*)\/bouncer$/;

/** Whether the target is PgBouncer's own console, not a database of a server behind it. */
export function isConsole(version: string | null): boolean {
  return version !== null && CONSOLE.test(version);
}

/** `PostgreSQL 18.4 (standby)`; without what it is where that is not known. */
export function describeServerVersion({
  version,
  serverRole,
}: Pick<ServerFindings, 'version' | 'serverRole'>): string {
  const named = describeVersion(version);
  const isKnown = serverRole === 'primary' || serverRole === 'standby';
  return isKnown ? `${named} (${serverRole})` : named;
}

/** `PostgreSQL 18.4`, `console of PgBouncer 1.18.0`. */
function describeVersion(version: string | null): string {
  if (version === null) return 'unknown version';
  const bouncer = CONSOLE.exec(version)?.[1];
  return bouncer === undefined ? `PostgreSQL ${version}` : `console of PgBouncer ${bouncer}`;
}
