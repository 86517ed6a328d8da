import type { Coordinator } from '../../load/threads/coordinator.ts';

export interface LegSignals {
  /** No further arrivals, what is under way may end. */
  stop: AbortSignal;
  /** End at once. */
  cancel: AbortSignal;
  /** Something that the run stands on is gone; the reason is its text. */
  broken: AbortSignal;
}

/** Ends load as the signals say, those that have been given too. Returns what ends the listening. */
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

/** Acts once it is aborted, at once where it is already. Returns what ends the listening. */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  signal.addEventListener('abort', act);
  if (signal.aborted) act();
  return () => signal.removeEventListener('abort', act);
}
