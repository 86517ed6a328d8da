import { SELECT_ONE } from '../../drivers/protocol/statements.ts';
import type { BackendMemory } from '../../result/records/background.ts';
import type { PlanOf } from '../../scenario/plan/beside/background.ts';
import type { ActEnd, Activity, Pace } from '../activity.ts';
import type { ActivityGround } from '../activity-ground.ts';
import { KeptConnections } from '../connections/kept-connections.ts';
import { OpeningLimit } from '../connections/opening-limit.ts';

/** Looking into one takes 1 to 2 ms. */
const MOST_LOOKED_INTO = 50;

/** Keeps connections open. With `touch` it runs `SELECT 1` on each of them at that interval. */
export class Held implements Activity {
  readonly kept: KeptConnections;
  readonly #touchUs: number | undefined;
  readonly #readTakenBytes: ActivityGround['readTakenBytes'];
  #opened = 0;

  constructor({ connections, touchUs }: PlanOf<'held'>, ground: ActivityGround) {
    const { mostOpeningUs, readFreeBytes, readTakenBytes, ...shared } = ground;
    this.#readTakenBytes = readTakenBytes;
    this.#touchUs = touchUs;
    this.kept = new KeptConnections({
      ...shared,
      statements: SELECT_ONE,
      wanted: connections,
      limit: new OpeningLimit(mostOpeningUs, readFreeBytes),
    });
  }

  /** Known once the connections are open: each is touched at its turn. */
  get pace(): Pace {
    if (this.#touchUs === undefined || this.#opened === 0) return { kind: 'none' };
    const ratePerSecond = (this.#opened * 1e6) / this.#touchUs;
    return { kind: 'rate', ratePerSecond, atOnce: this.#opened };
  }

  async open() {
    const opening = await this.kept.open();
    this.#opened = opening.opened;
    const memory = measureMemory(this.kept.listBackends(), this.#readTakenBytes);
    return memory === undefined ? opening : { ...opening, memory };
  }

  begin(): void {
    this.kept.begin();
  }

  act(end: ActEnd): void {
    this.kept.ask(end);
  }

  close(atOnce: boolean): void {
    this.kept.close(atOnce);
  }

  countLeaving(): number {
    return this.kept.openCount;
  }
}

/** Returns the memory of some of the backends, evenly chosen; undefined: the host shows none. */
function measureMemory(
  pids: readonly number[],
  readTakenBytes: ActivityGround['readTakenBytes'],
): BackendMemory | undefined {
  const step = Math.max(1, Math.ceil(pids.length / MOST_LOOKED_INTO));
  const seen = pids.flatMap((pid, index) =>
    index % step === 0 ? (readTakenBytes(pid) ?? []) : [],
  );
  return seen.length === 0
    ? undefined
    : { backends: seen.length, bytes: seen.reduce((sum, bytes) => sum + bytes, 0) };
}
