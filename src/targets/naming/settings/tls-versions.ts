import type { SecureVersion } from 'node:tls';
import type { TlsSettings } from '../../../drivers/transport/tls.ts';
import { invalid } from './invalid.ts';

/** Versions of TLS, from the oldest to the newest. */
const VERSIONS: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
/** The default of libpq since PostgreSQL 13, and of Node. */
const DEFAULT_MIN: SecureVersion = 'TLSv1.2';

/**
 * Reads ssl_min_protocol_version or ssl_max_protocol_version. Case does not count, as in libpq. Throws UsageError for
 * anything but a version of TLS.
 */
export function readTlsVersion(value: string, source: string): SecureVersion {
  const found = VERSIONS.find((version) => version.toLowerCase() === value.toLowerCase());
  if (found !== undefined) return found;
  throw invalid(`${source} must be ${VERSIONS.join(', ')}, got "${value}"`);
}

/** Returns the versions for TlsSettings. Throws UsageError if no version lies between them. */
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
