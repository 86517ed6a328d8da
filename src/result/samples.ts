/** What probes saw, by their samples. Times are integer microseconds since T0. */

/**
 * One sample of a probe; `generator` is connstorm's own process and what it sees of its host. What the system does not
 * tell is left out. Failures for want of this machine's own means are in the intervals (`localFailures`).
 */
export interface SampleRecord {
  type: 'sample';
  probe: 'generator';
  atUs: number;
  /** Since the sample before. */
  elapsedUs: number;
  /** User + system time of this process, all threads. */
  cpuUs: number;
  /** Busy and total time of all CPUs of the host. */
  hostBusyUs: number;
  hostTotalUs: number;
  /** Of `hostTotalUs`: CPU time that the hypervisor gave to others. */
  hostStolenUs?: number;
  /** The process was neither running nor waiting for a CPU though it had something to do: somebody stopped it. */
  stoppedUs?: number;
  /** Open descriptors of the process. */
  descriptors?: number;
  /** TCP sockets of the network namespace, whoever's they are. */
  sockets?: { inUse: number; timeWait: number };
  workers?: WorkerSample[];
}

/** One pacing thread since the sample before. */
export interface WorkerSample {
  /** From 0. */
  worker: number;
  /** Share of the time in which its event loop had something to do, 0 to 1; waiting for a CPU is in it. */
  utilisation: number;
  /** How much too late its loop came to a timer, at most. */
  loopDelayUs: number;
  /** Of the arrivals that it came to, dropped ones too; null without any. */
  arrivals: number;
  latenessP99Us: number | null;
  latenessMaxUs: number | null;
  /** Time on a CPU, and ready to run without getting one. */
  cpuUs?: number;
  cpuWaitUs?: number;
}

/** What the kill switch saw in about a second: the server through the eyes of others. */
export interface WatchRecord {
  type: 'watch';
  atUs: number;
  /** A trivial query every 0.1 s on a connection opened before the storm: those answered since the record before. */
  canary: { answered: number; meanUs: number | null; maxUs: number | null };
  /** New connections, one a second at most: those ended since the record before. */
  witness: { connected: number; failed: number; maxUs: number | null };
}
