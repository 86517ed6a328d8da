import { type Clock, createClock, readMonotonicUs } from '../../../src/clock.ts';
import {
  Attempt,
  type AttemptSink,
  type ConnectionPlan,
  type Driver,
} from '../../../src/drivers/driver.ts';
import { DRIVERS } from '../../../src/drivers/drivers.ts';
import type { Endpoint } from '../../../src/drivers/endpoint.ts';
import type { Notice } from '../../../src/drivers/protocol/notice.ts';
import { NO_SERVER_TIMES } from '../../../src/drivers/protocol/server-times.ts';
import { SELECT_ONE } from '../../../src/drivers/protocol/statements.ts';
import { WireDriver } from '../../../src/drivers/wire/wire.ts';
import type { Failure } from '../../../src/model/measures.ts';

/** What became of one attempt, and of the connection it opened. */
export interface AttemptStory {
  attempt: Attempt;
  outcome: 'ok' | 'failed' | 'cancelled' | 'abandoned';
  failure?: Failure;
  connection?: 'closed' | 'queryFailed' | 'cut';
  connectionFailure?: Failure | undefined;
  connectionEndUs?: number;
  endUs: number;
  /** When the backend told its age. */
  ageToldUs?: number;
  scram: { derivations: number; salts: number };
  notices: Notice[];
}

export function localEndpoint(port: number, over: Partial<Endpoint> = {}): Endpoint {
  return {
    host: 'localhost',
    address: '127.0.0.1',
    port,
    database: 'storm',
    user: 'storm',
    password: 'secret',
    sslmode: 'prefer',
    applicationName: 'connstorm',
    ...over,
  };
}

const ignore = (): void => {};
/** Takes no notice of anything. */
export const DEAF_SINK: AttemptSink = {
  ready: ignore,
  firstQuery: ignore,
  usable: ignore,
  backendAge: ignore,
  cancelled: ignore,
  abandoned: ignore,
  turned: ignore,
  failed: ignore,
  connectionEnded: ignore,
};

export const PLAIN_PLAN: ConnectionPlan = {
  queries: 0,
  statements: SELECT_ONE,
  tellsUsable: false,
  holdUs: 0,
  close: 'terminate',
  abandonAfterUs: undefined,
  timeoutUs: 5_000_000,
  scramCache: true,
  localAddresses: [],
  serverTimes: NO_SERVER_TIMES,
};

/** As the wire driver is where Node gives away no handle of its own. */
class SocketWireDriver extends WireDriver {
  constructor(endpoint: Endpoint, plan: ConnectionPlan, sink: AttemptSink, now: Clock) {
    super(endpoint, plan, sink, now, null);
  }
}

export const TESTED_DRIVERS = { ...DRIVERS, 'wire by net.Socket': SocketWireDriver };
export type TestedDriver = keyof typeof TESTED_DRIVERS;

/** Makes `count` attempts one after another through one driver; resolves when the last has wholly ended. */
export async function openAttempts(
  endpoint: Endpoint,
  plan: Partial<ConnectionPlan> = {},
  count = 1,
  meddle: (driver: Driver) => void = () => {},
  name: TestedDriver = 'wire',
): Promise<AttemptStory[]> {
  const now = createClock(readMonotonicUs());
  const stories: AttemptStory[] = [];
  const told = new Map<Attempt, Notice[]>();
  let next = (): void => {};
  const driver: Driver = new TESTED_DRIVERS[name](
    endpoint,
    { ...PLAIN_PLAN, ...plan },
    {
      ready: (attempt) => push({ attempt, outcome: 'ok', endUs: attempt.readyUs }),
      firstQuery: () => {},
      usable: () => {},
      turned: () => {},
      noticed: (attempt, notice) => noticesOf(attempt).push(notice),
      backendAge: (attempt, atUs) => {
        const story = stories.find((candidate) => candidate.attempt === attempt);
        if (story === undefined) throw new Error('a backend told its age that was never ready');
        story.ageToldUs = atUs;
      },
      failed: (attempt, failure, endUs) => {
        push({ attempt, outcome: 'failed', failure, endUs });
        next();
      },
      cancelled: (attempt, endUs) => {
        push({ attempt, outcome: 'cancelled', endUs });
        next();
      },
      abandoned: (attempt, endUs) => {
        push({ attempt, outcome: 'abandoned', endUs });
        next();
      },
      connectionEnded: (attempt, connection, connectionFailure, connectionEndUs) => {
        const story = stories.find((candidate) => candidate.attempt === attempt);
        if (story === undefined) throw new Error('a connection ended that never began');
        if (story.connection !== undefined) throw new Error('a connection ended twice');
        Object.assign(story, { connection, connectionFailure, connectionEndUs });
        next();
      },
    },
    now,
  );
  function push(story: Omit<AttemptStory, 'scram' | 'notices'>): void {
    const notices = noticesOf(story.attempt);
    stories.push({ ...story, scram: driver.scramFigures, notices });
  }
  function noticesOf(attempt: Attempt): Notice[] {
    const known = told.get(attempt) ?? [];
    told.set(attempt, known);
    return known;
  }
  for (let index = 0; index < count; index++) {
    const ended = new Promise<void>((resolve) => {
      next = resolve;
    });
    const startUs = now();
    driver.open(new Attempt(0, index, startUs, startUs));
    meddle(driver);
    await ended;
  }
  return stories;
}

/** As openAttempts, for one. */
export async function openAttempt(
  endpoint: Endpoint,
  plan: Partial<ConnectionPlan> = {},
  meddle?: (driver: Driver) => void,
  name?: TestedDriver,
): Promise<AttemptStory> {
  const [story] = await openAttempts(endpoint, plan, 1, meddle, name);
  if (story === undefined) throw new Error('the attempt never ended');
  return story;
}
