/** Samples of the probes. Times are integer microseconds since T0. */

/** One sample of a probe, about the time since its sample before. Values that could not be read are absent. */
export type SampleRecord =
  | GeneratorSample
  | CanarySample
  | ServerSample
  | HostSample
  | PoolerSample;

/** Names of the probes. */
export type ProbeName = SampleRecord['probe'];

/**
 * connstorm's own process, and what it sees of its host. Failures by this machine's own limits are in the intervals
 * (`localFailures`).
 */
export interface GeneratorSample {
  type: 'sample';
  probe: 'generator';
  atUs: number;
  /** Time since the sample before. */
  elapsedUs: number;
  /** User + system time of this process, all threads. */
  cpuUs: number;
  /** Busy and total time of all CPUs of the host. */
  hostBusyUs: number;
  hostTotalUs: number;
  /** Part of `hostTotalUs`: CPU time that the hypervisor gave to others. */
  hostStolenUs?: number;
  /** Time in which the process had work but neither ran nor waited for a CPU, because it was stopped. */
  stoppedUs?: number;
  /** Open descriptors of the process. */
  descriptors?: number;
  /** All TCP sockets of the network namespace, also those of other processes. */
  sockets?: { inUse: number; timeWait: number };
  workers?: WorkerSample[];
}

/** One pacing thread, since the sample before. */
export interface WorkerSample {
  /** From 0. */
  worker: number;
  /**
   * Share of the time in which its event loop had something to do, 0 to 1. Time waiting for a CPU counts as such. Absent
   * if it could not be read. Older files may have exactly 1 in the last sample of a thread, which means nothing.
   */
  utilisation?: number;
  /** Longest delay of its loop at a timer. */
  loopDelayUs: number;
  /**
   * Delay of each beat of the timer, in order. Beats are LOOP_BEAT_US apart, the last one shortly before `atUs`. Beats
   * that were missed are included. Absent in older files.
   */
  loopDelaysUs?: number[];
  /** Arrivals that the thread handled, dropped ones included. The two times below are null without any. */
  arrivals: number;
  latenessP99Us: number | null;
  latenessMaxUs: number | null;
  /** Time on a CPU, and time ready to run without a CPU. */
  cpuUs?: number;
  cpuWaitUs?: number;
}

/**
 * A trivial query at a fixed pace, on a connection opened before the storm. It shows how the server serves clients that
 * are already connected.
 */
export interface CanarySample {
  type: 'sample';
  probe: 'canary';
  atUs: number;
  elapsedUs: number;
  /** Time from question to answer for each query that was answered, in order of time. */
  answersUs: number[];
  /** Wait so far of the query that has no answer yet; absent: none waits. */
  waitingUs?: number;
  /** Number of times that its connection was lost and opened again; absent: 0. */
  reconnects?: number;
}

/** Figures of the server's own views, read over a connection opened before the storm. Counters are differences. */
export interface ServerSample {
  type: 'sample';
  probe: 'server';
  atUs: number;
  elapsedUs: number;
  /** Time that the server took to answer. */
  tookUs: number;
  /** From pg_stat_database of the database, from PostgreSQL 14 on. */
  sessions?: { started: number; abandoned: number; fatal: number; killed: number };
  /** pg_stat_database.parallel_workers_launched, from PostgreSQL 18 on. */
  parallelWorkers?: number;
  /** pg_stat_activity now: client backends by state. `unknown`: backends whose state the database user may not see. */
  activity?: Record<string, number>;
}

/** The server's host, from /proc, if it is this Linux machine. Times are differences. */
export interface HostSample {
  type: 'sample';
  probe: 'host';
  atUs: number;
  elapsedUs: number;
  /** All CPUs together. */
  cpu?: { totalUs: number; idleUs: number; stolenUs: number };
  /**
   * The postmaster's time on a CPU, and ready to run without one (schedstat). `isStopped`: it was stopped (SIGSTOP).
   */
  postmaster?: { onCpuUs: number; waitUs: number; isStopped?: true };
  /** CPU time of the postmaster's children that ended and were reaped (cutime + cstime), in ticks of 10 ms. */
  reapedUs?: number;
  /**
   * CPU time of all of the server's processes since the last sample that has this field: the postmaster, its living
   * children, and the reaped ones. With hundreds of children not every sample has it. With more than 1,000, or if they
   * cannot be listed, none has it. A child that ends during a reading is counted only in the next one. So one value may
   * be below 0, but sums are right except for the ticks of `reapedUs`.
   */
  serverCpuUs?: number;
  /**
   * Number of the server's processes for clients, now. The server's own processes are left out, the probes' backends
   * are included.
   */
  backends?: number;
  /** Accept queue of the listening socket: connections that wait in it now, and the most that may wait. */
  acceptQueue?: AcceptQueueDepth;
  /** TcpExt of the network namespace: packets that met a full accept queue. */
  listenOverflows?: number;
  listenDrops?: number;
  /** From /proc/pressure/cpu: how long at least one task waited for a CPU. */
  pressureUs?: number;
  /** From cpu.stat of the server's cgroup: how long the quota kept it from running. */
  throttledUs?: number;
  /** From cpu.stat of that cgroup, if connstorm is in it, too: CPU time of all its processes. */
  groupCpuUs?: number;
}

export interface AcceptQueueDepth {
  depth: number;
  limit?: number;
}

/** Figures of a pooler's console, read by column name. Counters are differences. */
export interface PoolerSample {
  type: 'sample';
  probe: 'pooler';
  atUs: number;
  elapsedUs: number;
  kind: 'pgbouncer';
  clientsActive: number;
  clientsWaiting: number;
  serversActive: number;
  serversIdle: number;
  /** Server connections that are being opened. */
  serversLogin: number;
  /**
   * PgBouncer's maxwait: the longest wait of a client that waits now. It is 0 while clients wait if only clients that
   * have not logged in wait, such as for auth_query: PgBouncer leaves those out.
   */
  maxWaitUs: number;
  /** Clients whose login has not ended. */
  clientsLogin?: number;
  /** Time that clients have waited for a server connection, in sum. */
  waitedUs?: number;
  /** Time of its process on a CPU, and ready to run without one, if it runs on this Linux machine. */
  cpuUs?: number;
  cpuWaitUs?: number;
  /** Accept queue of the pooler's own listening socket, as for the host. */
  acceptQueue?: AcceptQueueDepth;
}

/** A probe cannot work, was lost, or is back. Written once at each change. */
export interface ProbeRecord {
  type: 'probe';
  atUs: number;
  probe: Exclude<ProbeName, 'generator'>;
  state: 'on' | 'off' | 'lost' | 'back';
  /** One line; absent for `on`. */
  reason?: string;
}

/** Figures of the kill switch over about a second: how the target serves other clients. */
export interface WatchRecord {
  type: 'watch';
  atUs: number;
  /** A trivial query every 0.1 s, on a connection opened before the storm. Counts answers since the record before. */
  canary: {
    answered: number;
    meanUs: number | null;
    maxUs: number | null;
    /** Wait so far of the query that has no answer yet; absent: none waits, or an older file. */
    waitingUs?: number;
  };
  /** New connections, at most one a second. Counts those that ended since the record before. */
  witness: {
    connected: number;
    failed: number;
    maxUs: number | null;
    /** Time so far of the connection that is being opened; absent: there is none, or an older file. */
    waitingUs?: number;
  };
}
