import type { PlanOf } from '../../scenario/plan/beside/background.ts';
import type { ActEnd, Activity, Pace } from '../activity.ts';
import type { ActivityGround } from '../activity-ground.ts';
import { KeptConnections } from '../connections/kept-connections.ts';

/** Runs a statement again and again, on connections of its own. */
export class Queries implements Activity {
  readonly pace: Pace;
  readonly kept: KeptConnections;

  constructor(plan: PlanOf<'queries'>, ground: ActivityGround) {
    const { clients, statement, ratePerSecond } = plan;
    const { isReadOnly, ...shared } = ground;
    this.pace =
      ratePerSecond === undefined
        ? { kind: 'clients', clients }
        : { kind: 'rate', ratePerSecond, atOnce: clients };
    this.kept = new KeptConnections({
      ...shared,
      statements: { texts: [statement], protocol: 'simple', isReadOnly },
      wanted: clients,
    });
  }

  /** Also runs the statement once, so that a statement that cannot work is refused before the load. */
  async open() {
    const opening = await this.kept.open();
    await new Promise<void>((resolve, reject) => {
      this.kept.ask((outcome) => {
        if (outcome.end === 'failed')
          reject(new Error(`its statement failed: ${outcome.failure.message}`));
        else resolve();
      });
    });
    return opening;
  }

  begin(): void {
    this.kept.begin();
  }

  countFree(): number {
    return this.kept.idleCount;
  }

  act(end: ActEnd): void {
    this.kept.ask(end);
  }

  close(): void {
    this.kept.close();
  }
}
