import { UsageError } from '../../../errors.ts';

/** Returns the error for a target that is named wrongly, or in a way that connstorm does not support. */
export function invalid(message: string): UsageError {
  return new UsageError('TARGET_INVALID', message);
}
