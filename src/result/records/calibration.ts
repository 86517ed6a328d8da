import type { HeaderRecord } from './header.ts';
import type { MetricSummary } from './summary-figures.ts';

/** What this machine can generate, and what it adds by itself. Later fields may be added. */
export interface Calibration {
  type: 'calibration';
  version: 1;
  connstorm: string;
  environment: HeaderRecord['environment'];
  /** At a low rate against the instant server: what connstorm and this machine add to any server's times. */
  floor: {
    ratePerSecond: number;
    serviceTime: Figure;
    lateness: Figure;
    /** Service time plus lateness of each attempt. A latency below this shows connstorm and this machine, not a server. */
    latency: Figure;
  } | null;
  ceilings: WorkersCeiling[];
  /** The highest rate that any number of workers sustained; null where none sustained any. */
  highestPerSecond: number | null;
  /** False: the time was up, or somebody stopped it, before every number of workers was tried. */
  complete: boolean;
  elapsedS: number;
}

export type Figure = Pick<MetricSummary, 'count' | 'p50Us' | 'p99Us'>;

export interface Ceiling {
  /** The highest rate that was sustained; null: none of those tried. */
  sustainedPerSecond: number | null;
  /** The lowest above it that was not; null: none higher was tried. */
  failedPerSecond: number | null;
}

export interface WorkersCeiling extends Ceiling {
  workers: number;
  /** At the highest rate that was sustained: CPU time of connstorm's process a connect. */
  cpuPerConnectUs: number | null;
  lateness: Figure | null;
  /** Why the lowest rate above it was not sustained. */
  failedBecause: string[];
  tries: { ratePerSecond: number; achievedPerSecond: number; sustained: boolean }[];
}
