import type { Capacity } from '../../result/records/capacity.ts';
import type { Validity } from '../../result/records/summary-figures.ts';
import { toValidity } from './validity.ts';

/**
 * Returns the search's answer as far as the run's validity allows it. If connstorm's own SCRAM computation kept logins
 * waiting, no rate is the server's. A wall stays, because a refusal contains its reason.
 */
export function limitCapacity(capacity: Capacity | null, { reasons }: Validity): Capacity | null {
  const own = reasons.find(({ code }) => code === 'SCRAM_CPU');
  if (capacity === null || own === undefined || capacity.kind === 'wall') return capacity;
  const answer = { kind: 'invalid', upperPerSecond: null, reason: own.message } as const;
  const { underGoal } = capacity;
  // The same holds for the answer within the goal.
  return {
    ...capacity,
    ...answer,
    ...(underGoal === undefined ? {} : { underGoal: { ...underGoal, ...answer } }),
  };
}

/**
 * Returns the run's validity with that of its search. A search that ended early because connstorm or the target gave
 * out has not measured what it was meant to. `lostTo`: why the target stopped accepting connects; undefined: it did
 * not.
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
