import { Agenda } from '../../../src/load/schedule/agenda.ts';
import type { Timers } from '../../../src/load/schedule/timers.ts';

/** Time that passes only where nothing else is left to do: an hour takes as long as what happens in it. */
export class VirtualTime {
  nowUs = 0;
  readonly #agenda = new Agenda<() => void>();

  readonly now = (): number => this.nowUs;

  /** Has `act` called at a moment. */
  at(atUs: number, act: () => void): void {
    this.#agenda.add(Math.max(atUs, this.nowUs), act);
  }

  /** Runs until nothing is left to do, or until `untilUs`. */
  run(untilUs = Number.POSITIVE_INFINITY): void {
    const agenda = this.#agenda;
    while (agenda.size > 0 && agenda.nextUs <= untilUs) {
      this.nowUs = agenda.nextUs;
      agenda.take()?.();
    }
    if (untilUs !== Number.POSITIVE_INFINITY) this.nowUs = Math.max(this.nowUs, untilUs);
  }

  /** Goes on to what comes next, and does it. False where nothing does. */
  step(): boolean {
    if (this.#agenda.size === 0) return false;
    this.nowUs = this.#agenda.nextUs;
    this.#agenda.take()?.();
    return true;
  }

  readonly createTimers = (onWake: () => void): Timers => {
    let timer = 0;
    let soon = 0;
    return {
      wakeIn: (us) => {
        const mine = ++timer;
        this.at(this.nowUs + us, () => mine === timer && onWake());
      },
      wakeSoon: () => {
        const mine = ++soon;
        this.at(this.nowUs, () => mine === soon && onWake());
      },
      clear: () => {
        timer++;
        soon++;
      },
    };
  };
}
