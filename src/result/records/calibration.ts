import type { HeaderRecord } from './header.ts';
import type { MetricSummary } from './summary-figures.ts';

/** The rates that this machine can generate, and the time that it adds by itself. Later versions may add fields. */
export interface Calibration {
  type: 'calibration';
  version: 1;
  connstorm: string;
  environment: HeaderRecord['environment'];
  /**
   * Figures at a low rate against the instant server. connstorm and this machine add these times to those of any
   * server.
   */
  floor: {
    ratePerSecond: number;
    serviceTime: Figure;
    lateness: Figure;
    /**
     * Service time plus lateness of each attempt. A latency below this shows connstorm and this machine, not a server.
     */
    latency: Figure;
  } | null;
  ceilings: WorkersCeiling[];
  /** Highest rate that any number of workers sustained; null: none sustained any. */
  highestPerSecond: number | null;
  /** False: the time was up, or a person stopped it, before every number of workers was tried. */
  complete: boolean;
  elapsedS: number;
}

export type Figure = Pick<MetricSummary, 'count' | 'p50Us' | 'p99Us'>;

export interface Ceiling {
  /** Highest rate that was sustained; null: none of those tried. */
  sustainedPerSecond: number | null;
  /** Lowest rate above it that was not sustained; null: no higher one was tried. */
  failedPerSecond: number | null;
}

export interface WorkersCeiling extends Ceiling {
  workers: number;
  /** CPU time of connstorm's process per connect, at the highest rate that was sustained. */
  cpuPerConnectUs: number | null;
  lateness: Figure | null;
  /** Reasons why the lowest rate above was not sustained. */
  failedBecause: string[];
  tries: { ratePerSecond: number; achievedPerSecond: number; sustained: boolean }[];
}
