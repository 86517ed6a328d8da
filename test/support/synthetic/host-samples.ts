import type {
  GeneratorSample,
  HostSample,
  SampleRecord,
} from '../../../src/result/records/samples.ts';

/** Samples of a host of two CPUs and of connstorm on it, of known shares. */

const CPUS = 2;
const QUARTER_US = 250_000;

/** What each had of the host's CPU, as shares of all of it. */
export interface Shares {
  server: number;
  own: number;
  others: number;
  stolen?: number;
  /** All of these run in a control group whose quota is used up. */
  hasQuota?: true;
}

/** The samples of a stretch: four a second of the host, one a second of connstorm. */
export function sampleHost(fromUs: number, seconds: number, shares: Shares): SampleRecord[] {
  return Array.from({ length: seconds * 4 }, (_, at): SampleRecord[] => {
    const atUs = fromUs + (at + 1) * QUARTER_US;
    const isWhole = (at + 1) % 4 === 0;
    return [describeHost(atUs, shares), ...(isWhole ? [describeOwn(atUs, shares)] : [])];
  }).flat();
}

function describeHost(atUs: number, shares: Shares): HostSample {
  const { server, own, others, stolen = 0, hasQuota } = shares;
  const totalUs = CPUS * QUARTER_US;
  const idleUs = totalUs * (1 - server - own - others - stolen);
  const cpu = { totalUs, idleUs, stolenUs: totalUs * stolen };
  const serverCpuUs = totalUs * server;
  const quota = hasQuota && {
    throttledUs: QUARTER_US / 2,
    groupCpuUs: totalUs * (server + own + others),
  };
  return { type: 'sample', probe: 'host', atUs, elapsedUs: QUARTER_US, cpu, serverCpuUs, ...quota };
}

export function describeOwn(atUs: number, { own }: Shares): GeneratorSample {
  const hostTotalUs = CPUS * 1_000_000;
  const cpu = { cpuUs: hostTotalUs * own, hostBusyUs: hostTotalUs, hostTotalUs };
  return { type: 'sample', probe: 'generator', atUs, elapsedUs: 1_000_000, ...cpu };
}

/** The lab at its limit, on a machine of its own. */
export const ALONE: Shares = { server: 0.7, own: 0.2, others: 0.01 };
/** The same beside other work. */
export const SHARED: Shares = { server: 0.4, own: 0.15, others: 0.42 };
