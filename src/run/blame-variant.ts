import { ConnstormError, UnreachableError, UsageError } from '../errors.ts';

/**
 * Returns what `act` returns. A UsageError that it throws gets the variant's name in its message. `variant`: undefined
 * if the file has no variants.
 */
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
  return blameOn(`variant ${variant}`, error);
}

/**
 * Resolves with what `work` resolves with. An UnreachableError of it gets the target's role in its message. `role`:
 * undefined if there is only one target.
 */
export async function blameTargetOf<T>(role: string | undefined, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const isBlamed = error instanceof UnreachableError && role !== undefined;
    throw isBlamed ? blameOn(`target ${role}`, error) : error;
  }
}

function blameOn(whose: string, error: ConnstormError): ConnstormError {
  const { exit, code, message } = error;
  return new ConnstormError(exit, code, `${whose}: ${message}`, { cause: error });
}
