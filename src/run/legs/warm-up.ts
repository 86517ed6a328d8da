import { StopConditions } from '../../analysis/stop-conditions.ts';
import { formatCounted } from '../../counted.ts';
import { formatDuration } from '../../duration-text.ts';
import { describeFailure } from '../../failure-text.ts';
import { Coordinator } from '../../load/threads/coordinator.ts';
import type { ErrorCount, IntervalRecord } from '../../result/records/intervals.ts';
import { planWarmUp } from '../../scenario/plan/warm-up.ts';
import type { Prepared } from '../prepare/prepared.ts';
import { followSignals, type LegSignals, onAbort } from './follow-signals.ts';
import { describeLoadOptions } from './load-options.ts';
import type { RunPorts } from './ports.ts';

export interface WarmUpSignals extends LegSignals {
  /** The kill switch's alarm, which ends the warm-up at once; undefined without a kill switch. */
  alarm: AbortSignal | undefined;
}

/**
 * Runs a leg's own load, with threads of its own, for the time that the scenario asks for, and drains it. Nothing is
 * recorded. Resolves with how long the load ran in microseconds; less than planned if something ended it. Anything but
 * a stop condition then ends the leg, too. `note`: receives lines about failures. Throws if its threads fail.
 */
export async function warmUp(
  prepared: Prepared,
  seed: number,
  { alarm, ...signals }: WarmUpSignals,
  note: (text: string) => void,
  ports: RunPorts,
): Promise<number> {
  const plan = planWarmUp(prepared.scenario, seed, prepared.warmUpUs);
  const conditions = new StopConditions(plan.stop);
  const seen = new Seen();
  const coordinator = await Coordinator.launch(describeLoadOptions(prepared, plan, ports));
  if (isOver({ alarm, ...signals })) {
    coordinator.cancel();
    await coordinator.finished;
    return 0;
  }
  coordinator.start({
    onInterval: (record) => {
      seen.add(record);
      const reason = conditions.judge(record);
      if (reason !== undefined && coordinator.stop('condition', reason)) {
        note(`the warm-up was ended early: ${reason}`);
      }
    },
  });
  const ignore = followSignals(coordinator, signals);
  const ignoreAlarm =
    alarm === undefined
      ? () => {}
      : onAbort(alarm, () => {
          if (coordinator.kill(String(alarm.reason))) note(`in the warm-up: ${alarm.reason}`);
        });
  try {
    const { stoppedBy, reason, stopAtUs = plan.durationUs } = await coordinator.finished;
    if (stoppedBy === 'error' && !signals.broken.aborted) {
      throw new Error(`the warm-up failed: ${reason}`);
    }
    const ranUs = Math.min(stopAtUs, plan.durationUs);
    seen.noteFailures(note);
    if (signals.stop.aborted) note(seen.describeCut(ranUs));
    return ranUs;
  } finally {
    ignore();
    ignoreAlarm();
  }
}

function isOver({ stop, cancel, broken, alarm }: WarmUpSignals): boolean {
  return [stop, cancel, broken, alarm].some((signal) => signal?.aborted === true);
}

/** A count of the attempts and failures of a load that is not recorded. */
class Seen {
  #started = 0;
  #failures = 0;
  #first: ErrorCount | undefined;

  add({ steps, errors }: IntervalRecord): void {
    for (const { counts } of steps) this.#started += counts.started;
    for (const { count } of errors) this.#failures += count;
    this.#first ??= errors[0];
  }

  describeCut(ranUs: number): string {
    return `interrupted during the warm-up, after ${formatCounted(this.#started, 'attempt')} in ${formatDuration(ranUs)}; nothing was measured`;
  }

  noteFailures(note: (text: string) => void): void {
    const first = this.#first;
    if (this.#started === 0) note('the warm-up made no attempt, so nothing is warm');
    if (first === undefined) return;
    const many = formatCounted(this.#failures, 'failure');
    const what = describeFailure(first);
    note(
      `the warm-up had ${many} in ${formatCounted(this.#started, 'attempt')}; they are not in any figure. The first: ${what}`,
    );
  }
}
