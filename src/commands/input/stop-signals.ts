/** Ctrl-C, what service managers and CI send, and a terminal that is closed. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Listens to every signal that asks a command to stop. Returns what ends the listening; the next one then ends the process at once. */
export function onStopSignals(listen: () => void): () => void {
  for (const signal of STOP_SIGNALS) process.on(signal, listen);
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, listen);
  };
}
