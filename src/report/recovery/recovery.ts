import { formatCounted, nounOf } from '../../counted.ts';
import type { VariantRecord } from '../../result/records/header.ts';
import type { RecoverySummary } from '../../result/records/recovery.ts';
import type { Section, ShownVariant, VariantsInput } from '../text/section.ts';
import { wrapText } from '../text/text.ts';
import { describeRecovery } from './describe-recovery.ts';

/** Disturbances that a report shows of one variant. */
const MOST_SHOWN = 12;

/** Returns how the target of each variant came through its disturbances. */
export function renderRecovery(
  { header, columns, paint }: VariantsInput,
  variants: readonly ShownVariant[],
): Section[] {
  return variants.flatMap(({ name, record, summary: { recovery = [], roundsPlanned } }) => {
    if (recovery.length === 0) return [];
    const title = header.isLone ? 'recovery' : `recovery of ${name}`;
    const isRepeated = roundsPlanned > 1;
    const lines = recovery
      .slice(0, MOST_SHOWN)
      .flatMap((one) => [
        ...wrapText(nameDisturbance(one, record, isRepeated), columns, 2),
        ...describeRecovery(one).flatMap((line) =>
          wrapText(line, columns - 2, 2).map((text) => `  ${text}`),
        ),
      ]);
    const left = recovery.length - MOST_SHOWN;
    const rest =
      left > 0 ? [`and ${left} more ${nounOf(left, 'disturbance')}: --json lists them all`] : [];
    return [{ lines: [...wrapText(title, columns, 2).map(paint.bold), ...lines, ...rest] }];
  });
}

/** Returns `restart fast at 5.00 s`, or `a cut of 100 sessions at 5.00 s`. */
function nameDisturbance(
  { cause, fromUs, round }: RecoverySummary,
  { plan }: VariantRecord,
  isRepeated: boolean,
): string {
  const what =
    cause.kind === 'event'
      ? (plan.events?.[cause.index]?.text ?? cause.event)
      : `a cut of ${formatCounted(cause.sessions, 'session')} without an event`;
  return `${isRepeated ? `round ${round}: ` : ''}${what} at ${showMoment(fromUs)}`;
}

/** Returns a moment of the load in seconds, to 10 ms. */
function showMoment(us: number): string {
  return `${(us / 1_000_000).toFixed(2)} s`;
}
