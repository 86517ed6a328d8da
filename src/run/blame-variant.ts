import { UsageError } from '../errors.ts';

/** What `act` returns; a UsageError that it throws names the variant. undefined: the file has none. */
export function blameVariant<T>(variant: string | undefined, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw blame(variant, error);
  }
}

export async function blameVariantOf<T>(variant: string | undefined, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw blame(variant, error);
  }
}

function blame(variant: string | undefined, error: unknown): unknown {
  if (variant === undefined || !(error instanceof UsageError)) return error;
  return new UsageError(error.code, `variant ${variant}: ${error.message}`, { cause: error });
}
