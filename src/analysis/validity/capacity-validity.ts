import type { Capacity } from '../../result/records/capacity.ts';
import type { Validity } from '../../result/records/summary-figures.ts';
import { toValidity } from './validity.ts';

/**
 * What a search has found, as far as the run's validity lets it stand. Where connstorm's own arithmetic kept logins waiting, no rate is
 * the server's. A wall is no rate: whoever refuses says why.
 */
export function limitCapacity(capacity: Capacity | null, { reasons }: Validity): Capacity | null {
  const own = reasons.find(({ code }) => code === 'SCRAM_CPU');
  if (capacity === null || own === undefined || capacity.kind === 'wall') return capacity;
  const answer = { kind: 'invalid', upperPerSecond: null, reason: own.message } as const;
  const { underGoal } = capacity;
  // Within the goal no more is known either.
  return {
    ...capacity,
    ...answer,
    ...(underGoal === undefined ? {} : { underGoal: { ...underGoal, ...answer } }),
  };
}

/**
 * The run's validity with that of its search: a search that ended before its time, as connstorm or the target gave out, has not
 * measured what it was to. `lostTo`: why the target stopped accepting connects; undefined: it did not.
 */
export function judgeCapacity(
  validity: Validity,
  capacity: Capacity | null,
  lostTo: string | undefined,
): Validity {
  if (lostTo !== undefined) {
    const message = `the search was cut short: ${lostTo}`;
    return toValidity([...validity.reasons, { code: 'TARGET_GAVE_OUT', message }]);
  }
  if (capacity?.kind !== 'invalid') return validity;
  const message = `no capacity was found: ${capacity.reason}`;
  return toValidity([...validity.reasons, { code: 'CAPACITY_INVALID', message }]);
}
