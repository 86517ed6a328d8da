import { describe, expect, it } from 'vitest';
import { createClock, readMonotonicUs } from '../../src/clock.ts';
import { ABSENT, Attempt, type AttemptSink, type Driver } from '../../src/drivers/driver.ts';
import { DRIVERS } from '../../src/drivers/drivers.ts';
import { FrameReader } from '../../src/drivers/protocol/frames.ts';
import { FAILURE_PHASES, type Failure, LAYERS } from '../../src/model/measures.ts';
import type { CloseMode, SslMode } from '../../src/scenario/plan/plan.ts';
import { createRandom } from '../../src/scenario/plan/random.ts';
import { DRIVER_NAMES, type DriverName } from '../../src/scenario/schema/driver-name.ts';
import { countCases } from '../support/all-cases.ts';
import { startFuzzedServer } from '../support/servers/fuzzed-server.ts';
import * as messages from '../support/servers/known/messages.js';
import { choose, mutate, pick, splitAnywhere } from '../support/synthetic/mutation.ts';
import { localEndpoint, PLAIN_PLAN } from '../support/synthetic/open-attempt.ts';

/** `npm run fuzz` asks for more cases, and for others by FUZZ_SEED. */
const CASES = Number(process.env.FUZZ_CASES ?? countCases({ some: 500, all: 2_000 }));
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const TEST_TIMEOUT_MS = 60_000 + CASES * 10;

describe(`the reader of messages, seed ${SEED}`, () => {
  const whole = Buffer.concat([
    messages.authentication('md5', Buffer.from('salt')),
    messages.NEGOTIATE_PROTOCOL_VERSION,
    messages.NOTICE,
    messages.authentication('ok'),
    messages.PARAMETERS,
    messages.backendKeyData(1, 2),
    messages.READY_FOR_QUERY,
    messages.ONE_ROW,
    messages.errorResponse('FATAL', '57P01', 'terminating connection'),
  ]);

  it(`reads ${CASES} damaged streams the same whole and cut anywhere, and never throws`, () => {
    const random = createRandom(SEED);
    for (let round = 0; round < CASES; round++) {
      let stream: Buffer = whole;
      for (let left = 1 + pick(random, 3); left > 0; left--) stream = mutate(random, stream);
      const pieces = splitAnywhere(random, stream, 1 + pick(random, 12));
      expect(readAll(pieces), `round ${round}`).toEqual(readAll([stream]));
    }
  });
});

/** Every message and the problem that ended the stream, as text. */
function readAll(chunks: Buffer[]): string[] {
  const seen: string[] = [];
  const receiver = {
    handleFrame: (type: number, buffer: Buffer, start: number, end: number): boolean => {
      seen.push(`${type} ${buffer.toString('hex', start, end)}`);
      return true;
    },
    skipFrame: (bytes: number) => void seen.push(`skipped ${bytes}`),
  };
  const reader = new FrameReader();
  for (const chunk of chunks) {
    const problem = reader.read(Buffer.from(chunk), chunk.length, receiver);
    if (problem !== undefined) return [...seen, problem.kind];
  }
  return [...seen, reader.endOfStream()?.kind ?? 'end'];
}

describe.each(DRIVER_NAMES)(`the %s driver, seed ${SEED}`, (name) => {
  it(
    `ends ${CASES} attempts against damaged servers, each once, classified and in time`,
    async () => {
      const server = await startFuzzedServer(SEED);
      const ledger = new Ledger();
      try {
        await storm(createDrivers(name, server.port, ledger), ledger);
      } finally {
        await server.stop();
      }
      expect(ledger.problems).toEqual([]);
      expect(ledger.ended).toBe(CASES);
      // The damage is of every kind, and so are the ends: none is all there is.
      for (const kind of ['closed', 'network', 'protocol', 'server', 'timeout']) {
        expect(ledger.kinds.get(kind), kind).toBeGreaterThan(CASES / 400);
      }
    },
    TEST_TIMEOUT_MS,
  );
});

/** A hundred at a time share one thread with the server: on a busy machine an answer takes a while, and still comes in time. */
const TIMEOUT_US = 3_000_000;
/** For a machine that is busy with something else. */
const PATIENCE_US = 5_000_000;
const AT_ONCE = 100;
const SERVER_TIMES = { options: '-c client_min_messages=log', sampleEvery: 2 };

/** In each way of securing and closing a connection that the driver has; one clock for all. */
function createDrivers(name: DriverName, port: number, ledger: Ledger): [Driver, ...Driver[]] {
  const create = (sslmode: SslMode, close: CloseMode): Driver => {
    const plan = {
      ...PLAIN_PLAN,
      queries: 2,
      tellsUsable: true,
      timeoutUs: TIMEOUT_US,
      close,
      serverTimes: SERVER_TIMES,
    };
    return new DRIVERS[name](localEndpoint(port, { sslmode }), plan, ledger, ledger.now);
  };
  const closes =
    name === 'wire' ? (['terminate', 'server-first', 'reset'] as const) : (['terminate'] as const);
  // The server has no TLS: where pg requires it, only the reply to SSLRequest is met.
  const encrypted = name === 'wire' ? 'prefer' : 'require';
  const inEachWay = (sslmode: SslMode) => closes.map((close) => create(sslmode, close));
  return [create('disable', 'terminate'), ...inEachWay('disable'), ...inEachWay(encrypted)];
}

async function storm(drivers: [Driver, ...Driver[]], ledger: Ledger): Promise<void> {
  const random = createRandom(SEED);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < CASES) {
      const attempt = new Attempt(0, next++, 0, ledger.now());
      const ended = ledger.await(attempt);
      choose(random, drivers).open(attempt);
      await ended;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Holds every attempt to its rules: one end, known names, in time. */
class Ledger implements AttemptSink {
  readonly now = createClock(readMonotonicUs());
  readonly problems: string[] = [];
  /** Layers of failures and outcomes of connections that were met. */
  readonly kinds = new Map<string, number>();
  ended = 0;
  readonly #open = new Map<Attempt, () => void>();
  readonly #ready = new Set<Attempt>();

  await(attempt: Attempt): Promise<void> {
    return new Promise((resolve) => this.#open.set(attempt, resolve));
  }

  ready(attempt: Attempt): void {
    if (this.#ready.has(attempt)) this.#complain(attempt, 'was ready twice');
    this.#ready.add(attempt);
    this.#checkTime(attempt, attempt.readyUs - attempt.startUs, TIMEOUT_US);
  }

  failed(attempt: Attempt, failure: Failure, atUs: number): void {
    if (this.#ready.has(attempt)) this.#complain(attempt, 'failed after it was ready');
    this.#checkTime(attempt, atUs - attempt.startUs, TIMEOUT_US);
    this.#checkFailure(attempt, failure);
    this.#end(attempt, failure.layer);
  }

  cancelled(attempt: Attempt): void {
    this.#complain(attempt, 'was cancelled, by nobody');
  }

  abandoned(attempt: Attempt): void {
    this.#complain(attempt, 'was abandoned, by nobody');
  }

  firstQuery(attempt: Attempt): void {
    if (!this.#ready.has(attempt)) this.#complain(attempt, 'had a query answered before ready');
  }

  usable(attempt: Attempt): void {
    if (attempt.queriedUs === ABSENT) this.#complain(attempt, 'was usable before its first query');
    if (attempt.usableUs < attempt.queriedUs) this.#complain(attempt, 'was usable too early');
  }

  turned(): void {}

  backendAge(attempt: Attempt): void {
    if (!this.#ready.has(attempt)) this.#complain(attempt, 'told its age before ready');
    if (!Number.isSafeInteger(attempt.backendAgeUs)) this.#complain(attempt, 'told no age');
  }

  connectionEnded(
    attempt: Attempt,
    outcome: 'closed' | 'queryFailed' | 'cut',
    failure: Failure | undefined,
    atUs: number,
  ): void {
    if (!this.#ready.has(attempt)) this.#complain(attempt, 'ended a connection it never had');
    if (failure !== undefined) this.#checkFailure(attempt, failure);
    else if (outcome !== 'closed') this.#complain(attempt, `${outcome} without a reason`);
    // Two queries, the backend's age and the server's FIN.
    this.#checkTime(attempt, atUs - attempt.readyUs, 4 * TIMEOUT_US);
    this.#end(attempt, outcome);
  }

  #end(attempt: Attempt, kind: string): void {
    const resolve = this.#open.get(attempt);
    if (resolve === undefined) this.#complain(attempt, 'ended twice');
    this.#open.delete(attempt);
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
    this.ended++;
    resolve?.();
  }

  #checkFailure(attempt: Attempt, { layer, phase, code, message }: Failure): void {
    const isKnown = LAYERS.includes(layer) && FAILURE_PHASES.includes(phase);
    // A damaged count of iterations may ask for more than the timeout's worth of PBKDF2; else nothing local is at fault.
    const isLocal = layer === 'local' && code !== 'SCRAM_CPU';
    if (!isKnown || isLocal)
      this.#complain(attempt, `failed in ${layer}/${phase}: ${code} ${message}`);
    // ERR_...: an exception of Node's, in code that choked on what came.
    const isOurs = /^ERR_(?!SSL_|TLS_)/.test(code);
    if (code === '' || code === 'ERROR' || isOurs)
      this.#complain(attempt, `has no code of its own: ${code} ${message}`);
  }

  #checkTime(attempt: Attempt, us: number, limitUs: number): void {
    if (us > limitUs + PATIENCE_US) this.#complain(attempt, `took ${us} us`);
  }

  #complain(attempt: Attempt, what: string): void {
    this.problems.push(`attempt ${attempt.index} ${what}`);
  }
}
