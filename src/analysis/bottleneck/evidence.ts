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

/** The run under load beside the run in calm: what rules are asked. */
export interface Evidence {
  loaded: Figures;
  calm: Figures;
  /** Nothing was measured in calm: the quickest connects of the load stand in. */
  isCalmAtBest: boolean;
  /** That is because others took the CPU in what should have been calm; absent: they did not. */
  isCalmDisturbed?: boolean;
  /** null: not known. */
  isPooler: boolean | null;
  /** Whether what was offered was achieved. */
  isSustained: boolean;
  /** A search was cut short before a rate was too high, so that no load has shown what gives out; absent: it was not. */
  isUndecided?: boolean;
  /** Why connstorm gave out before the target; empty: it did not. */
  ownReasons: readonly Reason[];
  /** It gave out first, whether or not it is known why. */
  isOwnFault: boolean;
  /** What most of those were told that no slot was free for; absent: nobody was refused for that. */
  refusal?: string;
  /** Of the server, by name, as far as they are known. */
  settings: Readonly<Record<string, string>>;
}

/** undefined where no step is over that could be judged. */
export function gatherEvidence(run: RunEvidence): Evidence | undefined {
  const { search } = run;
  const sorted =
    search === undefined ? sortSteps(run.steps, run.errors) : sortSearched(run.steps, search);
  const { calm, judged, isSustained, isOwnFault, isUndecided = false } = sorted;
  if (judged.length === 0) return undefined;
  const context = { probes: run.probes, ranUntilUs: run.ranUntilUs, lasting: search === undefined };
  const loaded = combineFigures(judged.map((step) => readStep(step, context)));
  const ownReasons = findOwnReasons(run, judged);
  // A search tells refusals by step, of those that it has judged.
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
  /** What its arrivals left behind is load as well. */
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

/** No idle CPU, and who took much of them was neither the target nor connstorm: that is no calm, whatever was achieved. */
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

/** `lasting`: what its arrivals left behind is load as well, until the last of them is connected. */
function windowOf(record: StepRecord, tally: Tally, lasting: boolean): Window {
  const { fromUs, toUs, measureFromUs = fromUs } = record;
  const { lastConnectedUs = 0 } = tally;
  return { fromUs: measureFromUs, toUs: lasting ? Math.max(toUs, lastConnectedUs) : toUs };
}

/** A step's counts are of all legs, and so is the time that it ran. */
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

/** A login that timed out as it waited for its SCRAM key met no limit of the machine. */
function countLocalFailures({ localFailures }: Tally): Figures {
  const count = Object.entries(localFailures)
    .filter(([code]) => code !== 'SCRAM_CPU')
    .reduce((sum, [, failures]) => sum + failures, 0);
  return count === 0 ? {} : { localFailureCount: count };
}

/** Of a whole run: intervals do not tell errors by step. */
function countErrors(errors: readonly ErrorCount[]): Figures {
  const { refused, broken } = sortFailures(errors);
  return { refusedCount: sumCounts(refused), brokenCount: sumCounts(broken) };
}

/** What is wrong with the records themselves, or with the target, is no lack of connstorm's. */
const NOT_OWN = new Set(['NO_DATA', 'ACCOUNTING', 'WORKER_LOST']);

/**
 * Whether that can be why less was achieved than was offered: lateness of some milliseconds spoils latencies, not counts. A closed loop
 * that comes late to its answers does connect less often.
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

/** How long logins waited for connstorm's own SCRAM keys, and of how long: the evidence of that reason. */
function readKeyWait(ownReasons: readonly Reason[]): Figures {
  const { evidence = [] } = ownReasons.find(({ code }) => code === 'SCRAM_CPU') ?? {};
  const [wait, of] = evidence.map(({ value }) => value * 1000);
  if (wait === undefined || of === undefined) return {};
  return { keyWaitUs: wait, keyWaitOfUs: of };
}

/** Of a search also those of its steps: one that is invalid does not make the run so. */
function findOwnReasons({ reasons }: RunEvidence, judged: readonly Judged[]): Reason[] {
  const all = [...reasons, ...judged.flatMap(({ outcome }) => outcome?.reasons ?? [])];
  const byCode = new Map(all.map((reason) => [reason.code, reason]));
  return [...byCode.values()].filter(({ code }) => !NOT_OWN.has(code));
}
