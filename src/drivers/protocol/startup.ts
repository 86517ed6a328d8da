import type { ConnectionPlan } from '../driver.ts';
import type { Endpoint } from '../endpoint.ts';

/** The server's messages are read as UTF-8, so it is asked for UTF-8 unless the target wants another encoding. */
const DEFAULT_ENCODING = 'UTF8';
/** Version 3.0 of the protocol as a 32-bit number. */
const PROTOCOL_VERSION = 196_608;

/** Returns the parameters of every attempt's StartupMessage. */
export function createStartup(
  endpoint: Endpoint,
  { serverTimes }: Pick<ConnectionPlan, 'serverTimes'>,
): Record<string, string> {
  const { user, database, applicationName, clientEncoding = DEFAULT_ENCODING } = endpoint;
  const options = joinOptions(endpoint.options, serverTimes.options);
  return {
    user,
    database,
    application_name: applicationName,
    ...(options === undefined ? {} : { options }),
    client_encoding: clientEncoding,
  };
}

/**
 * Encodes a StartupMessage with exactly these parameters. pg-protocol's own would add client_encoding=UTF8.
 * https://www.postgresql.org/docs/18/protocol-message-formats.html
 */
export function encodeStartup(parameters: Record<string, string>): Buffer {
  const pairs = Object.entries(parameters).map(([name, value]) => `${name}\0${value}\0`);
  const body = Buffer.from(`${pairs.join('')}\0`, 'utf8');
  const head = Buffer.alloc(8);
  head.writeUInt32BE(head.length + body.length, 0);
  head.writeUInt32BE(PROTOCOL_VERSION, 4);
  return Buffer.concat([head, body]);
}

/**
 * Joins command-line options for the backend; undefined if there are none. If two set the same, the later one holds.
 */
export function joinOptions(...parts: (string | undefined)[]): string | undefined {
  const given = parts.filter((part) => part !== undefined && part !== '');
  return given.length === 0 ? undefined : given.join(' ');
}
