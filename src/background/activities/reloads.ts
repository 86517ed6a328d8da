import type { PlanOf } from '../../scenario/plan/beside/background.ts';
import type { ActEnd, Activity, Pace } from '../activity.ts';
import type { ActivityGround } from '../activity-ground.ts';
import { ControlSession } from '../connections/control-session.ts';

const MAY_RELOAD = `SELECT current_user AS "user", has_function_privilege('pg_reload_conf()', 'EXECUTE') AS may`;

/** Reloads on one connection queue up behind each other. */
const AT_ONCE = 10;

/** Has the server read its configuration again: the postmaster signals every process of the server. */
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
    const [row] = answer.rows;
    if (row?.may !== true) {
      throw new Error(
        `role "${row?.user}" may not reload the configuration: run GRANT EXECUTE ON FUNCTION pg_reload_conf() TO "${row?.user}" in this database to allow it`,
      );
    }
    return { asked: 1, opened: 1, elapsedUs: now() - fromUs };
  }

  act(end: ActEnd): void {
    void this.kept.ask('SELECT pg_reload_conf()').then((answer) => {
      if (answer.ok) end({ end: 'done' });
      else if (answer.failure === undefined) end({ end: 'skipped' });
      else end({ end: 'failed', failure: answer.failure });
    });
  }

  close(): void {
    this.kept.close();
  }
}
