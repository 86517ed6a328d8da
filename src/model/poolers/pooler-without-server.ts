import type { Failure } from '../measures.ts';

/**
 * PgBouncer's words for a server that it cannot reach, or cannot log in to (its src/client.c, src/server.c and
 * src/objects.c). query_wait_timeout is not one of them: a full pool ends the wait in the same way.
 */
const WITHOUT_SERVER =
  /server login has been (?:failing|failed)|server_login_retry|cannot connect to server|connect failed|server conn crashed/i;

/** Returns whether a pooler answered that it has no server: the server is down, or does not let the pooler in. */
export function isPoolerWithoutServer({
  layer,
  message,
}: Pick<Failure, 'layer' | 'message'>): boolean {
  return layer === 'server' && WITHOUT_SERVER.test(message);
}
