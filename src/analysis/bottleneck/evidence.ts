import { isPoolersRefusal } from '../../model/slot-refusals.ts';
import type { StepRecord } from '../../result/records/header.ts';
import type { ErrorCount } from '../../result/records/intervals.ts';
import type { Reason } from '../../result/records/summary-figures.ts';
import { perSecond, ranWithin } from '../figures/per-second.ts';
import type { Tally } from '../figures/tally.ts';
import { ARREARS_SHARE, DISABLING } from '../search/judge-step.ts';
import type { JudgedStep } from '../search/outcome.ts';
import { sortFailures, sumCounts } from '../validity/failure-kinds.ts';
import { MUCH_CPU_SHARE, NO_IDLE_SHARE } from './cpu-shares.ts';
import { combineFigures, type Figures } from './figures.ts';
import { readBestPhases, readPhases } from './phase-figures.ts';
import { readBestCanary, readProbes, type Window } from './probe-figures.ts';
import type { ProbeLog } from './probe-log.ts';
import type { Judged, RunEvidence, Tallied } from './run-evidence.ts';
import { sortSearched, sortSteps } from './sort-steps.ts';

/** Figures under load beside those at low load. The rules of the verdict read them. */
export interface Evidence {
  loaded: Figures;
  calm: Figures;
  /** Nothing was measured at low load, so `calm` holds the quickest connects of the load. */
  isCalmAtBest: boolean;
  /** True: the reason is that others took the CPU in the steps at low load. Absent: they did not. */
  isCalmDisturbed?: boolean;
  /** null: not known. */
  isPooler: boolean | null;
  /** Whether the offered rate was achieved. */
  isSustained: boolean;
  /**
   * True: the search was cut short before a rate was too high, so no load has shown what gives out. Absent: it was not.
   */
  isUndecided?: boolean;
  /** Reasons why connstorm gave out before the target; empty: it did not. */
  ownReasons: readonly Reason[];
  /** connstorm gave out first, whether or not the reason is known. */
  isOwnFault: boolean;
  /** The most frequent refusal because no slot was free; absent: there was none. */
  refusal?: string;
  /** Settings of the server by name, as far as they are known. */
  settings: Readonly<Record<string, string>>;
}

/** Returns the evidence of a run; undefined if no step that can be judged has ended. */
export function gatherEvidence(run: RunEvidence): Evidence | undefined {
  const { search } = run;
  const sorted =
    search === undefined ? sortSteps(run.steps, run.errors) : sortSearched(run.steps, search);
  const { calm, judged, isSustained, isOwnFault, isUndecided = false } = sorted;
  if (judged.length === 0) return undefined;
  const context = { probes: run.probes, ranUntilUs: run.ranUntilUs, lasting: search === undefined };
  const loaded = combineFigures(judged.map((step) => readStep(step, context)));
  const ownReasons = findOwnReasons(run, judged);
  // A search counts refusals by step, for the steps that it has judged.
  const isTold = judged.some(({ outcome }) => outcome !== undefined);
  const counted = isTold ? {} : countErrors(run.errors);
  const [refusal] = sortFailures(run.errors).refused;
  return {
    ...(refusal === undefined ? {} : { refusal: refusal.message }),
    loaded: { ...loaded, ...counted, ...readKeyWait(ownReasons) },
    ...readCalm({ calm, judged }, context),
    isPooler: isPoolersRefusal(refusal?.message ?? '') ? true : run.target.server.pooler,
    settings: run.target.server.settings,
    isSustained,
    ...(isUndecided ? { isUndecided } : {}),
    ownReasons,
    isOwnFault:
      isOwnFault ||
      (search === undefined && !isSustained && hasHeldBack(ownReasons, { loaded, judged })),
  };
}

interface Context {
  probes: ProbeLog;
  ranUntilUs: readonly number[];
  /** Connects that a step left behind count as its load. */
  lasting: boolean;
}

function readCalm(
  { calm, judged }: { calm: readonly Judged[]; judged: readonly Judged[] },
  context: Context,
): Pick<Evidence, 'calm' | 'isCalmAtBest' | 'isCalmDisturbed'> {
  const quiet = calm
    .filter(({ outcome }) => outcome?.takenShare === undefined)
    .map((step) => readStep(step, context))
    .filter((figures) => !isCrowded(figures));
  if (quiet.length > 0) return { calm: combineFigures(quiet), isCalmAtBest: false };
  const best = judged.map((step) => ({
    ...readBestPhases(step.tally),
    ...readBestCanary(context.probes, windowOf(step.record, step.tally, context.lasting)),
  }));
  return {
    calm: combineFigures(best),
    isCalmAtBest: true,
    ...(calm.length > 0 ? { isCalmDisturbed: true } : {}),
  };
}

/**
 * Returns whether no CPU was idle and others than the target and connstorm took much of them. Such a step is not calm,
 * whatever it achieved.
 */
function isCrowded({ hostIdleShare = 1, othersCpuShare = 0 }: Figures): boolean {
  return hostIdleShare <= NO_IDLE_SHARE && othersCpuShare >= MUCH_CPU_SHARE;
}

function readStep(
  { record, tally, outcome }: Judged,
  { probes, ranUntilUs, lasting }: Context,
): Figures {
  return {
    ...(outcome === undefined ? countStep({ record, tally }, ranUntilUs) : countOutcome(outcome)),
    ...countLocalFailures(tally),
    ...readPhases(tally),
    ...readProbes(probes, windowOf(record, tally, lasting)),
  };
}

/** Returns the window of a step. `lasting`: it goes on until the last connect that the step left behind. */
function windowOf(record: StepRecord, tally: Tally, lasting: boolean): Window {
  const { fromUs, toUs, measureFromUs = fromUs } = record;
  const { lastConnectedUs = 0 } = tally;
  return { fromUs: measureFromUs, toUs: lasting ? Math.max(toUs, lastConnectedUs) : toUs };
}

/** Returns the figures of a planned step. Its counts are sums over all legs, and so is the time that it ran. */
function countStep({ record, tally }: Tallied, ranUntilUs: readonly number[]): Figures {
  const { counts, completed, timedOut } = tally;
  const ranUs = ranWithin(record, ranUntilUs);
  const latenessUs = tally.histogram('lateness').quantile(0.5);
  return {
    ...(ranUs > 0
      ? {
          offeredPerSecond: perSecond(counts.due, ranUs),
          achievedPerSecond: perSecond(completed, ranUs),
        }
      : {}),
    startedCount: counts.started,
    timedOutCount: timedOut,
    ...(latenessUs === null ? {} : { latenessP50Us: latenessUs }),
  };
}

function countOutcome(outcome: JudgedStep): Figures {
  const { offeredPerSecond, achievedPerSecond, started, refused, timedOut, broken } = outcome;
  const { p50Us } = outcome.lateness;
  return {
    offeredPerSecond,
    achievedPerSecond,
    startedCount: started,
    refusedCount: refused,
    timedOutCount: timedOut,
    brokenCount: broken,
    ...(p50Us === null ? {} : { latenessP50Us: p50Us }),
  };
}

/**
 * Counts failures at this machine's limits. A login that timed out while it waited for its SCRAM key met no such limit.
 */
function countLocalFailures({ localFailures }: Tally): Figures {
  const count = Object.entries(localFailures)
    .filter(([code]) => code !== 'SCRAM_CPU')
    .reduce((sum, [, failures]) => sum + failures, 0);
  return count === 0 ? {} : { localFailureCount: count };
}

/** Counts the errors of a whole run, because intervals do not have errors by step. */
function countErrors(errors: readonly ErrorCount[]): Figures {
  const { refused, broken } = sortFailures(errors);
  return { refusedCount: sumCounts(refused), brokenCount: sumCounts(broken) };
}

/** Faults of the records or of the target, which are not connstorm's own. */
const NOT_OWN = new Set(['NO_DATA', 'ACCOUNTING', 'WORKER_LOST']);

/**
 * Returns whether connstorm's own faults may be why less was achieved than offered. Lateness of some milliseconds
 * spoils latencies, not counts. A closed loop that handles answers late does connect less often.
 */
function hasHeldBack(
  ownReasons: readonly Reason[],
  { loaded, judged }: { loaded: Figures; judged: readonly Judged[] },
): boolean {
  if (ownReasons.some(({ code }) => DISABLING.has(code))) return true;
  const isClosed = judged.some(({ record }) => record.loop === 'closed');
  const longestUs = Math.max(...judged.map(({ record: { fromUs, toUs } }) => toUs - fromUs));
  const isInArrears = (loaded.latenessP50Us ?? 0) > longestUs * ARREARS_SHARE;
  return ownReasons.length > 0 && (isClosed || isInArrears);
}

/**
 * Returns how long logins waited for connstorm's own SCRAM keys, and the service time beside it, from the evidence of
 * that reason.
 */
function readKeyWait(ownReasons: readonly Reason[]): Figures {
  const { evidence = [] } = ownReasons.find(({ code }) => code === 'SCRAM_CPU') ?? {};
  const [wait, of] = evidence.map(({ value }) => value * 1000);
  if (wait === undefined || of === undefined) return {};
  return { keyWaitUs: wait, keyWaitOfUs: of };
}

/**
 * Returns the reasons of the run and of the judged steps. An invalid step of a search does not make the run invalid.
 */
function findOwnReasons({ reasons }: RunEvidence, judged: readonly Judged[]): Reason[] {
  const all = [...reasons, ...judged.flatMap(({ outcome }) => outcome?.reasons ?? [])];
  const byCode = new Map(all.map((reason) => [reason.code, reason]));
  return [...byCode.values()].filter(({ code }) => !NOT_OWN.has(code));
}
