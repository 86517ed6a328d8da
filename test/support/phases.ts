import { ABSENT, type Attempt } from '../../src/drivers/driver.ts';

/** The phases up to ReadyForQuery that an attempt has, in microseconds. */
export function readPhases({
  startUs,
  establishedUs,
  spawnedUs,
  encryptedUs,
  authenticatedUs,
  readyUs,
}: Attempt): Record<string, number> {
  const stamps = {
    tcp: establishedUs,
    spawn: spawnedUs,
    tls: encryptedUs,
    auth: authenticatedUs,
    ready: readyUs,
  };
  const phases: Record<string, number> = {};
  let sinceUs = startUs;
  for (const [name, untilUs] of Object.entries(stamps)) {
    if (untilUs === ABSENT) continue;
    phases[name] = untilUs - sinceUs;
    sinceUs = untilUs;
  }
  return phases;
}
