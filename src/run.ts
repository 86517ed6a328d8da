import { availableParallelism } from 'node:os';
import { findExitReasons } from './analysis/exit-reasons.ts';
import { createSummary, type SummaryFold } from './analysis/summary.ts';
import { ConnstormError, decideExitCode, type ExitReason } from './errors.ts';
import { type Lab, startLab } from './lab/lab.ts';
import { Coordinator, type LoadEnd } from './load/coordinator.ts';
import { describeEnvironment } from './probes/environment.ts';
import { GeneratorProbe } from './probes/generator.ts';
import {
  type EndRecord,
  type HeaderRecord,
  type IntervalRecord,
  RESULT_VERSION,
  type ResultRecord,
  type SummaryRecord,
} from './result/records.ts';
import { ResultWriter } from './result/write.ts';
import { type Plan, planRun } from './scenario/plan.ts';
import type { LoadedScenario } from './scenario/read.ts';
import { decideMaxInFlight } from './target/limits.ts';
import { type Preflight, preflight } from './target/preflight.ts';
import { type ResolvedTarget, resolveTarget } from './target/resolve.ts';
import { confirmTarget } from './target/safety.ts';
import { settleSslMode } from './target/settle-sslmode.ts';
import type { Target } from './target/target.ts';
import { readVersion } from './version.ts';

export interface RunRequest {
  loaded: LoadedScenario;
  /** `[role=]URL`; without it the environment's, else the lab. */
  targetUrl: string | undefined;
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

/**
 * One run, from the scenario to its result. Everything it started is stopped when it resolves or throws.
 * Throws ConnstormError for whatever keeps it from starting; afterwards, what was measured is always returned.
 */
export async function runScenario(request: RunRequest): Promise<RunOutcome> {
  const plan = planRun(request.loaded.scenario);
  const { env, targetUrl } = request;
  const given = await resolveTarget({ url: targetUrl, env, sslmode: plan.connection.sslmode });
  if (given !== undefined) return runAgainst(request, plan, given, undefined);
  const lab = await startRunLab(request);
  try {
    return await runAgainst(request, plan, await resolveLab(lab, plan), lab);
  } finally {
    await lab.stop();
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
  const resolved = await resolveTarget({ url: lab.url, env: {}, sslmode: plan.connection.sslmode });
  if (resolved === undefined) throw new Error('the lab has no URL');
  return resolved;
}

async function runAgainst(
  request: RunRequest,
  plan: Plan,
  resolved: ResolvedTarget,
  lab: Lab | undefined,
): Promise<RunOutcome> {
  const { loaded, observer, out, stop } = request;
  for (const warning of resolved.warnings) observer.note(warning);
  await confirmStorm(request, plan, resolved.target, lab !== undefined);
  refuseIfInterrupted(stop);
  const visited = await preflight(resolved.target, resolved.addresses, {
    timeoutUs: plan.connection.timeoutUs,
  });
  const [found, settled] = settleSslMode(visited, plan.driver);
  if (settled !== undefined) observer.note(settled);
  const maxInFlight = decideInFlight(request, plan, found, lab !== undefined);
  refuseIfInterrupted(stop);
  const workers = Math.min(loaded.scenario.workers ?? chooseWorkers(), maxInFlight);
  const shape = { maxInFlight, workers, lab, dnsUs: resolved.dnsUs };
  const header = describeRun(request, plan, found, shape);
  const writer = ResultWriter.open(out, loaded.name);
  try {
    return await storm(request, plan, found.target, header, writer);
  } finally {
    writer.close();
  }
}

function refuseIfInterrupted(stop: AbortSignal): void {
  if (!stop.aborted) return;
  throw new ConnstormError('interrupted', 'INTERRUPTED', 'interrupted before the storm began');
}

function decideInFlight(request: RunRequest, plan: Plan, found: Preflight, isLab: boolean): number {
  const { maxInFlight, reason } = decideMaxInFlight({
    asked: plan.maxInFlight,
    askedFrom: 'load.maxInFlight',
    slots: found.server.slots,
    ...(request.reserve === undefined ? {} : { reserve: request.reserve }),
    exempt: isLab || found.server.pooler === true,
  });
  request.observer.note(`at most ${maxInFlight} attempts in flight: ${reason}`);
  return maxInFlight;
}

/** Before the first byte is sent to the target. */
async function confirmStorm(
  request: RunRequest,
  { peakRatePerSecond, maxInFlight, schedule }: Plan,
  target: Target,
  isLab: boolean,
): Promise<void> {
  const { yes, env, stdin, stderr } = request;
  const { arrivalCount, durationUs } = schedule;
  const plan = { peakRatePerSecond, maxInFlight, arrivalCount, durationUs };
  await confirmTarget({ target, isLab, plan, yes, env, stdin, stderr });
}

/** Threads that connect, where nobody says: half of the CPUs, the server may need the others; never more than four. */
function chooseWorkers(): number {
  return Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2)));
}

function describeRun(
  request: RunRequest,
  plan: Plan,
  { target, server }: Preflight,
  shape: { maxInFlight: number; workers: number; lab: Lab | undefined; dnsUs: number | null },
): HeaderRecord {
  const { executor, schedule, steps } = plan;
  const { role, host, address, port, database, user, sslmode } = target;
  return {
    type: 'header',
    version: RESULT_VERSION,
    connstorm: readVersion(),
    startedAt: '',
    scenario: request.loaded.name,
    spec: request.loaded.scenario,
    plan: {
      executor,
      seed: schedule.seed,
      workers: shape.workers,
      maxInFlight: shape.maxInFlight,
      arrivalCount: schedule.arrivalCount,
      durationUs: schedule.durationUs,
      steps: steps.map(({ durationUs: _, ...step }) => step),
    },
    environment: describeEnvironment(),
    target: {
      role,
      lab: shape.lab !== undefined,
      labNiceness: shape.lab?.niceness ?? null,
      host,
      address,
      port,
      database,
      user,
      sslmode,
      dnsUs: shape.dnsUs,
      server,
    },
  };
}

/** From T0 to the summary: nothing that goes wrong from here on loses what was measured. */
async function storm(
  request: RunRequest,
  plan: Plan,
  target: Target,
  header: HeaderRecord,
  writer: ResultWriter,
): Promise<RunOutcome> {
  const { observer, stop, cancel } = request;
  const probe = new GeneratorProbe();
  const coordinator = await Coordinator.launch({
    plan,
    connection: plan.connection,
    endpoint: target,
    maxInFlight: header.plan.maxInFlight,
    workers: header.plan.workers,
    onInterval: (record) => {
      keep(record);
      keep(probe.sample(coordinator.nowUs));
      observer.interval(record);
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
  const stopLoad = (): void => coordinator.stop('signal', 'interrupted');
  const cancelLoad = (): void => coordinator.cancel();
  stop.addEventListener('abort', stopLoad);
  cancel.addEventListener('abort', cancelLoad);
  if (stop.aborted) stopLoad();
  const end = await coordinator.finished;
  stop.removeEventListener('abort', stopLoad);
  cancel.removeEventListener('abort', cancelLoad);
  observer.ended();
  keep(describeEnd(end, plan));
  return conclude(fold, started, writer);
}

function describeEnd({ scram, ...end }: LoadEnd, plan: Plan): EndRecord {
  const met = scram.derivations > 0;
  return {
    type: 'end',
    ...end,
    ...(met ? { scram: { ...scram, cache: plan.connection.scramCache } } : {}),
  };
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
