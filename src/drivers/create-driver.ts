import type { Clock } from '../clock.ts';
import type { DriverName } from '../scenario/schema/driver-name.ts';
import type { Attempt, AttemptSink, ConnectionPlan, Driver } from './driver.ts';
import { DRIVERS } from './drivers.ts';
import type { Endpoint } from './endpoint.ts';
import { addScramFigures, type ScramFigures } from './login/scram-costs.ts';

/** How attempts are spread over several endpoints: by their index in turn, or each to the host of its `place`. */
export type Spread = 'index' | 'place';

/** Returns one driver for all endpoints. By index, attempt i goes to endpoint i modulo their number. */
export function createDriver(
  name: DriverName,
  endpoints: readonly Endpoint[],
  plan: ConnectionPlan,
  sink: AttemptSink,
  now: Clock,
  spread: Spread = 'index',
): Driver {
  const shared = shareLocalAddresses(plan, endpoints.length);
  const drivers = endpoints.map((endpoint) => new DRIVERS[name](endpoint, shared, sink, now));
  const [only] = drivers;
  return drivers.length === 1 && only !== undefined ? only : new SpreadDriver(drivers, spread);
}

/**
 * Returns the plan with each local address repeated once per endpoint. The indexes of one endpoint's attempts are as
 * far apart as there are endpoints. Without the repetition such attempts could miss some addresses.
 */
function shareLocalAddresses(plan: ConnectionPlan, endpoints: number): ConnectionPlan {
  const localAddresses = plan.localAddresses.flatMap((address) =>
    Array.from({ length: endpoints }, () => address),
  );
  return { ...plan, localAddresses };
}

/** A driver for several servers. It has one driver for each. */
class SpreadDriver implements Driver {
  readonly #drivers: readonly Driver[];
  readonly #spread: Spread;

  constructor(drivers: readonly Driver[], spread: Spread) {
    this.#drivers = drivers;
    this.#spread = spread;
  }

  get scramFigures(): ScramFigures {
    return addScramFigures(this.#drivers.map(({ scramFigures }) => scramFigures));
  }

  open(attempt: Attempt): void {
    const { index, place } = attempt;
    const number = this.#spread === 'place' ? place.host : index % this.#drivers.length;
    this.#drivers[number]?.open(attempt);
  }

  cancelAttempts(isMeant?: (attempt: Attempt) => boolean): void {
    for (const driver of this.#drivers) driver.cancelAttempts(isMeant);
  }

  closeConnections(atOnce?: boolean): void {
    for (const driver of this.#drivers) driver.closeConnections(atOnce);
  }

  listBackends(): number[][] {
    return this.#drivers.flatMap((driver) => driver.listBackends());
  }
}
