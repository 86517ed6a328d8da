import { ConnstormError, UnreachableError, UsageError } from '../errors.ts';

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
  return tell(`variant ${variant}`, error);
}

/** What `work` comes to; an UnreachableError that it throws names the target's role. undefined: there is one target. */
export async function blameTargetOf<T>(role: string | undefined, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const isBlamed = error instanceof UnreachableError && role !== undefined;
    throw isBlamed ? tell(`target ${role}`, error) : error;
  }
}

function tell(whose: string, error: ConnstormError): ConnstormError {
  const { exit, code, message } = error;
  return new ConnstormError(exit, code, `${whose}: ${message}`, { cause: error });
}
