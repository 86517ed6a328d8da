import { SUSTAINED_SHARE } from '../sustained.ts';
import { NO_IDLE_SHARE } from './cpu-shares.ts';
import type { Evidence } from './evidence.ts';
import { POOLER_FULL_SHARE, type Sign } from './signs.ts';

/** Signs that connstorm gave out before the target, and whether its limit was seen. */

/** Half of the CPUs of connstorm's host, or of a connect's service time. */
const HALF_SHARE = 0.5;

/** Reasons for lateness that connstorm's own samples show. */
const SAMPLED = new Set([
  'GENERATOR_STOPPED',
  'GENERATOR_STARVED',
  'HOST_STOLEN',
  'WORKER_SATURATED',
]);

export const isOwnFault: Sign = (evidence) => evidence.isOwnFault;

/**
 * A limit of connstorm was seen that is enough to give out by. Lateness alone is not, because something else may have
 * caused it.
 */
export const isOwnLimitSeen: Sign = (evidence) =>
  isOwnLimitSampled(evidence) ||
  areLocalFailuresMany(evidence) ||
  isOwnCpuMost(evidence) ||
  areOwnKeysMost(evidence);

const isOwnLimitSampled: Sign = ({ ownReasons }) =>
  ownReasons.some(({ code, evidence = [] }) => SAMPLED.has(code) && evidence.length > 0);

/** As many local failures as make a rate not sustained. */
const areLocalFailuresMany: Sign = ({ loaded: { localFailureCount = 0, startedCount } }) =>
  startedCount !== undefined &&
  localFailureCount > Math.max(0, startedCount * (1 - SUSTAINED_SHARE));

/** connstorm took at least half of the CPUs, and none was idle. */
const isOwnCpuMost: Sign = ({ loaded: { ownCpuShare = 0, ownIdleShare } }) =>
  ownIdleShare !== undefined && ownIdleShare <= NO_IDLE_SHARE && ownCpuShare >= HALF_SHARE;

/**
 * Connects waited for connstorm's own SCRAM keys for half of their service time. A pooler may also have to derive a key
 * for each login, so behind a pooler its CPU must have had time left.
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
