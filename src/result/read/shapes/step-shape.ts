import type { StepRecord } from '../../records/header.ts';
import { all, amount, type Check, count, difference, map, oneOf, text } from './shape.ts';

const fields = map<StepRecord>(
  { index: count, fromUs: difference, toUs: difference },
  {
    block: count,
    loop: oneOf(['open', 'closed']),
    startRatePerSecond: amount,
    endRatePerSecond: amount,
    startClients: amount,
    endClients: amount,
    mostClients: amount,
    role: text,
    measureFromUs: difference,
    measureToUs: difference,
  },
);

function checkOrder(value: unknown): string | undefined {
  const { fromUs, toUs } = value as StepRecord;
  return toUs < fromUs ? `.toUs ${toUs} is before fromUs ${fromUs}` : undefined;
}

/** Checks a step that was planned, or that a search decided on. */
export const checkStep: Check = all(fields, checkOrder);
