import type { Reason } from '../result/records/summary-figures.ts';

/**
 * The text with the code in the place of each reason that the report prints elsewhere, so that a reason stands in it once:
 * `the measurement is invalid: SCRAM_CPU (see above)`.
 */
export function referToReasons(
  text: string,
  reasons: readonly Pick<Reason, 'code' | 'message'>[],
): string {
  return reasons.reduce(
    (told, { code, message }) => told.replaceAll(message, `${code} (see above)`),
    text,
  );
}

/** The reasons as a report prints them: what repeats one before it refers to that. */
export function listReasons<Told extends Pick<Reason, 'code' | 'message'>>(
  reasons: readonly Told[],
): Told[] {
  return reasons.map((reason, at) => ({
    ...reason,
    message: referToReasons(reason.message, reasons.slice(0, at)),
  }));
}
