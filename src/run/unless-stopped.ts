import { ConnstormError } from '../errors.ts';

/** What is waited for before the storm; nobody waits for it any more once the run is stopped. */
export async function unlessStopped<T>(stop: AbortSignal, work: Promise<T>): Promise<T> {
  let refuse = (): void => {};
  const stopped = new Promise<never>((_, reject) => {
    refuse = () => reject(createInterrupted());
  });
  if (stop.aborted) refuse();
  stop.addEventListener('abort', refuse);
  try {
    return await Promise.race([stopped, work]);
  } finally {
    stop.removeEventListener('abort', refuse);
  }
}

export function createInterrupted(): ConnstormError {
  return new ConnstormError('interrupted', 'INTERRUPTED', 'interrupted before the storm began');
}
