import { RELOAD } from '../../drivers/reload.ts';
import { UnreachableError } from '../../errors.ts';
import type { ServerControl } from '../../lab/postgres/server-control.ts';
import type { CommandRecord } from '../../result/records/events.ts';
import { isSameServer, type Target } from '../../targets/target.ts';
import type { Prepared } from '../prepare/prepared.ts';
import type { EventLab } from './event-lab.ts';
import { connect, OwnSessions } from './own-sessions.ts';
import { runCommand } from './run-command.ts';

/** What the events of a leg can do. Tests have their own, in virtual time. */
export interface EventActs {
  /** undefined: connstorm did not start the server. */
  lab: EventLab | undefined;
  /** Ends those of the backends that are sessions of the storm, a list for each endpoint. Resolves with how many. */
  endSessions(pids: readonly (readonly number[])[]): Promise<number>;
  reload(): Promise<void>;
  runCommand(command: string, timeoutUs: number, cancel: AbortSignal): Promise<CommandRecord>;
  /** Sessions that were opened for it, a number for each endpoint; absent: none. */
  readonly sessions?: readonly number[];
  /** May be called twice. */
  close(): Promise<void>;
}

/**
 * Opens what the variant's events need. Call it before the load begins. Throws UnreachableError if a server does not
 * accept a login.
 */
export async function openEventActs(prepared: Prepared): Promise<EventActs> {
  const { found, turns, plan, lab, sessionMark } = prepared;
  // In the order of the storm's endpoints.
  const hosts = turns ?? found.map((visited) => ({ target: visited.target, visited }));
  const timeoutUs = limitLogin(plan.connection.timeoutUs);
  const sessions: (OwnSessions | undefined)[] = [];
  /** Sessions of reloads, by host. */
  const reloaded: number[] = [];
  const countReload = (reloading: Target): void => {
    const at = hosts.findIndex(({ target }) => isSameServer(target, reloading));
    reloaded[at] = (reloaded[at] ?? 0) + 1;
  };
  const close = async (): Promise<void> => {
    await Promise.all(sessions.map((session) => session?.close()));
  };
  try {
    if (sessionMark !== undefined) {
      const options = { timeoutUs, mark: sessionMark };
      for (const { visited } of hosts) {
        sessions.push(visited === undefined ? undefined : await OwnSessions.open(visited, options));
      }
    }
  } catch (cause) {
    await close();
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `connstorm could not open the connection with which drop-all ends sessions: ${why}`;
    throw new UnreachableError('NO_EVENT_CONNECTION', message, { cause });
  }
  return {
    lab,
    get sessions() {
      return hosts.map((_, at) => (sessions[at]?.opened ?? 0) + (reloaded[at] ?? 0));
    },
    endSessions: async (pids) => {
      const counts = await Promise.all(
        sessions.map((session, at) => endAt(session, hosts[at]?.target, pids[at] ?? [])),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
    reload: () => (lab === undefined ? reloadBySql(prepared, countReload) : reloadLab(lab.control)),
    runCommand: (command, commandTimeoutUs, cancel) =>
      runCommand(command, { timeoutUs: commandTimeoutUs, env: describeTarget(prepared), cancel }),
    close,
  };
}

/**
 * The load may be impatient. A server that still works through the backlog of the leg before is no reason to end a run.
 */
const PATIENCE_US = 30_000_000;

function limitLogin(timeoutUs: number): number {
  return Math.max(timeoutUs, PATIENCE_US);
}

/** A host that did not answer before the load has no clock to tell the sessions of the storm by. */
async function endAt(
  session: OwnSessions | undefined,
  target: Target | undefined,
  pids: readonly number[],
): Promise<number> {
  if (session !== undefined) return session.end(pids);
  if (pids.length === 0) return 0;
  throw new Error(
    `the sessions at ${target?.host}:${target?.port} cannot be told apart, because the server did not answer before the load`,
  );
}

/** Reloads a server that connstorm started by a signal. A login could take long in a storm. */
async function reloadLab({ pid }: ServerControl): Promise<void> {
  process.kill(pid, 'SIGHUP');
}

async function reloadBySql(
  { found, plan }: Prepared,
  count: (target: Target) => void,
): Promise<void> {
  for (const server of found) {
    const side = await connect(server, limitLogin(plan.connection.timeoutUs));
    count(server.target);
    try {
      await side.query(RELOAD);
    } finally {
      await side.end();
    }
  }
}

/** Variables that tell a command which server is meant. They never contain the password. */
function describeTarget({ found: [{ target }] }: Prepared): Record<string, string> {
  return {
    CONNSTORM_HOST: target.host,
    CONNSTORM_PORT: String(target.port),
    CONNSTORM_USER: target.user,
    CONNSTORM_DATABASE: target.database,
  };
}
