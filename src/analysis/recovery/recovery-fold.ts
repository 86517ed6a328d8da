import type { EventSummary } from '../../result/records/events.ts';
import type { StreamRecord } from '../../result/records/records.ts';
import type { RecoverySummary } from '../../result/records/recovery.ts';
import { RecoveryLeg } from './recovery-leg.ts';

/** Finds how the target came through its disturbances, over all legs of a plan. Times are since the T0 of each leg. */
export class RecoveryFold {
  readonly #legs: RecoveryLeg[] = [];

  /** Begins the leg of this round. Called before its records are added. */
  openLeg(round: number): void {
    this.#legs.push(new RecoveryLeg(round));
  }

  add(record: StreamRecord): void {
    const leg = this.#legs.at(-1);
    if (leg === undefined) return;
    if (record.type === 'interval') leg.addInterval(record);
    else if (record.type === 'event') leg.noteEvent();
    else if (record.type === 'sample' && record.probe === 'host') leg.addSample(record);
  }

  /** `ranUntilUs`: when arrivals ended, by leg. `isPooled`: the target is a pooler. */
  summarise(
    events: readonly EventSummary[],
    { ranUntilUs, isPooled }: { ranUntilUs: readonly number[]; isPooled: boolean },
  ): RecoverySummary[] {
    return this.#legs.flatMap((leg, at) =>
      leg.summarise({
        events: events.filter(({ round }) => round === leg.round),
        ranUntilUs: ranUntilUs[at] ?? 0,
        isPooled,
      }),
    );
  }
}
