import { formatCounted, nounOf } from '../../counted.ts';
import { hasGrown } from './growth.ts';
import type { JudgedStep, StepOutcome, StepVerdict } from './outcome.ts';

/** Less of what was offered is not sustained. */
export const SUSTAINED_SHARE = 0.97;
/** Of attempts: fewer refusals than this are somebody else's moment. */
const REFUSED_SHARE = 0.01;
const FEWEST_REFUSED = 3;
/** Of attempts: more failures for other reasons than slots and patience are no load problem. */
const BROKEN_SHARE = 0.2;
const FEWEST_BROKEN = 5;
/** Of attempts. */
const TIMED_OUT_SHARE = 0.01;
/** Of the time measured: arrivals begun so late in the median that they fall into the next step's time. */
const ARREARS_SHARE = 0.02;
/** Of the host's CPU: above it connstorm takes more than what it measures. */
const OWN_CPU_SHARE = 0.5;

/** These make every figure of a step wrong, lateness of some milliseconds only its latencies. */
const DISABLING = new Set([
  'OUT_OF_DESCRIPTORS',
  'OUT_OF_PORTS',
  'LOCAL_LIMIT',
  'SCRAM_CPU',
  'GENERATOR_STOPPED',
]);

/**
 * Whether a rate was sustained: not, where less than 97 % of what was offered was achieved *and* connections in flight
 * grew steadily (or arrivals were dropped at a cap, or attempts timed out). One of the two alone is the mark of a stall.
 */
export function judgeStep(outcome: StepOutcome): JudgedStep {
  const [verdict, because] = judge(outcome);
  return { ...outcome, verdict, because };
}

function judge(step: StepOutcome): [StepVerdict, string] {
  const { started, refused, broken, refusal, breakage } = step;
  if (refused >= Math.max(FEWEST_REFUSED, started * REFUSED_SHARE)) {
    return [
      'wall',
      `${refused} of ${formatCounted(started, 'connect')} ${nounOf(refused, 'was', 'were')} refused (${refusal ?? 'no slots'})`,
    ];
  }
  if (broken >= Math.max(FEWEST_BROKEN, started * BROKEN_SHARE)) {
    return [
      'broken',
      `${broken} of ${formatCounted(started, 'connect')} failed (${breakage ?? 'unknown'})`,
    ];
  }
  const own = findOwnFault(step);
  if (own !== undefined) return ['invalid', own];
  if (step.role === 'taste') return ['good', `${show(step.achievedPerSecond)}/s in a closed loop`];
  return judgeRate(step);
}

function findOwnFault({ reasons, lateness, measuredUs }: StepOutcome): string | undefined {
  const disabling = reasons.find(({ code }) => DISABLING.has(code));
  if (disabling !== undefined) return disabling.message;
  const lateUs = lateness.p50Us ?? 0;
  if (lateUs <= measuredUs * ARREARS_SHARE) return undefined;
  const named = reasons.find(({ code }) => code !== 'LATE_GENERATOR');
  return named?.message ?? `connstorm began attempts ${show(lateUs / 1000)} ms late in the median`;
}

function judgeRate(step: StepOutcome): [StepVerdict, string] {
  const { offeredPerSecond, achievedPerSecond, started, dropped, timedOut, inFlight } = step;
  const shares = `${show(achievedPerSecond)} of ${show(offeredPerSecond)}/s achieved`;
  if (achievedPerSecond >= offeredPerSecond * SUSTAINED_SHARE) return ['good', shares];
  const signs = [
    ...(hasGrown(inFlight) ? [`in flight grew to ${inFlight.at(-1)}`] : []),
    ...(dropped > 0
      ? [`${dropped} ${nounOf(dropped, 'arrival was', 'arrivals were')} dropped at the cap`]
      : []),
    ...(timedOut >= Math.max(1, started * TIMED_OUT_SHARE) ? [`${timedOut} timed out`] : []),
  ];
  if (signs.length === 0) return ['good', `${shares}, and nothing piled up: a hold-up`];
  const { ownCpuShare } = step;
  if (ownCpuShare !== null && ownCpuShare > OWN_CPU_SHARE) {
    const percent = Math.round(ownCpuShare * 100);
    return ['invalid', `connstorm itself took ${percent}% of the host's CPU (${shares})`];
  }
  return ['bad', `${shares}, ${signs.join(', ')}`];
}

function show(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
