import type { StepRecord } from '../records/header.ts';
import { all, amount, type Check, count, map, number, oneOf, text } from './shape.ts';

const fields = map<StepRecord>(
  { index: count, fromUs: number, toUs: number },
  {
    block: count,
    loop: oneOf(['open', 'closed']),
    startRatePerSecond: amount,
    endRatePerSecond: amount,
    startClients: amount,
    endClients: amount,
    mostClients: amount,
    role: text,
    measureFromUs: number,
    measureToUs: number,
  },
);

function checkOrder(value: unknown): string | undefined {
  const { fromUs, toUs } = value as StepRecord;
  return toUs < fromUs ? `.toUs ${toUs} is before fromUs ${fromUs}` : undefined;
}

/** A step, planned or found by a search. */
export const checkStep: Check = all(fields, checkOrder);
