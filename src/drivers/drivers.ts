import type { Clock } from '../clock.ts';
import type { DriverName } from '../scenario/schema/driver-name.ts';
import type { AttemptSink, ConnectionPlan, Driver } from './driver.ts';
import type { Endpoint } from './endpoint.ts';
import { PgDriver } from './pg/pg.ts';
import { WireDriver } from './wire/wire.ts';

export type DriverClass = new (
  endpoint: Endpoint,
  plan: ConnectionPlan,
  sink: AttemptSink,
  now: Clock,
) => Driver;

export const DRIVERS = { wire: WireDriver, pg: PgDriver } satisfies Record<DriverName, DriverClass>;
