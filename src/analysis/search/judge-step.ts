import { formatCounted, nounOf } from '../../counted.ts';
import { FAILED_SHARE, isMuchRefused, SUSTAINED_SHARE } from '../sustained.ts';
import { findTakenShare } from '../validity/host-shares.ts';
import { hasGrown } from './growth.ts';
import { describeOutage } from './outage.ts';
import type { JudgedStep, StepOutcome, StepVerdict } from './outcome.ts';

/** Largest share of the offered rate that the ends of a window can hide. */
const MOST_HIDDEN_SHARE = 0.1;
/**
 * Share of the attempts. From this many failures on that are neither for slots nor by timeout, the problem is not the
 * load.
 */
const BROKEN_SHARE = 0.2;
const FEWEST_BROKEN = 5;
/** Share of the measured time. Arrivals with a larger median lateness fall into the next step's time. */
export const ARREARS_SHARE = 0.02;
/** Share of the host's CPU. Above it connstorm takes more than the target that it measures. */
const OWN_CPU_SHARE = 0.5;

/**
 * Codes of reasons that make every figure of a step wrong. Lateness of some milliseconds makes only its latencies
 * wrong.
 */
export const DISABLING: ReadonlySet<string> = new Set([
  'OUT_OF_DESCRIPTORS',
  'OUT_OF_PORTS',
  'LOCAL_LIMIT',
  'SCRAM_CPU',
  'GENERATOR_STOPPED',
]);

/**
 * Judges whether a rate was sustained. It was if at least 97 % of what was offered was achieved, or if no more is
 * missing than the ends of the step's window can hide. It was not if less was achieved *and* connections in flight grew
 * steadily (or arrivals were dropped at a cap, or attempts timed out). Less achieved without these signs is the mark of
 * a stall: held up.
 */
export function judgeStep(outcome: StepOutcome): JudgedStep {
  const [verdict, because] = judge(outcome);
  const takenShare = findTakenShare(outcome.host ?? []);
  return { ...outcome, verdict, because, ...(takenShare === undefined ? {} : { takenShare }) };
}

function judge(step: StepOutcome): [StepVerdict, string] {
  const { started, refused, broken, refusal, breakage, gone, outage, served } = step;
  if (gone !== undefined) return ['broken', gone];
  const isBroken = broken >= Math.max(FEWEST_BROKEN, started * BROKEN_SHARE);
  // A target that went down in this step may be back in the next one. One that was down throughout ends the search.
  if (outage !== undefined && (served || !isBroken)) return ['down', describeOutage(outage, step)];
  if (isMuchRefused(refused, started)) {
    return [
      'wall',
      `${refused} of ${formatCounted(started, 'connect')} ${nounOf(refused, 'was', 'were')} refused (${refusal ?? 'no slots'})`,
    ];
  }
  if (isBroken) {
    const failed = `${broken} of ${formatCounted(started, 'connect')} failed`;
    const why = breakage ?? 'unknown';
    // Sessions that a restart cuts off prove nothing by themselves, and nothing came after them that could.
    if (served && step.isBrokenAtEnd) return ['down', `${failed} at the end of the step (${why})`];
    return ['broken', `${failed} (${why})`];
  }
  const own = findOwnFault(step);
  if (own !== undefined) return ['invalid', own];
  if (isClosedLoop(step)) return ['good', `${show(step.achievedPerSecond)}/s in a closed loop`];
  // A target that is too slow for other clients does not sustain the rate, whatever was achieved before.
  return step.endedBy === undefined ? judgeRate(step) : ['bad', step.endedBy];
}

function findOwnFault(step: StepOutcome): string | undefined {
  const { reasons, lateness } = step;
  const disabling = reasons.find(({ code }) => DISABLING.has(code));
  if (disabling !== undefined) return disabling.message;
  if (!isLateInMedian(step)) return undefined;
  const named = reasons.find(({ code }) => code !== 'LATE_GENERATOR');
  const lateMs = show((lateness.p50Us ?? 0) / 1000);
  return named?.message ?? `connstorm began attempts late, by ${lateMs} ms in the median`;
}

/** Returns whether most arrivals were begun so late that they fall into the next step's time. */
export function isLateInMedian({
  lateness,
  measuredUs,
}: Pick<StepOutcome, 'lateness' | 'measuredUs'>): boolean {
  return (lateness.p50Us ?? 0) > measuredUs * ARREARS_SHARE;
}

function judgeRate(step: StepOutcome): [StepVerdict, string] {
  const { offeredPerSecond, achievedPerSecond, started, dropped, timedOut, inFlight } = step;
  const shares = `${show(achievedPerSecond)} of ${show(offeredPerSecond)}/s achieved`;
  if (achievedPerSecond >= offeredPerSecond * SUSTAINED_SHARE) return ['good', shares];
  const signs = [
    ...(hasGrown(inFlight) ? [`connects in flight grew to ${inFlight.at(-1)}`] : []),
    ...(dropped > 0
      ? [`${dropped} ${nounOf(dropped, 'arrival was', 'arrivals were')} dropped at the cap`]
      : []),
    ...(timedOut >= Math.max(1, started * FAILED_SHARE)
      ? [`${formatCounted(timedOut, 'attempt')} timed out`]
      : []),
  ];
  if (signs.length === 0) {
    if (isHiddenAtEnds(step)) return ['good', shares];
    return ['held-up', `${shares}, and nothing piled up: held up`];
  }
  const { ownCpuShare } = step;
  if (ownCpuShare !== null && ownCpuShare > OWN_CPU_SHARE) {
    const percent = Math.round(ownCpuShare * 100);
    return ['invalid', `connstorm itself took ${percent}% of the host's CPU (${shares})`];
  }
  return ['bad', `${shares}, ${signs.join(', ')}`];
}

/**
 * Returns whether the ends of the window can hide what is missing. Arrivals at the end of a window become ready after
 * it: those of one latency, and at least one. Only what is missing beyond these counts against a rate. A stall
 * lengthens the latency itself, so at most a tenth is excused.
 */
function isHiddenAtEnds(step: StepOutcome): boolean {
  const { offeredPerSecond, achievedPerSecond, latency, measuredUs } = step;
  const offered = (offeredPerSecond * measuredUs) / 1e6;
  const achieved = (achievedPerSecond * measuredUs) / 1e6;
  const ofOneLatency = (offeredPerSecond * (latency.p50Us ?? 0)) / 1e6;
  const hidden = Math.max(1, Math.min(ofOneLatency, offered * MOST_HIDDEN_SHARE));
  return offered * SUSTAINED_SHARE - achieved <= hidden;
}

/** Tastes and controls have a number of clients instead of a rate. */
export function isClosedLoop({ role }: Pick<StepOutcome, 'role'>): boolean {
  return role === 'taste' || role === 'control';
}

function show(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
