import { formatCounted } from '../counted.ts';
import type {
  Accounting,
  ConnectionAccounting,
  ReconnectStorm,
  SessionAccounting,
} from './ledgers.ts';

/** Counts of one interval, without what is under way. */
export type Counts = Omit<Accounting, 'inFlight'>;
export type ConnectionCounts = Omit<ConnectionAccounting, 'open'>;
export type SessionCounts = Omit<SessionAccounting, 'waiting'>;

export function zeroCounts(): Counts {
  return {
    due: 0,
    dropped: 0,
    begun: 0,
    started: 0,
    ok: 0,
    failed: 0,
    abandoned: 0,
    cancelled: 0,
    lost: 0,
  };
}

export function zeroConnections(): ConnectionCounts {
  return { opened: 0, closed: 0, queryFailed: 0, cut: 0, lost: 0 };
}

export function zeroSessions(): SessionCounts {
  return {
    begun: 0,
    reconnects: 0,
    connected: 0,
    gaveUp: 0,
    cancelled: 0,
    lost: 0,
    attempts: 0,
    withinGoal: 0,
  };
}

/** Adds `from` to `into`, field by field. */
export function addCounts<T extends Record<keyof T, number>>(into: T, from: T): void {
  for (const name of Object.keys(into) as (keyof T)[]) {
    into[name] = (into[name] + from[name]) as T[keyof T];
  }
}

/** Returns how many attempts have ended, with any outcome. */
export function countEnded(counts: Counts): number {
  return counts.ok + counts.failed + counts.abandoned + counts.cancelled + counts.lost;
}

/** Returns how many connections have ended, with any outcome. */
export function countEndedConnections(counts: ConnectionCounts): number {
  return counts.closed + counts.queryFailed + counts.cut + counts.lost;
}

/** Returns how many sessions have ended, with any outcome. */
export function countEndedSessions(counts: SessionCounts): number {
  return counts.connected + counts.gaveUp + counts.cancelled + counts.lost;
}

/** Returns the laws of `SessionAccounting` that do not hold, as `checkAccounting` does. */
export function checkSessions(
  sessions: SessionAccounting,
  { begun, ok, started }: Accounting,
  { complete }: { complete: boolean },
): string[] {
  const { reconnects, connected, gaveUp, cancelled, lost, waiting, attempts, withinGoal } =
    sessions;
  const counts = { reconnects, connected, gaveUp, cancelled, lost, waiting, attempts, withinGoal };
  const ended = countEndedSessions(sessions);
  const laws: [holds: boolean, violation: string][] = [
    [
      sessions.begun === ended + waiting,
      `sessions begun ${sessions.begun} is not ended ${ended} + waiting ${waiting}`,
    ],
    [
      sessions.begun === begun + reconnects,
      `sessions begun ${sessions.begun} is not arrivals begun ${begun} + reconnects ${reconnects}`,
    ],
    [connected === ok, `sessions connected ${connected} is not ok ${ok}`],
    [
      connected <= attempts && attempts <= started,
      `attempts ${attempts} of ${connected} connected sessions, of ${started} in all`,
    ],
    [withinGoal <= connected, `sessions within goal ${withinGoal} is more than ${connected}`],
    [
      !complete || waiting === 0,
      `the run has ended with ${formatCounted(waiting, 'session')} waiting`,
    ],
    ...listCounts({ ...counts, begun: sessions.begun }),
  ];
  return laws.flatMap(([holds, violation]) => (holds ? [] : [violation]));
}

/**
 * Returns the laws of `ReconnectStorm` that do not hold, as `checkAccounting` does. A session that was cut and is in no
 * storm yet is still waiting.
 */
export function checkReconnects(
  storms: readonly ReconnectStorm[],
  { reconnects, waiting }: SessionAccounting,
): string[] {
  const cut = storms.reduce((sum, storm) => sum + storm.cut, 0);
  const isClosed = cut <= reconnects && reconnects <= cut + waiting;
  const open = storms.filter((it) => it.cut !== it.back + it.gaveUp + it.ended);
  return [
    ...(isClosed
      ? []
      : [`reconnects ${reconnects} is not ${cut} in storms and some of ${waiting} waiting`]),
    ...open.map((it) => `cut ${it.cut} is not back ${it.back} + ${it.gaveUp} + ${it.ended}`),
  ];
}

function listCounts(figures: object): [boolean, string][] {
  return Object.entries(figures).map(([name, value]) => [
    Number.isSafeInteger(value) && value >= 0,
    `${name} ${value} is not a count`,
  ]);
}

/**
 * Returns the laws of `Accounting` and `ConnectionAccounting` that do not hold, one sentence each; [] if all hold.
 * `complete`: the run has ended, so nothing may be under way. `sessions`: the scenario has sessions, so an arrival may
 * take several attempts.
 */
export function checkAccounting(
  accounting: Accounting,
  connections: ConnectionAccounting,
  { complete, sessions = false }: { complete: boolean; sessions?: boolean },
): string[] {
  const { due, dropped, begun, started, ok, inFlight } = accounting;
  const { opened, open } = connections;
  const ended = countEnded(accounting);
  const closed = countEndedConnections(connections);
  const laws: [holds: boolean, violation: string][] = [
    [due === dropped + begun, `due ${due} is not dropped ${dropped} + begun ${begun}`],
    [sessions || started === begun, `started ${started} is not begun ${begun}`],
    [
      started === ended + inFlight,
      `started ${started} is not ended ${ended} + inFlight ${inFlight}`,
    ],
    [opened === ok, `opened ${opened} is not ok ${ok}`],
    [opened === closed + open, `opened ${opened} is not ended ${closed} + open ${open}`],
    [
      !complete || inFlight === 0,
      `the run has ended with ${formatCounted(inFlight, 'attempt')} in flight`,
    ],
    [!complete || open === 0, `the run has ended with ${formatCounted(open, 'connection')} open`],
    ...[accounting, connections].flatMap(listCounts),
  ];
  return laws.flatMap(([holds, violation]) => (holds ? [] : [violation]));
}
