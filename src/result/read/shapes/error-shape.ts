import { FAILURE_PHASES, LAYERS } from '../../../model/measures.ts';
import type { ErrorCount } from '../../records/intervals.ts';
import { count, map, oneOf, text } from './shape.ts';

/** Checks failures of one kind with their count. */
export const error = map<ErrorCount>({
  layer: oneOf(LAYERS),
  phase: oneOf(FAILURE_PHASES),
  code: text,
  message: text,
  normalised: text,
  count,
  ledger: oneOf(['attempt', 'connection']),
});
