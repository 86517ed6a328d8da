/** What a run will do, as pure data. Times are integer microseconds since T0, rates are per second. */

export type Spacing = 'uniform' | 'poisson';

/** A piece of the offered rate: linear from one rate to another; a duration of 0 is a jump. */
export interface RatePiece {
  startRatePerSecond: number;
  endRatePerSecond: number;
  durationUs: number;
}

/** The whole schedule: `createArrivals` (src/load/arrivals.ts) computes from it, lazily, the same arrivals every time. */
export interface ArrivalSchedule {
  pieces: RatePiece[];
  durationUs: number;
  spacing: Spacing;
  seed: number;
  arrivalCount: number;
}

/** A window of the schedule that is judged on its own: an arrival belongs to the step its moment falls into. */
export interface Step extends RatePiece {
  index: number;
  fromUs: number;
  toUs: number;
}

export interface Plan {
  executor: string;
  schedule: ArrivalSchedule;
  steps: Step[];
  peakRatePerSecond: number;
  /** As the scenario asks; the run decides where it does not. */
  maxInFlight: number | undefined;
  gracefulStopUs: number;
  connection: {
    /** undefined: as the target says, else `prefer`. */
    sslmode: SslMode | undefined;
    queries: number;
    /** Microseconds, or until the run ends. */
    holdUs: number | 'end';
    timeoutUs: number;
    scramCache: boolean;
  };
}

export const SSL_MODES = ['disable', 'prefer', 'require'] as const;
export type SslMode = (typeof SSL_MODES)[number];
