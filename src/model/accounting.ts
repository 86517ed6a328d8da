import { formatCounted } from '../counted.ts';
import type {
  Accounting,
  ConnectionAccounting,
  HostAccounting,
  HostActivity,
  ReconnectStorm,
  SessionAccounting,
} from './ledgers.ts';

/** Counts of one interval, without what is under way. */
export type Counts = Omit<Accounting, 'inFlight' | 'passedOn'>;
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

export function zeroHost(host: number): HostAccounting {
  return { host, started: 0, ok: 0, failed: 0, passedOn: 0, abandoned: 0, cancelled: 0, lost: 0 };
}

/** Adds counts by host to `into`, which is indexed by host. */
export function addHosts(into: HostActivity[], from: readonly HostActivity[]): void {
  for (const { host, firstOkUs, lastOkUs, ...counts } of from) {
    while (into.length <= host) into.push(zeroHost(into.length));
    const sum = into[host];
    if (sum === undefined) continue;
    const { firstOkUs: first, lastOkUs: last, ...own } = sum;
    addCounts(own, { ...counts, host: 0 });
    into[host] = {
      ...own,
      ...pickMoment('firstOkUs', Math.min, first, firstOkUs),
      ...pickMoment('lastOkUs', Math.max, last, lastOkUs),
    };
  }
}

/** Returns the earlier or later of two moments that may be absent. */
function pickMoment(
  name: 'firstOkUs' | 'lastOkUs',
  pick: (a: number, b: number) => number,
  one: number | undefined,
  other: number | undefined,
): Partial<HostActivity> {
  const known = one ?? other;
  return known === undefined ? {} : { [name]: pick(known, other ?? known) };
}

/** Adds `from` to `into`, field by field. */
export function addCounts<T extends Record<keyof T, number>>(into: T, from: T): void {
  for (const name of Object.keys(into) as (keyof T)[]) {
    into[name] = (into[name] + from[name]) as T[keyof T];
  }
}

/** Returns how many attempts have ended, with any outcome. */
export function countEnded(
  counts: Pick<Counts, 'ok' | 'failed' | 'abandoned' | 'cancelled' | 'lost'>,
): number {
  return counts.ok + counts.failed + counts.abandoned + counts.cancelled + counts.lost;
}

/** Returns how many attempts, at all of these hosts, failed with another one in their place at the next host. */
export function sumPassedOn(hosts: readonly HostAccounting[]): number {
  return hosts.reduce((sum, { passedOn }) => sum + passedOn, 0);
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

/**
 * Returns the laws of `HostAccounting` that do not hold, as `checkAccounting` does. `hosts`: those of the whole run.
 */
export function checkHosts(
  hosts: readonly HostAccounting[],
  accounting: Accounting,
  { complete }: { complete: boolean },
): string[] {
  const sum = zeroHost(0);
  for (const host of hosts) addCounts(sum, host);
  const { host: _, ...sums } = sum;
  const wrong = Object.entries(sums).flatMap(([name, count]) => {
    const expected = accounting[name as keyof typeof sums] ?? 0;
    return count === expected ? [] : [`${name} ${count} over all hosts is not ${expected}`];
  });
  const open = hosts.flatMap((it) => {
    const ended = countEnded(it);
    const holds =
      it.passedOn <= it.failed && (complete ? ended === it.started : ended <= it.started);
    return holds
      ? []
      : [`host ${it.host}: started ${it.started}, ended ${ended}, passed on ${it.passedOn}`];
  });
  return [...wrong, ...open];
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
  const { due, dropped, begun, started, ok, failed, inFlight, passedOn = 0 } = accounting;
  const { opened, open } = connections;
  const ended = countEnded(accounting);
  const closed = countEndedConnections(connections);
  const laws: [holds: boolean, violation: string][] = [
    [due === dropped + begun, `due ${due} is not dropped ${dropped} + begun ${begun}`],
    [
      sessions ? started >= begun + passedOn : started === begun + passedOn,
      `started ${started} is ${sessions ? 'less than' : 'not'} begun ${begun}${passedOn === 0 ? '' : ` + passed on ${passedOn}`}`,
    ],
    [passedOn <= failed, `passed on ${passedOn} is more than failed ${failed}`],
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
