import { adviseOnReload, MAY_RELOAD, RELOAD } from '../../drivers/reload.ts';
import type { PlanOf } from '../../scenario/plan/beside/background.ts';
import type { ActEnd, Activity, Pace } from '../activity.ts';
import type { ActivityGround } from '../activity-ground.ts';
import { ControlSession } from '../connections/control-session.ts';

/** Reloads on one connection queue up behind each other. */
const AT_ONCE = 10;

/** Makes the server read its configuration again. The postmaster then signals every process of the server. */
export class Reloads implements Activity {
  readonly pace: Pace;
  readonly kept: ControlSession;
  readonly #ground: ActivityGround;

  constructor({ ratePerSecond }: PlanOf<'reloads'>, ground: ActivityGround) {
    this.pace = { kind: 'rate', ratePerSecond, atOnce: AT_ONCE };
    this.#ground = ground;
    this.kept = new ControlSession(ground);
  }

  async open() {
    const { now } = this.#ground;
    const fromUs = now();
    await this.kept.open();
    const answer = await this.kept.ask(MAY_RELOAD);
    if (!answer.ok)
      throw new Error(`the server did not say whether it may reload: ${answer.failure?.message}`);
    const advice = adviseOnReload(answer.rows[0]);
    if (advice !== undefined)
      throw new Error(`the database user may not reload the configuration: ${advice}`);
    return { asked: 1, opened: 1, elapsedUs: now() - fromUs };
  }

  act(end: ActEnd): void {
    void this.kept.ask(RELOAD).then((answer) => {
      if (answer.ok) end({ end: 'done' });
      else if (answer.failure === undefined) end({ end: 'skipped' });
      else end({ end: 'failed', failure: answer.failure });
    });
  }

  close(): void {
    this.kept.close();
  }
}
