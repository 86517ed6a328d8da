import { SUSTAINED_SHARE } from '../sustained.ts';
import { NO_IDLE_SHARE } from './cpu-shares.ts';
import type { Evidence } from './evidence.ts';
import { POOLER_FULL_SHARE, type Sign } from './signs.ts';

/** Whether connstorm gave out before the target, and whether it was seen how. */

/** Half of the CPUs of connstorm's host, or of a connect's service time. */
const HALF_SHARE = 0.5;

/** What connstorm's own samples say of why it was late. */
const SAMPLED = new Set([
  'GENERATOR_STOPPED',
  'GENERATOR_STARVED',
  'HOST_STOLEN',
  'WORKER_SATURATED',
]);

export const isOwnFault: Sign = (evidence) => evidence.isOwnFault;

/** It was seen how connstorm gave out, and that is enough to give out by. That it was late is not: something else may have kept it. */
export const isOwnLimitSeen: Sign = (evidence) =>
  isOwnLimitSampled(evidence) ||
  areLocalFailuresMany(evidence) ||
  isOwnCpuMost(evidence) ||
  areOwnKeysMost(evidence);

const isOwnLimitSampled: Sign = ({ ownReasons }) =>
  ownReasons.some(({ code, evidence = [] }) => SAMPLED.has(code) && evidence.length > 0);

/** As many as make a rate one that is not sustained. */
const areLocalFailuresMany: Sign = ({ loaded: { localFailureCount = 0, startedCount } }) =>
  startedCount !== undefined &&
  localFailureCount > Math.max(0, startedCount * (1 - SUSTAINED_SHARE));

/** It took half of the CPUs or more, and left none idle. */
const isOwnCpuMost: Sign = ({ loaded: { ownCpuShare = 0, ownIdleShare } }) =>
  ownIdleShare !== undefined && ownIdleShare <= NO_IDLE_SHARE && ownCpuShare >= HALF_SHARE;

/**
 * Connects waited for connstorm's own SCRAM keys for half of their service time. A pooler may have to derive a key for each login as
 * well: behind one it must be seen that it had time left.
 */
const areOwnKeysMost: Sign = (evidence) => {
  const { keyWaitUs, keyWaitOfUs, poolerCpuShare } = evidence.loaded;
  if (keyWaitUs === undefined || keyWaitOfUs === undefined) return false;
  if (keyWaitUs < keyWaitOfUs * HALF_SHARE) return false;
  return !mayBePooler(evidence) || (poolerCpuShare ?? 1) < POOLER_FULL_SHARE;
};

function mayBePooler({ isPooler }: Evidence): boolean {
  return isPooler !== false;
}
