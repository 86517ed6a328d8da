import type { Reason } from '../result/records/summary-figures.ts';

/**
 * Returns the text with the code in place of each reason that the report prints elsewhere, so that each reason is
 * printed once: `the measurement is invalid: SCRAM_CPU (see above)`.
 */
export function referToReasons(
  text: string,
  reasons: readonly Pick<Reason, 'code' | 'message'>[],
): string {
  return reasons.reduce(
    (shorter, { code, message }) => shorter.replaceAll(message, `${code} (see above)`),
    text,
  );
}

/** Returns the reasons for a report. A message that repeats an earlier reason refers to that one instead. */
export function listReasons<Told extends Pick<Reason, 'code' | 'message'>>(
  reasons: readonly Told[],
): Told[] {
  return reasons.map((reason, at) => ({
    ...reason,
    message: referToReasons(reason.message, reasons.slice(0, at)),
  }));
}
