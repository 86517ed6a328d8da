import { countEnded } from '../../model/accounting.ts';
import type { CurvePoint } from '../../result/records/capacity.ts';
import type { MetricSummary } from '../../result/records/summary-figures.ts';
import { meanOf } from '../figures/mean.ts';
import { QUANTILES } from '../figures/quantiles.ts';
import { Tally } from '../figures/tally.ts';
import { findLate } from '../validity/late.ts';
import { isClosedLoop } from './judge-step.ts';
import type { JudgedStep, StepVerdict } from './outcome.ts';
import { STEP_METRICS, type StepFold } from './step-fold.ts';
import { isOwnTimeIn } from './step-validity.ts';
import { isSameRate } from './trials/grid.ts';
import { isUnsure } from './trials/unsure.ts';

interface Tried {
  step: JudgedStep;
  fold: StepFold;
}

/**
 * Returns the rates of a search, lowest first. The figures of each are of its steps that count together; if none
 * counts, of all. Closed loops are left out, because they have no rate.
 */
export function drawCurve(tried: readonly Tried[]): CurvePoint[] {
  const groups: Tried[][] = [];
  for (const each of tried) {
    if (isClosedLoop(each.step)) continue;
    const group = groups.find(([first]) => isSameRate(first?.step.level ?? 0, each.step.level));
    if (group === undefined) groups.push([each]);
    else group.push(each);
  }
  return groups.map(drawPoint).sort((a, b) => a.offeredPerSecond - b.offeredPerSecond);
}

/** The target did not serve for a part of the step, or from then on. */
const LOST: ReadonlySet<StepVerdict> = new Set(['broken', 'down']);
const MISSED: ReadonlySet<StepVerdict> = new Set(['bad', 'held-up', 'wall']);

function drawPoint(group: readonly Tried[]): CurvePoint {
  const steps = group.map(({ step }) => step);
  const voting = group.filter(
    ({ step }) => step.verdict !== 'invalid' && !LOST.has(step.verdict) && !isUnsure(step),
  );
  const shown = voting.length > 0 ? voting : group;
  const timed = pickTimed(shown);
  const tally = new Tally(STEP_METRICS);
  for (const { fold } of timed) tally.merge(fold.tally);
  const { counts } = tally;
  const inFlight = shown.flatMap(({ step }) => step.inFlight);
  const unsure = steps.filter(isUnsure).length;
  const broken = steps.filter(({ verdict }) => LOST.has(verdict)).length;
  const late = steps.filter((step) => step.verdict !== 'invalid' && isOwnTimeIn(step)).length;
  return {
    offeredPerSecond: steps[0]?.level ?? 0,
    achievedPerSecond: meanOf(shown.map(({ step }) => step.achievedPerSecond)),
    trials: steps.length,
    bad: steps.filter(({ verdict }) => MISSED.has(verdict)).length - unsure,
    invalid: steps.filter(({ verdict }) => verdict === 'invalid').length,
    ...(unsure === 0 ? {} : { unsure }),
    ...(broken === 0 ? {} : { broken }),
    ...(late === 0 ? {} : { late }),
    latency: {
      ...tally.summarise('latency', counts.started - countEnded(counts)),
      ...markOwnTime(timed),
    },
    spawnP50Us: tally.histogram('spawn').quantile(0.5),
    inFlightMean: inFlight.length === 0 ? null : meanOf(inFlight),
    inFlightMost: inFlight.length === 0 ? null : Math.max(...inFlight),
  };
}

/** Returns the trials without connstorm's own time in their times; all trials if there are none. */
function pickTimed(shown: readonly Tried[]): readonly Tried[] {
  const whole = shown.filter(({ step }) => !isOwnTimeIn(step));
  return whole.length > 0 ? whole : shown;
}

/**
 * Returns the names of the latency figures that contain connstorm's own time: from the first quantile on at which it
 * was late.
 */
function markOwnTime(timed: readonly Tried[]): Pick<MetricSummary, 'atMost'> {
  const firsts = timed.flatMap(({ step, fold }) => {
    if (!isOwnTimeIn(step)) return [];
    const late = findLate(step.lateness, fold.tally.okLatency, step.lateness.count);
    return FIGURES.findIndex((figure) => figure === (late?.figure ?? FIGURES[0]));
  });
  return firsts.length === 0 ? {} : { atMost: FIGURES.slice(Math.min(...firsts)) };
}

const FIGURES = Object.values(QUANTILES).map(({ field }) => field);
