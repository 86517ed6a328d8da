import { parseDuration } from '../duration.ts';
import type { Connection } from '../schema/schema.ts';
import { hasCopy } from '../statements.ts';

/** A problem between fields of a connection that are each well-formed, and the field to blame. */
export interface ConnectionProblem {
  path: (string | number)[];
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
  { fields: ['hosts', 'close'], find: findHostsProblems },
  { fields: ['queries', 'statements'], find: findQueriesProblems },
  { fields: ['statements'], find: findCopyProblems },
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

/** A client that gives up a connect gives up all of its tries, but abandonAfter is a time of one attempt. */
function findHostsProblems({ hosts, close }: Connection): ConnectionProblem[] {
  if (hosts !== 'each-attempt' || close !== 'abandon') return [];
  const text =
    'cannot be each-attempt with connection.close abandon, which gives up single attempts: leave out one of the two';
  return [{ path: ['connection', 'hosts'], text }];
}

function findQueriesProblems({ queries, statements }: Connection): ConnectionProblem[] {
  if (statements === undefined || queries === 0) return [];
  const text = `cannot be set together with connection.queries above 0, got queries ${queries}: set one of the two`;
  return [{ path: ['connection', 'statements'], text }];
}

function findCopyProblems({ statements = [] }: Connection): ConnectionProblem[] {
  return statements.flatMap((statement, index) =>
    hasCopy(statement) ? [{ path: ['connection', 'statements', index], text: NO_COPY }] : [],
  );
}

const NO_COPY = 'must be without COPY: connstorm has no data for it and keeps none of its data';
