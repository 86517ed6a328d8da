import { availableParallelism } from 'node:os';
import { findExitReasons } from './analysis/exit-reasons.ts';
import { StopConditions } from './analysis/stop-conditions.ts';
import { createSummary, type SummaryFold } from './analysis/summary.ts';
import { NO_SERVER_TIMES, type ServerTimesPlan } from './drivers/server-times.ts';
import { ConnstormError, decideExitCode, type ExitReason, UnreachableError } from './errors.ts';
import { type Lab, startLab } from './lab/lab.ts';
import { Coordinator, type LoadEnd } from './load/coordinator.ts';
import { GeneratorProbe } from './probes/generator.ts';
import { Watch } from './probes/watch.ts';
import type {
  EndRecord,
  HeaderRecord,
  IntervalRecord,
  ResultRecord,
  SummaryRecord,
} from './result/records.ts';
import { ResultWriter } from './result/write.ts';
import { describeRun } from './run/describe-run.ts';
import { findCapWarnings } from './scenario/cap-warnings.ts';
import { type Plan, planRun } from './scenario/plan.ts';
import type { LoadedScenario } from './scenario/read.ts';
import { chooseHosts } from './target/choose-hosts.ts';
import { followConnectTimeout } from './target/connect-timeout.ts';
import { decideMaxInFlight } from './target/limits.ts';
import { checkLocalAddresses, checkPlanFits } from './target/local-addresses.ts';
import type { Preflight } from './target/preflight.ts';
import { type ResolvedTarget, resolveTarget } from './target/resolve.ts';
import { confirmTarget } from './target/safety.ts';
import { explainServerTimes, findServerTimes, planServerTimes } from './target/server-times.ts';
import { settleSslMode } from './target/settle-sslmode.ts';
import type { Target } from './target/target.ts';

export interface RunRequest {
  loaded: LoadedScenario;
  /** `[role=]` and a connection string; without it the environment's, else the lab. */
  target: string | undefined;
  /** Slots left to others. */
  reserve: number | undefined;
  /** The target may be stormed without asking. */
  yes: boolean;
  /** Where the records go: a path, `-`, or undefined for a new file in results/. */
  out: string | undefined;
  postgresBin: string | undefined;
  env: Record<string, string | undefined>;
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stderr: NodeJS.WritableStream;
  /** Aborted: no further arrivals, what is under way may end. */
  stop: AbortSignal;
  /** Aborted: end at once. */
  cancel: AbortSignal;
  observer: RunObserver;
}

/** Told what happens while it happens. */
export interface RunObserver {
  /** What is being done before and after the storm, in a line; warnings too. */
  note(text: string): void;
  started(header: HeaderRecord): void;
  interval(record: IntervalRecord): void;
  /** The storm is over: no more intervals. */
  ended(): void;
}

export interface RunOutcome {
  header: HeaderRecord;
  summary: SummaryRecord;
  /** null when the records went to standard output. */
  resultPath: string | null;
  /** Everything that holds for the exit code. */
  reasons: ExitReason[];
  /** What went wrong without losing what was measured: a full disk, a worker that crashed. */
  problem: ConnstormError | undefined;
}

const POOLER_NOTE =
  'a pooler is in between: it may answer logins itself, whatever becomes of the server behind it; the first query tells of both (connection.queries)';

/**
 * One run, from the scenario to its result. Everything it started is stopped when it resolves or throws.
 * Throws ConnstormError for whatever keeps it from starting; afterwards, what was measured is always returned.
 */
export async function runScenario(request: RunRequest): Promise<RunOutcome> {
  const { env, target, out, loaded, stop } = request;
  const plan = planRun(loaded.scenario);
  await checkLocalAddresses(plan.connection.localAddresses);
  // Before anything is started: a result that cannot be written is not worth a storm.
  const writer = ResultWriter.open(out, loaded.name);
  try {
    const { sslmode } = plan.connection;
    const given = await unlessStopped(stop, resolveTarget({ text: target, env, sslmode }));
    if (given === undefined) return await runAgainstLab(request, plan, writer);
    const [followed, note] = followConnectTimeout(loaded, given.connectTimeoutS);
    if (note !== undefined) request.observer.note(note);
    const timed = { ...request, loaded: followed };
    return await runAgainst(timed, planRun(followed.scenario), given, undefined, writer);
  } finally {
    writer.close();
  }
}

async function runAgainstLab(
  request: RunRequest,
  plan: Plan,
  writer: ResultWriter,
): Promise<RunOutcome> {
  const starting = startRunLab(request);
  const lab = await unlessStopped(request.stop, starting).catch((error: unknown) => {
    void starting.then((started) => started.stop()).catch(() => {});
    throw error;
  });
  try {
    return await runAgainst(request, plan, await resolveLab(lab, plan), lab, writer);
  } finally {
    await lab.stop();
  }
}

/** What is waited for before the storm; nobody waits for it any more once the run is stopped. */
async function unlessStopped<T>(stop: AbortSignal, work: Promise<T>): Promise<T> {
  let refuse = (): void => {};
  const stopped = new Promise<never>((_, reject) => {
    refuse = () =>
      reject(
        new ConnstormError('interrupted', 'INTERRUPTED', 'interrupted before the storm began'),
      );
  });
  if (stop.aborted) refuse();
  stop.addEventListener('abort', refuse);
  try {
    return await Promise.race([stopped, work]);
  } finally {
    stop.removeEventListener('abort', refuse);
  }
}

async function startRunLab(request: RunRequest): Promise<Lab> {
  const { postgresBin, loaded, observer } = request;
  const { settings, auth } = loaded.scenario.lab?.postgres ?? {};
  observer.note('no target given: starting a Postgres of our own');
  return startLab({
    ...(settings === undefined ? {} : { settings }),
    ...(auth === undefined ? {} : { auth }),
    ...(postgresBin === undefined ? {} : { postgresBin }),
  });
}

/** The lab is reached by its URL alone: libpq's variables are not meant for it. */
async function resolveLab(lab: Lab, plan: Plan): Promise<ResolvedTarget> {
  const resolved = await resolveTarget({
    text: lab.url,
    env: {},
    sslmode: plan.connection.sslmode,
  });
  if (resolved === undefined) throw new Error('the lab has no URL');
  return resolved;
}

async function runAgainst(
  request: RunRequest,
  plan: Plan,
  resolved: ResolvedTarget,
  lab: Lab | undefined,
  writer: ResultWriter,
): Promise<RunOutcome> {
  const { loaded, observer, stop } = request;
  for (const warning of resolved.warnings) observer.note(warning);
  await unlessStopped(stop, confirmStorm(request, plan, resolved, lab !== undefined));
  const found = await chooseServers(request, plan, resolved);
  const maxInFlight = decideInFlight(request, plan, found, lab !== undefined);
  for (const warning of findCapWarnings(plan, maxInFlight)) observer.note(warning);
  const workers = Math.min(
    loaded.scenario.workers ?? chooseWorkers(),
    findSmallestCap(plan, maxInFlight),
  );
  const serverTimes = await unlessStopped(stop, settleServerTimes(plan, found, observer));
  const shape = { loaded, plan, found, resolved, lab, maxInFlight, workers, serverTimes };
  const endpoints = found.map(({ target }) => target);
  const header = describeRun(shape);
  const watch = await unlessStopped(stop, startWatch(request, plan, found[0], lab));
  try {
    return await storm(request, plan, endpoints, { header, writer, lab, serverTimes, watch });
  } finally {
    await watch?.stop();
  }
}

/** Watches the server through the eyes of others, on unless told otherwise; the lab has no others. */
async function startWatch(
  { loaded, observer }: RunRequest,
  { connection: { timeoutUs } }: Plan,
  { target }: Preflight,
  lab: Lab | undefined,
): Promise<Watch | undefined> {
  if (!(loaded.scenario.killSwitch ?? lab === undefined)) return undefined;
  observer.note(
    'the kill switch watches with two connections of its own (killSwitch=false does without)',
  );
  return Watch.start({ endpoint: target, timeoutUs }).catch((cause: Error) => {
    const message = `the kill switch could not connect its canary: ${cause.message}`;
    throw new UnreachableError('NO_CANARY', message, { cause });
  });
}

async function settleServerTimes(
  { connection, arrivalCount }: Plan,
  found: readonly [Preflight, ...Preflight[]],
  observer: RunObserver,
): Promise<ServerTimesPlan> {
  if (!connection.serverTimes) return NO_SERVER_TIMES;
  const [{ target, server }, ...others] = found;
  if (others.length > 0) {
    observer.note("the servers' own times of a connect are not asked for: there are several hosts");
    return NO_SERVER_TIMES;
  }
  const times = await findServerTimes(target, server, { timeoutUs: connection.timeoutUs });
  const told = explainServerTimes(times);
  if (told !== undefined) observer.note(told);
  return planServerTimes(times, arrivalCount);
}

/** The servers to storm, each ready for the plan's driver. */
async function chooseServers(
  { observer, stop }: RunRequest,
  plan: Plan,
  resolved: ResolvedTarget,
): Promise<[Preflight, ...Preflight[]]> {
  const { timeoutUs } = plan.connection;
  const { chosen, leftOut } = await unlessStopped(stop, chooseHosts(resolved, { timeoutUs }));
  if (leftOut.length > 0) observer.note(`left out: ${leftOut.join('; ')}`);
  const notes = new Set<string>();
  const prepare = (visited: Preflight): Preflight => {
    checkPlanFits(plan.connection, visited.target);
    const [found, settled] = settleSslMode(visited, plan.driver);
    if (settled !== undefined) notes.add(settled);
    if (found.server.pooler === true) notes.add(POOLER_NOTE);
    return found;
  };
  const [first, ...others] = chosen;
  const found: [Preflight, ...Preflight[]] = [prepare(first), ...others.map(prepare)];
  for (const note of notes) observer.note(note);
  return found;
}

function decideInFlight(
  request: RunRequest,
  plan: Plan,
  found: readonly Preflight[],
  isLab: boolean,
): number {
  const known = found.flatMap(({ server }) => server.slots ?? []);
  const { maxInFlight, reason } = decideMaxInFlight({
    asked: plan.maxInFlight,
    askedFrom: 'load.maxInFlight',
    slots: known.sort((a, b) => a.free - b.free)[0] ?? null,
    hosts: found.length,
    ...(request.reserve === undefined ? {} : { reserve: request.reserve }),
    exempt: isLab || found.every(({ server }) => server.pooler === true),
  });
  request.observer.note(`at most ${maxInFlight} attempts in flight: ${reason}`);
  return maxInFlight;
}

/** Before the first byte is sent to the target. */
async function confirmStorm(
  request: RunRequest,
  { peakRatePerSecond, maxInFlight, arrivalCount, clientCount, durationUs }: Plan,
  { hosts }: ResolvedTarget,
  isLab: boolean,
): Promise<void> {
  const { yes, env, stdin, stderr } = request;
  const plan = { peakRatePerSecond, maxInFlight, arrivalCount, clientCount, durationUs };
  await confirmTarget({ hosts, isLab, plan, yes, env, stdin, stderr });
}

/** Every worker needs a share of every cap, or what comes to it could never begin. */
function findSmallestCap({ blocks }: Plan, maxInFlight: number): number {
  const caps = blocks.flatMap((block) => [block.maxInFlight ?? maxInFlight, block.maxOpen]);
  return Math.min(maxInFlight, ...caps.filter((cap) => cap !== undefined));
}

/** Threads that connect, where nobody says: half of the CPUs, the server may need the others; never more than four. */
function chooseWorkers(): number {
  return Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2)));
}

/** From T0 to the summary: nothing that goes wrong from here on loses what was measured. */
async function storm(
  request: RunRequest,
  plan: Plan,
  endpoints: readonly Target[],
  {
    header,
    writer,
    lab,
    serverTimes,
    watch,
  }: {
    header: HeaderRecord;
    writer: ResultWriter;
    lab: Lab | undefined;
    serverTimes: ServerTimesPlan;
    watch: Watch | undefined;
  },
): Promise<RunOutcome> {
  const { observer, stop, cancel } = request;
  const probe = new GeneratorProbe();
  const conditions = new StopConditions(plan.stop);
  const coordinator = await Coordinator.launch({
    plan,
    connection: { ...plan.connection, serverTimes },
    endpoints,
    maxInFlight: header.plan.maxInFlight,
    workers: header.plan.workers,
    onInterval: (record) => {
      keep(record);
      keep(probe.sample(coordinator.nowUs));
      observer.interval(record);
      const reason = conditions.judge(record);
      if (reason !== undefined && coordinator.stop('condition', reason)) {
        keep({ type: 'decision', atUs: coordinator.nowUs, decision: 'stop', reason });
      }
      if (writer.readerGone) coordinator.stop('signal', 'the reader of standard output has gone');
    },
  });
  const started: HeaderRecord = { ...header, startedAt: coordinator.start().toISOString() };
  const fold = createSummary(started);
  const keep = (record: ResultRecord): void => {
    writer.append(record);
    fold.add(record);
  };
  writer.append(started);
  observer.started(started);
  const stopLoad = (): void => void coordinator.stop('signal', 'interrupted');
  const cancelLoad = (): void => coordinator.cancel();
  stop.addEventListener('abort', stopLoad);
  cancel.addEventListener('abort', cancelLoad);
  if (stop.aborted) stopLoad();
  void lab?.serverEnded.then((how) => {
    coordinator.stop('error', `the lab's Postgres is gone: ${how}`);
  });
  watch?.listen(
    (seen) => keep({ type: 'watch', atUs: Math.max(0, coordinator.nowUs), ...seen }),
    (reason) => {
      if (!coordinator.stop('condition', reason)) return;
      keep({ type: 'decision', atUs: Math.max(0, coordinator.nowUs), decision: 'kill', reason });
      // Whoever is refused needs the slots now.
      coordinator.cancel();
    },
  );
  const end = await coordinator.finished;
  await watch?.stop();
  stop.removeEventListener('abort', stopLoad);
  cancel.removeEventListener('abort', cancelLoad);
  observer.ended();
  keep(describeEnd(end, plan));
  return conclude(fold, started, writer);
}

function describeEnd({ scram, ...end }: LoadEnd, plan: Plan): EndRecord {
  const { derivations, salts, shortestUs, totalUs } = scram;
  if (derivations === 0) return { type: 'end', ...end };
  const meanUs = Math.round(totalUs / derivations);
  const { scramCache: cache } = plan.connection;
  return { type: 'end', ...end, scram: { derivations, salts, cache, shortestUs, meanUs } };
}

/** The summary is computed from the very records that were written, and is itself the last of them. */
function conclude(fold: SummaryFold, header: HeaderRecord, writer: ResultWriter): RunOutcome {
  const computed = fold.finish();
  const reasons = findExitReasons(computed);
  if (writer.failure !== undefined) reasons.push('internal');
  const summary = { ...computed, exitCode: decideExitCode(reasons) };
  writer.append(summary);
  const problem = writer.failure ?? describeCrash(summary);
  return { header, summary, resultPath: writer.path, reasons, problem };
}

function describeCrash({ stoppedBy, reason }: SummaryRecord): ConnstormError | undefined {
  if (stoppedBy !== 'error') return undefined;
  const message = `${reason ?? 'the run failed'}; what was measured until then is kept`;
  return new ConnstormError('internal', 'WORKER_CRASHED', message);
}
