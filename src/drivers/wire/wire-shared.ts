import type { ConnectionOptions } from 'node:tls';
import { serialize } from 'pg-protocol';
import type { ConnectionPlan } from '../driver.ts';
import type { Endpoint } from '../endpoint.ts';
import type { LifecycleShared } from '../lifecycle/lifecycle-owner.ts';
import type { ScramKeyring } from '../login/scram.ts';
import { AGE_QUERY } from '../protocol/server-times.ts';
import { createStartup, encodeStartup } from '../protocol/startup.ts';
import type { CreateLink } from '../transport/create-link.ts';

/** What all connections of one driver have in common. */
export interface WireShared extends LifecycleShared {
  endpoint: Endpoint;
  createLink: CreateLink;
  messages: ClientMessages;
  scram: ScramKeyring;
  /** undefined under sslmode=disable. */
  tlsOptions: ConnectionOptions | undefined;
}

/** What every connection says alike. */
export interface ClientMessages {
  sslRequest: Buffer;
  startup: Buffer;
  query: Buffer;
  ageQuery: Buffer;
  terminate: Buffer;
}

export function encodeMessages(endpoint: Endpoint, plan: ConnectionPlan): ClientMessages {
  return {
    sslRequest: serialize.requestSsl(),
    startup: encodeStartup(createStartup(endpoint, plan)),
    query: serialize.query(plan.question ?? 'SELECT 1'),
    ageQuery: serialize.query(AGE_QUERY),
    terminate: serialize.end(),
  };
}
