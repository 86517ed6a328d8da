import { parseDuration } from '../duration.ts';
import type { Connection } from '../schema/schema.ts';

/** A problem between fields of a connection that are each well-formed, and the field to blame. */
export interface ConnectionProblem {
  path: string[];
  text: string;
}

export function findConnectionProblems(connection: Connection): ConnectionProblem[] {
  return CONNECTION_CHECKS.flatMap(({ find }) => find(connection));
}

/** The checks, each with the fields that it looks at. */
export const CONNECTION_CHECKS: readonly {
  fields: readonly (keyof Connection)[];
  find: (connection: Connection) => ConnectionProblem[];
}[] = [
  { fields: ['hold'], find: findHoldProblems },
  { fields: ['close', 'abandonAfter', 'timeout'], find: findAbandonProblems },
  { fields: ['driver', 'close', 'localAddresses'], find: findPgProblems },
];

function findHoldProblems({ hold }: Connection): ConnectionProblem[] {
  if (typeof hold === 'string' || parseDuration(hold.min) <= parseDuration(hold.max)) return [];
  const text = `must be at most connection.hold.max (${hold.max}), got ${hold.min}`;
  return [{ path: ['connection', 'hold', 'min'], text }];
}

function findAbandonProblems({ close, abandonAfter, timeout }: Connection): ConnectionProblem[] {
  if (abandonAfter === undefined) {
    const text =
      'must come with connection.abandonAfter, the time after which an attempt is given up, got "abandon" alone';
    return close === 'abandon' ? [{ path: ['connection', 'close'], text }] : [];
  }
  const path = ['connection', 'abandonAfter'];
  if (close !== 'abandon') {
    return [{ path, text: `can be set only with connection.close abandon, got close ${close}` }];
  }
  if (parseDuration(abandonAfter) < parseDuration(timeout)) return [];
  const text = `must be below connection.timeout (${timeout}), or no attempt is abandoned, got ${abandonAfter}`;
  return [{ path, text }];
}

/** Finds settings that the pg driver cannot carry out. */
function findPgProblems({ driver, close, localAddresses }: Connection): ConnectionProblem[] {
  if (driver !== 'pg') return [];
  const problems: ConnectionProblem[] = [];
  if (close !== 'terminate') {
    const text = `must be terminate with connection.driver pg, got ${close}: use the wire driver`;
    problems.push({ path: ['connection', 'close'], text });
  }
  if (localAddresses !== undefined) {
    const text = 'must be left out with connection.driver pg: use the wire driver';
    problems.push({ path: ['connection', 'localAddresses'], text });
  }
  return problems;
}
