import type { StepSummary, Validity } from '../../result/records/summary-figures.ts';
import { toValidity } from '../validity/validity.ts';
import { isClosedLoop, isLateInMedian } from './judge-step.ts';
import type { JudgedStep } from './outcome.ts';

/** Returns whether the times of a step contain connstorm's own time. A step without data has no times. */
export function isOwnTimeIn({ verdict, reasons }: JudgedStep): boolean {
  return verdict === 'invalid' || reasons.some(({ code }) => code !== 'NO_DATA');
}

/**
 * Returns the step with the validity that its search uses, so that steps and curve agree: a step that the search leaves
 * out is invalid. A closed loop is in no curve, and is judged as in any other run. `judged`: undefined for the step
 * that was running when the search ended.
 */
export function agreeWithSearch(step: StepSummary, judged: JudgedStep | undefined): StepSummary {
  if (judged === undefined) return { ...step, unfinished: true };
  if (isClosedLoop(judged)) return step;
  return { ...step, validity: judgeValidity(step.validity, judged) };
}

/** Returns the validity of the judged step. `advised`: the same judgement with more advice. */
function judgeValidity(advised: Validity, judged: JudgedStep): Validity {
  const reasons = judged.reasons.map(
    (reason) => advised.reasons.find(({ code }) => code === reason.code) ?? reason,
  );
  if (reasons.length > 0 || judged.verdict !== 'invalid') return toValidity(reasons);
  const code = isLateInMedian(judged) ? 'LATE_GENERATOR' : 'OWN_CPU';
  return toValidity([{ code, message: judged.because }]);
}
