import type { DriverName } from '../../scenario/schema/driver-name.ts';
import { invalid } from '../naming/settings/invalid.ts';
import type { Preflight } from './preflight.ts';

/**
 * pg has no sslmode `prefer`: a Node application says whether it wants TLS. Under the pg driver, what the first login
 * found stands for the whole run, so that an attempt stays one socket. Returns what changed, for people.
 *
 * Throws UsageError for what pg cannot do, or would quietly do without.
 */
export function settleSslMode(found: Preflight, driver: DriverName): [Preflight, string?] {
  if (driver === 'wire') return [found];
  refuseWhatPgLacks(found.target);
  if (found.target.sslmode !== 'prefer') return [found];
  const sslmode = found.server.tls === null ? 'disable' : 'require';
  const reason = `the pg driver has no sslmode=prefer: it uses ${sslmode}, as the first login found`;
  return [{ ...found, target: { ...found.target, sslmode } }, reason];
}

function refuseWhatPgLacks({ tls, channelBinding }: Preflight['target']): void {
  if (tls?.negotiation === 'direct') {
    throw invalid('the pg driver cannot measure the phases of direct TLS: use the wire driver');
  }
  if (channelBinding === 'require') {
    throw invalid('the pg driver cannot enforce channel_binding=require: use the wire driver');
  }
}
