import { CLOCK_QUERY, renderTermination } from '../../drivers/own-backends.ts';
import { SELECT_ONE } from '../../drivers/protocol/statements.ts';
import { createMark, markName } from '../../drivers/session-mark.ts';
import { countVictims, type PlanOf } from '../../scenario/plan/beside/background.ts';
import type { ActEnd, Activity, Kept, Pace } from '../activity.ts';
import type { ActivityGround } from '../activity-ground.ts';
import { ControlSession } from '../connections/control-session.ts';
import { KeptConnections } from '../connections/kept-connections.ts';
import { addKept } from '../connections/kept-counts.ts';

/** Terminations on one connection queue up behind each other. */
const AT_ONCE = 10;

/** Opens sessions, ends them one after another, and opens others in their place. */
export class Terminations implements Activity {
  readonly pace: Pace;
  readonly kept: Kept;
  readonly #victims: KeptConnections;
  readonly #control: ControlSession;
  /** The end of the application_name of every session that may be ended. */
  readonly #mark = createMark();
  /** Before the first of these sessions, by the server's clock. */
  #since = '';

  constructor(plan: PlanOf<'terminations'>, ground: ActivityGround) {
    this.pace = { kind: 'rate', ratePerSecond: plan.ratePerSecond, atOnce: AT_ONCE };
    const applicationName = markName(ground.endpoint.applicationName, this.#mark);
    const endpoint = { ...ground.endpoint, applicationName };
    const { timeoutUs, now, note } = ground;
    this.#victims = new KeptConnections({
      ...{ endpoint, timeoutUs, now, note },
      statements: SELECT_ONE,
      wanted: countVictims(plan),
      keepsKeys: true,
    });
    this.#control = new ControlSession(ground);
    this.kept = { take: () => addKept(this.#victims.take(), this.#control.take()) };
  }

  /** Asks for the server's time first: sessions that are older are never ended. */
  async open() {
    await this.#control.open();
    const answer = await this.#control.ask(CLOCK_QUERY);
    if (!answer.ok) throw new Error(`the server did not say its time: ${answer.failure?.message}`);
    this.#since = String(answer.rows[0]?.since);
    const opening = await this.#victims.open();
    return { ...opening, asked: opening.asked + 1, opened: opening.opened + 1 };
  }

  begin(): void {
    this.#victims.begin();
  }

  act(end: ActEnd): void {
    const victim = this.#victims.spend();
    if (victim === undefined) {
      end({ end: 'skipped' });
      return;
    }
    const own = { pids: [victim.pid], mark: this.#mark, since: this.#since };
    void this.#control.ask(renderTermination(own)).then((answer) => {
      const isEnded = answer.ok && answer.rows[0]?.ended === true;
      if (isEnded) {
        end({ end: 'done' });
        return;
      }
      victim.putBack();
      if (answer.ok || answer.failure === undefined) end({ end: 'skipped' });
      else end({ end: 'failed', failure: answer.failure });
    });
  }

  close(): void {
    this.#victims.close();
    this.#control.close();
  }
}
