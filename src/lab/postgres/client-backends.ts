import { listChildren } from '../process/child-processes.ts';
import { STORM } from './storm-role.ts';

/**
 * Returns the pids of backends that serve the storm's database user, the youngest first. Those that have not logged in
 * yet come last. They are found by the titles that Postgres gives its processes: asking the server would need a
 * connect, and in a storm that takes long.
 */
export function listClientBackends(postmasterPid: number): number[] {
  const backends = listChildren(postmasterPid)
    .reverse()
    .flatMap(({ pid, title }) => {
      const state = CLIENT.exec(title)?.[1];
      return state === undefined ? [] : [{ pid, isIn: !LOGGING_IN.has(state) }];
    });
  const [ready, others] = [true, false].map((isIn) => backends.filter((it) => it.isIn === isIn));
  return [...(ready ?? []), ...(others ?? [])].map(({ pid }) => pid);
}

/**
 * A title such as `postgres: storm storm 127.0.0.1(40122) idle`; behind `postgres:` may be the cluster's name. Those of
 * other processes, such as `postgres: walsender postgres 127.0.0.1(40120) streaming`, name another user.
 */
const CLIENT = new RegExp(
  `^postgres: (?:.*: )?${STORM} ${STORM} (?:\\[local\\]|[\\d.]+\\(\\d+\\))(?: (.*))?$`,
);
const LOGGING_IN: ReadonlySet<string> = new Set(['initializing', 'authentication', 'startup']);
