import { randomBytes } from 'node:crypto';
import { SELECT_ONE } from '../../drivers/protocol/statements.ts';
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
  /** Stands in application_name of every session that may be ended. */
  readonly #mark = `connstorm-${randomBytes(8).toString('hex')}`;

  constructor(plan: PlanOf<'terminations'>, ground: ActivityGround) {
    this.pace = { kind: 'rate', ratePerSecond: plan.ratePerSecond, atOnce: AT_ONCE };
    const endpoint = { ...ground.endpoint, applicationName: this.#mark };
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

  /** The control session comes first: sessions that are older than it are never ended. */
  async open() {
    await this.#control.open();
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
    void this.#control.ask(renderTermination(victim.pid, this.#mark)).then((answer) => {
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

/**
 * Returns the statement that ends a backend only if it belongs to this activity: it has the pid that its server
 * reported, our mark and our user, and it started after the session that asks. If another session has got that pid
 * meanwhile, these do not fit.
 */
function renderTermination(pid: number, mark: string): string {
  return `SELECT pg_terminate_backend(victim.pid) AS ended FROM pg_stat_activity AS victim, pg_stat_activity AS own WHERE own.pid = pg_backend_pid() AND victim.pid = ${pid} AND victim.application_name = '${mark}' AND victim.usename = current_user AND victim.backend_start >= own.backend_start`;
}
