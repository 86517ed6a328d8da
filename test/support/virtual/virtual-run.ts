import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { findExitReasons } from '../../../src/analysis/exit-reasons.ts';
import type { Attempt } from '../../../src/drivers/driver.ts';
import { NO_SERVER_TIMES } from '../../../src/drivers/protocol/server-times.ts';
import { decideExitCode, type ExitReason } from '../../../src/errors.ts';
import { lowerHeader, lowerSummary } from '../../../src/result/lift.ts';
import type {
  AnyHeader,
  HeaderRecord,
  VariantsHeaderRecord,
} from '../../../src/result/records/header.ts';
import type { ResultRecord } from '../../../src/result/records/records.ts';
import type {
  AnySummary,
  SummaryRecord,
  VariantsSummaryRecord,
} from '../../../src/result/records/summary-records.ts';
import { ResultWriter } from '../../../src/result/write/write.ts';
import { describeRun } from '../../../src/run/describe/describe-run.ts';
import type { EventActs } from '../../../src/run/events/event-acts.ts';
import { RunJournal } from '../../../src/run/legs/journal.ts';
import type { RunPorts } from '../../../src/run/legs/ports.ts';
import { runStorms } from '../../../src/run/legs/storm.ts';
import { tasteRate } from '../../../src/run/legs/taste-rate.ts';
import { createNotes } from '../../../src/run/notes.ts';
import { assignTargets } from '../../../src/run/place/assign-targets.ts';
import { followTargets } from '../../../src/run/prepare/follow-targets.ts';
import type { Planned, Prepared } from '../../../src/run/prepare/prepared.ts';
import type { RunObserver, RunRequest } from '../../../src/run/request.ts';
import { parseScenario } from '../../../src/scenario/file/parse.ts';
import type { LoadedScenario } from '../../../src/scenario/file/read.ts';
import { planRounds } from '../../../src/scenario/plan/rounds.ts';
import { findTaste } from '../../../src/scenario/plan/taste.ts';
import { planWatch } from '../../../src/scenario/schema/kill-switch-schema.ts';
import { observe } from '../run-storm.ts';
import { type Fate, SimulatedDriver } from './simulated-driver.ts';
import { VirtualBackground } from './virtual-background.ts';
import {
  type CreateDriver,
  keepVirtually,
  VirtualProbes,
  VirtualThread,
  watchIdly,
} from './virtual-ports.ts';
import { VirtualTime } from './virtual-time.ts';

/** `serial`: the target's attempts so far; `nowUs`: of virtual time, which goes on from leg to leg. */
export type VirtualServer = (attempt: Attempt, serial: number, nowUs: number) => Fate;

/** What a test may do while a run goes on. */
export interface Hands {
  time: VirtualTime;
  stop: AbortController;
  cancel: AbortController;
  /** Ends the lab that the run stands on. */
  endLab: (how: string) => void;
  /** Those of the leg that goes on; undefined without a kill switch. */
  probes: VirtualProbes | undefined;
  /** Drivers that were made, the oldest first. */
  drivers: SimulatedDriver[];
  /** Attempts that were begun, warm-ups and tastes too. */
  attempts: Attempt[];
  /** The activities beside each leg, the oldest first. */
  backgrounds: VirtualBackground[];
}

export interface VirtualOptions {
  /** By role; absent: one, `direct`, at which all are ready after 1 ms. */
  servers?: Record<string, VirtualServer>;
  observer?: (hands: Hands) => Partial<RunObserver>;
  /** Called when a leg's probes have been started, before its threads are. */
  watched?: (probes: VirtualProbes) => void;
  /** Called when a leg is over, before the next one begins. */
  legEnded?: (hands: Hands) => void;
  maxInFlight?: number;
  /** What events do. Absent: nothing, at once. */
  acts?: (hands: Hands) => Partial<EventActs>;
  /**
   * Number of hosts of the first role, and parameters of its connection string. A server is told an attempt's host by
   * its `place`.
   */
  hosts?: { count: number; parameters?: string };
}

const NO_ACTS: EventActs = {
  lab: undefined,
  endSessions: async () => 0,
  reload: async () => {},
  runCommand: async () => ({ exitCode: 0, output: '' }),
  close: async () => {},
};

interface AnyVirtualRun extends Hands {
  records: ResultRecord[];
  notes: string[];
  reasons: ExitReason[];
  exitCode: number;
}

/** Runs a scenario, given as its data, in virtual time: everything from a taste to the summary but for servers, threads and probes. */
export async function runVirtually(
  scenario: Record<string, unknown>,
  options: VirtualOptions = {},
): Promise<AnyVirtualRun & { header: HeaderRecord; summary: SummaryRecord }> {
  const virtual = await run(scenario, options);
  const { header, summary } = virtual;
  if (!('variants' in header) && summary.metrics !== null) return { ...virtual, header, summary };
  throw new Error('the run has variants');
}

/** The same for a scenario with variants, or of several rounds. */
export async function runVariantsVirtually(
  scenario: Record<string, unknown>,
  options: VirtualOptions = {},
): Promise<AnyVirtualRun & { header: VariantsHeaderRecord; summary: VariantsSummaryRecord }> {
  const virtual = await run(scenario, options);
  const { header, summary } = virtual;
  if ('variants' in header && summary.metrics === null) return { ...virtual, header, summary };
  throw new Error('the run has no variants');
}

const READY_US = 1_000;
/** The role of a port of the simulated targets. */
const FIRST_PORT = 5001;
const FURTHER_PORT = 6001;

async function run(
  scenario: Record<string, unknown>,
  options: VirtualOptions,
): Promise<AnyVirtualRun & { header: AnyHeader; summary: AnySummary }> {
  const { servers = { direct: () => ({ ready: READY_US }) } } = options;
  const broken = new AbortController();
  const hands: Hands = {
    time: new VirtualTime(),
    stop: new AbortController(),
    cancel: new AbortController(),
    endLab: (how) => broken.abort(how),
    probes: undefined,
    drivers: [],
    attempts: [],
    backgrounds: [],
  };
  const notes: string[] = [];
  const observer = observe(notes, options.observer?.(hands));
  const request = describeRequest(scenario, hands, observer);
  const prepared = await prepare(request, servers, options);
  const ports = createPorts(hands, servers, options);
  const lines: string[] = [];
  const write = (bytes: Buffer): void => void lines.push(bytes.toString());
  const writer = new ResultWriter({ write, close: () => {} }, null);
  const legEnded = (): void => options.legEnded?.(hands);
  const running = runPrepared(request, prepared, {
    writer,
    broken: broken.signal,
    ports,
    legEnded,
  });
  const { header, summary } = await passTime(hands.time, running);
  const reasons = findExitReasons(summary);
  const records = lines
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): ResultRecord => JSON.parse(line));
  return { ...hands, header, summary, records, notes, reasons, exitCode: decideExitCode(reasons) };
}

function describeRequest(
  scenario: Record<string, unknown>,
  { stop, cancel }: Hands,
  observer: RunObserver,
): RunRequest {
  const text = JSON.stringify({ shows: 'a test', killSwitch: false, ...scenario });
  const loaded: LoadedScenario = {
    name: 'virtual',
    path: '',
    ...parseScenario(text, 'virtual.json'),
  };
  return {
    loaded,
    targets: [],
    reserve: undefined,
    yes: false,
    out: false,
    postgresBin: undefined,
    env: {},
    stdin: new PassThrough(),
    stderr: new PassThrough(),
    stop: AbortSignal.any([stop.signal, cancel.signal]),
    cancel: cancel.signal,
    observer,
  };
}

/** What the real one finds out of real servers is given here. */
async function prepare(
  request: RunRequest,
  servers: Record<string, VirtualServer>,
  { maxInFlight = 1_000, hosts: { count, parameters = '' } = { count: 1 } }: VirtualOptions,
): Promise<Prepared[]> {
  const { loaded, observer } = request;
  const further = Array.from({ length: count - 1 }, (_, at) => `,127.0.0.1:${FURTHER_PORT + at}`);
  const texts = Object.keys(servers).map(
    (role, index) =>
      `${role}=postgresql://storm@127.0.0.1:${FIRST_PORT + index}${index === 0 ? further.join('') : ''}/storm?sslmode=disable${parameters}`,
  );
  const assigned = await assignTargets({ variants: loaded.variants, texts, env: {} });
  const planned = followTargets(assigned, loaded.flagged, createNotes(observer));
  return planned.map((variant) => ({
    ...variant,
    found: [findTarget(variant)],
    ...findTurns(variant),
    maxInFlight: variant.plan.maxInFlight ?? maxInFlight,
    inFlightCure: '',
    background: variant.plan.background.map((plan) => ({ plan })),
    isBeyondSlots: false,
    workers: variant.scenario.workers ?? 1,
    warmUpUs: loaded.warmUpUs,
    serverTimes: NO_SERVER_TIMES,
    isReadOnly: false,
    watch: planWatch(variant.scenario.killSwitch, { isOn: true }),
    hasProbes: false,
    seesHost: false,
    lab: undefined,
    sessionMark: undefined,
  }));
}

function findTurns({ scenario, resolved }: Planned): Pick<Prepared, 'turns'> {
  if (scenario.connection.hosts !== 'each-attempt') return {};
  const [first, ...others] = resolved.hosts.map(({ target }) => ({ target }));
  return first === undefined ? {} : { turns: [first, ...others] };
}

function findTarget({ resolved }: Planned): Prepared['found'][0] {
  const target = resolved.hosts[0]?.target;
  if (target === undefined) throw new Error('the target has no host');
  return {
    target,
    server: { version: '18.4', tls: null, settings: {}, slots: null, pooler: false, auth: 'trust' },
    limits: null,
    postmasterPid: null,
    session: { readOnly: null, standby: null },
  };
}

function createPorts(
  hands: Hands,
  servers: Record<string, VirtualServer>,
  options: VirtualOptions,
): RunPorts {
  const { time } = hands;
  const { watched = () => {} } = options;
  const roles = Object.values(servers).map((server) => ({ server, attempts: 0 }));
  const createDriver: CreateDriver = ({ endpoints, connection }, sink, now) => {
    const role = roles[(endpoints[0]?.port ?? FIRST_PORT) - FIRST_PORT];
    if (role === undefined) throw new Error('there is no such target');
    const driver = new SimulatedDriver(sink, time, {
      server: (attempt) => role.server(attempt, role.attempts++, time.nowUs),
      connection,
      note: (attempt) => void hands.attempts.push(attempt),
      now,
      queries: connection.queries,
    });
    hands.drivers.push(driver);
    return driver;
  };
  return {
    load: {
      startThread: (input) => new VirtualThread(input, time, createDriver),
      time: keepVirtually(time),
    },
    startProbes: async () => {
      const probes = new VirtualProbes();
      hands.probes = probes;
      watched(probes);
      return probes;
    },
    startBackground: (input) => {
      const background = new VirtualBackground(input, time);
      hands.backgrounds.push(background);
      return background.open();
    },
    openEvents: async () => ({ ...NO_ACTS, ...options.acts?.(hands) }),
    watchGenerator: (threads) => watchIdly(time, threads),
  };
}

class HookedJournal extends RunJournal {
  readonly #legEnded: () => void;

  constructor(...[header, writer, observer, legEnded]: [...JournalArguments, () => void]) {
    super(header, writer, observer);
    this.#legEnded = legEnded;
  }

  override legEnded(...args: Parameters<RunJournal['legEnded']>): void {
    super.legEnded(...args);
    this.#legEnded();
  }
}

type JournalArguments = ConstructorParameters<typeof RunJournal>;

/** As src/run.ts does it once the targets have been visited. */
async function runPrepared(
  request: RunRequest,
  prepared: readonly Prepared[],
  around: {
    writer: ResultWriter;
    broken: AbortSignal;
    ports: RunPorts;
    legEnded: () => void;
  },
): Promise<{ header: AnyHeader; summary: AnySummary }> {
  const { loaded, observer, stop, cancel } = request;
  const { writer, broken, ports, legEnded } = around;
  const ground = { signals: { stop, cancel, broken }, observer, ports };
  const { variants, ...tasted } = await tasteRate(prepared, findTaste(loaded), ground);
  const [{ scenario }] = loaded.variants;
  const rounds = planRounds(variants.length, loaded.repeat, scenario.seed);
  const header = { ...describeRun(loaded, variants, rounds, []), ...tasted };
  const journal = new HookedJournal(header, writer, observer, legEnded);
  const told = await runStorms({ variants, rounds, journal, writer, ...ground });
  observer.ended();
  return { header: lowerHeader(told.header), summary: lowerSummary(told.header, told.summary) };
}

/** Real turns that a run may take in which no virtual time passes. */
const MOST_IDLE_TURNS = 10_000;

/** Lets virtual time pass until `running` has settled; whoever waits for what has just happened goes on before it does. */
async function passTime<T>(time: VirtualTime, running: Promise<T>): Promise<T> {
  let isOver = false;
  const settled = running.finally(() => {
    isOver = true;
  });
  settled.catch(() => {});
  let idle = 0;
  while (!isOver) {
    await nextTurn();
    if (isOver) break;
    idle = time.step() ? 0 : idle + 1;
    if (idle > MOST_IDLE_TURNS) throw new Error('nothing is left to do, and the run has not ended');
  }
  return settled;
}
