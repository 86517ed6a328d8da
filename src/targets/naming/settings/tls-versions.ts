import type { SecureVersion } from 'node:tls';
import type { TlsSettings } from '../../../drivers/transport/tls.ts';
import { invalid } from './invalid.ts';

/** From the oldest to the newest. */
const VERSIONS: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
/** libpq's default since PostgreSQL 13, and Node's. */
const DEFAULT_MIN: SecureVersion = 'TLSv1.2';

/** A value of ssl_min_protocol_version or ssl_max_protocol_version; case does not count, as in libpq. */
export function readTlsVersion(value: string, source: string): SecureVersion {
  const found = VERSIONS.find((version) => version.toLowerCase() === value.toLowerCase());
  if (found !== undefined) return found;
  throw invalid(`${source} must be ${VERSIONS.join(', ')}, got "${value}"`);
}

/** The versions for TlsSettings. Throws UsageError where no version lies between them. */
export function checkTlsVersions({
  tlsMinVersion,
  tlsMaxVersion,
}: {
  tlsMinVersion?: SecureVersion;
  tlsMaxVersion?: SecureVersion;
}): Pick<TlsSettings, 'minVersion' | 'maxVersion'> {
  const min = tlsMinVersion ?? DEFAULT_MIN;
  if (tlsMaxVersion !== undefined && VERSIONS.indexOf(tlsMaxVersion) < VERSIONS.indexOf(min)) {
    const isDefault = tlsMinVersion === undefined ? ', its default' : '';
    throw invalid(
      `ssl_max_protocol_version=${tlsMaxVersion} is below ssl_min_protocol_version=${min}${isDefault}: raise the first or lower the second`,
    );
  }
  return {
    ...(tlsMinVersion === undefined || tlsMinVersion === DEFAULT_MIN
      ? {}
      : { minVersion: tlsMinVersion }),
    ...(tlsMaxVersion === undefined ? {} : { maxVersion: tlsMaxVersion }),
  };
}
