import type { ConnectionOptions } from 'node:tls';
import { serialize } from 'pg-protocol';
import type { ConnectionPlan } from '../driver.ts';
import type { Endpoint } from '../endpoint.ts';
import type { DriverParts } from '../lifecycle/lifecycle-owner.ts';
import type { ScramKeyring } from '../login/scram.ts';
import { encodeSslRequest } from '../protocol/requests.ts';
import { AGE_QUERY } from '../protocol/server-times.ts';
import { createStartup, encodeStartup } from '../protocol/startup.ts';
import { encodeStatements, NO_COPY_DATA } from '../protocol/statements.ts';
import type { CreateLink } from '../transport/create-link.ts';

/**
 * The parts of a wire driver that all its connections share. They are made once, because they do not depend on the
 * attempt.
 */
export interface WireDriverParts extends DriverParts {
  endpoint: Endpoint;
  createLink: CreateLink;
  messages: ClientMessages;
  scram: ScramKeyring;
  /** undefined under sslmode=disable. */
  tlsOptions: ConnectionOptions | undefined;
}

/** Messages that every connection sends, the same bytes each time. */
export interface ClientMessages {
  sslRequest: Buffer;
  startup: Buffer;
  /** Used in turn. */
  statements: Buffer[];
  ageQuery: Buffer;
  copyFail: Buffer;
  terminate: Buffer;
}

export function encodeMessages(endpoint: Endpoint, plan: ConnectionPlan): ClientMessages {
  return {
    sslRequest: encodeSslRequest(),
    startup: encodeStartup(createStartup(endpoint, plan)),
    statements: encodeStatements(plan.statements),
    ageQuery: serialize.query(AGE_QUERY),
    copyFail: serialize.copyFail(NO_COPY_DATA),
    terminate: serialize.end(),
  };
}
