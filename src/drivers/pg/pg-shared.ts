import type pg from 'pg';
import type { Clock } from '../../clock.ts';
import type { AttemptSink, ConnectionPlan } from '../driver.ts';
import type { Endpoint } from '../endpoint.ts';
import type { ScramCosts } from '../login/scram-costs.ts';
import type { LiveConnection } from '../wire/wire-shared.ts';

/** What all connections of one pg driver have in common. */
export interface PgShared {
  plan: ConnectionPlan;
  sink: AttemptSink;
  now: Clock;
  endpoint: Endpoint;
  clientConfig: pg.ClientConfig;
  /** Parameters of the StartupMessage. */
  startup: Record<string, string>;
  ssl: pg.ClientConfig['ssl'];
  /** pg derives at every login. */
  scram: ScramCosts;
  /** Connections that are not over. */
  live: Set<LiveConnection>;
}
