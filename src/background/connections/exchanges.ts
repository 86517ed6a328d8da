import { type ExchangeOptions, exchange } from '../../drivers/exchange.ts';
import type { ActEnd } from '../activity.ts';

/** The exchanges of an activity that are under way. */
export class Exchanges {
  readonly #underWay = new Map<ActEnd, () => void>();

  /** Begins an exchange. `isTimed`: whether its duration says something about the target. */
  begin(options: ExchangeOptions, end: ActEnd, { isTimed = true } = {}): void {
    const breakOff = exchange(options, (failure) => {
      this.#underWay.delete(end);
      if (failure !== undefined) end({ end: 'failed', failure });
      else end(isTimed ? { end: 'done' } : { end: 'done', isTimed });
    });
    this.#underWay.set(end, breakOff);
  }

  /** Breaks off all of them. */
  close(): void {
    const underWay = [...this.#underWay];
    this.#underWay.clear();
    for (const [end, breakOff] of underWay) {
      breakOff();
      end({ end: 'cancelled' });
    }
  }
}
