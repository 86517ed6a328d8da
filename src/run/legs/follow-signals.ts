import type { Coordinator } from '../../load/threads/coordinator.ts';

export interface LegSignals {
  /** Aborted: there are no further arrivals; attempts under way may end. */
  stop: AbortSignal;
  /** Aborted: everything ends at once. */
  cancel: AbortSignal;
  /** Aborted if something that the run depends on has ended, such as the lab. The reason is a text. */
  broken: AbortSignal;
}

/** Ends the load when a signal is aborted, or at once if one is already. Returns a function that ends the listening. */
export function followSignals(
  coordinator: Coordinator,
  { stop, cancel, broken }: LegSignals,
): () => void {
  const acts = [
    [stop, () => void coordinator.stop('signal', 'interrupted')],
    [cancel, () => coordinator.cancel()],
    [broken, () => void coordinator.stop('error', String(broken.reason))],
  ] as const;
  const endings = acts.map(([signal, act]) => onAbort(signal, act));
  return () => {
    for (const ignore of endings) ignore();
  };
}

/** Calls `act` when the signal is aborted, or at once if it is already. Returns a function that ends the listening. */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  signal.addEventListener('abort', act);
  if (signal.aborted) act();
  return () => signal.removeEventListener('abort', act);
}
