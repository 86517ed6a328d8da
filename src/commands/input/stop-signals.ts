import { ConnstormError } from '../../errors.ts';

/** Signals of Ctrl-C, of service managers and CI, and of a terminal that is closed. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Listens to every signal that asks a command to stop. Returns a function that ends the listening. The next signal then
 * ends the process at once.
 */
export function onStopSignals(listen: () => void): () => void {
  for (const signal of STOP_SIGNALS) process.on(signal, listen);
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, listen);
  };
}

/**
 * Resolves with what `use` resolves with. The first stop signal aborts the signal that `use` gets, so that it ends what
 * it has begun. A second one ends the process at once. The rest of a lab then removes itself.
 */
export async function withStopSignals<T>(use: (stop: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const ignore = onStopSignals(() => {
    ignore();
    stop.abort();
  });
  try {
    return await use(stop.signal);
  } finally {
    ignore();
  }
}

/** Returns the error of a command that is interrupted while it has a lab and no storm. */
export function createLabInterrupted(): ConnstormError {
  return new ConnstormError('interrupted', 'INTERRUPTED', 'interrupted; the lab is removed');
}
