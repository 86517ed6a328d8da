import { ConnstormError } from '../../errors.ts';

/** Ctrl-C, what service managers and CI send, and a terminal that is closed. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Listens to every signal that asks a command to stop. Returns what ends the listening; the next one then ends the process at once. */
export function onStopSignals(listen: () => void): () => void {
  for (const signal of STOP_SIGNALS) process.on(signal, listen);
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, listen);
  };
}

/**
 * What `use` comes to, whose signal the first such signal aborts. `use` then ends what it has begun; a second one ends the process at
 * once, and what is left of a lab goes by itself.
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

/** Of a command that has a lab and no storm. */
export function createLabInterrupted(): ConnstormError {
  return new ConnstormError('interrupted', 'INTERRUPTED', 'interrupted; the lab is removed');
}
