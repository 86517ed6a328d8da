import type { DriverName } from '../../scenario/schema/driver-name.ts';
import { invalid } from '../naming/settings/invalid.ts';
import type { Preflight } from './preflight.ts';

/**
 * Replaces sslmode `prefer` for the pg driver, which does not have it: a Node application decides about TLS itself. The
 * mode that the first login found is used for the whole run, so that an attempt stays one socket. Returns the target,
 * and a line for people about a change.
 *
 * Throws UsageError for what pg cannot do, or would silently leave out.
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
