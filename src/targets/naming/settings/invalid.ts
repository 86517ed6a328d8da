import { UsageError } from '../../../errors.ts';

/** A target that is named wrongly, or in a way connstorm does not support. */
export function invalid(message: string): UsageError {
  return new UsageError('TARGET_INVALID', message);
}
