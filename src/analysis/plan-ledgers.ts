import { nounOf } from '../counted.ts';
import {
  checkAccounting,
  checkHosts,
  checkReconnects,
  checkSessions,
} from '../model/accounting.ts';
import type { Accounting, ConnectionAccounting, SessionAccounting } from '../model/ledgers.ts';
import type { HeaderRecord } from '../result/records/header.ts';
import { checkHistograms } from './figures/histogram-laws.ts';
import type { Tally } from './figures/tally.ts';
import type { PlanLegs } from './plan-legs.ts';

/** The ledgers of a plan, over all legs. */
export interface PlanLedgers {
  accounting: Accounting;
  connections: ConnectionAccounting;
  /** undefined: there are no sessions. */
  sessions: SessionAccounting | undefined;
}

/**
 * Returns the ledgers. `run`: the sums of all steps. Attempts in flight, open connections and waiting sessions are
 * those at the ends of the legs.
 */
export function sumLedgers(run: Tally, legs: PlanLegs): PlanLedgers {
  const { counts, connections, sessions, hosts, passedOn } = run;
  const further = hosts.length === 0 ? {} : { passedOn };
  return {
    accounting: { ...counts, inFlight: legs.inFlight, ...further },
    connections: { ...connections, open: legs.openConnections },
    sessions: sessions.begun === 0 ? undefined : { ...sessions, waiting: legs.waiting },
  };
}

/** Returns which sums of a plan do not add up, a line each; an empty list if all do. */
export function findViolations(
  { arrivalCount }: Pick<HeaderRecord['plan'], 'arrivalCount'>,
  legs: PlanLegs,
  run: Tally,
): string[] {
  const { accounting, connections, sessions } = sumLedgers(run, legs);
  const complete = legs.listEnds().length === legs.count;
  return [
    ...checkAccounting(accounting, connections, { complete, sessions: sessions !== undefined }),
    ...(run.hosts.length === 0 ? [] : checkHosts(run.hosts, accounting, { complete })),
    ...(sessions === undefined ? [] : checkSessions(sessions, accounting, { complete })),
    ...(sessions === undefined ? [] : checkReconnects(legs.listStorms(), sessions)),
    ...checkHistograms(run),
    ...findMissingArrivals(arrivalCount, legs, accounting.due - run.closed.counts.due),
  ];
}

/** Compares `due` with the arrivals of open loops only. How often a closed loop connects is not known beforehand. */
function findMissingArrivals(arrivalCount: number | null, legs: PlanLegs, due: number): string[] {
  const whole = legs.listEnds().filter(({ stoppedBy }) => stoppedBy === 'end');
  if (whole.length < legs.count || arrivalCount === null) return [];
  const planned = arrivalCount * legs.count;
  return due === planned
    ? []
    : [`due ${due} is not the plan's ${planned} ${nounOf(planned, 'arrival')}`];
}
