import { ConnstormError } from '../errors.ts';

/** What is waited for before the storm; nobody waits for it any more once the run is stopped, and `createError` says that. */
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

/** `did`: what load there was all the same, of which no result is kept; absent: none. */
export function createInterrupted(did?: string): ConnstormError {
  const told = did === undefined ? '' : `; ${did}; there is no result of it`;
  const message = `interrupted before the storm began${told}`;
  return new ConnstormError('interrupted', 'INTERRUPTED', message);
}
