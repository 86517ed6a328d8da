import { ConnstormError } from '../errors.ts';

/**
 * Resolves with what `work` resolves with. Once the run is stopped, it no longer waits, and rejects with the error of
 * `createError`. The work itself is not ended.
 */
export async function unlessStopped<T>(
  stop: AbortSignal,
  work: Promise<T>,
  createError: () => Error = createInterrupted,
): Promise<T> {
  let refuse = (): void => {};
  const stopped = new Promise<never>((_, reject) => {
    refuse = () => reject(createError());
  });
  if (stop.aborted) refuse();
  stop.addEventListener('abort', refuse);
  try {
    return await Promise.race([stopped, work]);
  } finally {
    stop.removeEventListener('abort', refuse);
  }
}

/**
 * Returns the error of a run that was interrupted before its storm. `did`: the load that was made all the same and left
 * no result; absent: none.
 */
export function createInterrupted(did?: string): ConnstormError {
  const load = did === undefined ? '' : `; ${did}; there is no result of it`;
  const message = `interrupted before the storm began${load}`;
  return new ConnstormError('interrupted', 'INTERRUPTED', message);
}
