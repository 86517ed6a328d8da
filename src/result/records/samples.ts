/** What probes saw, by their samples. Times are integer microseconds since T0. */

/** One sample of a probe: of what happened since its sample before. What could not be read is left out. */
export type SampleRecord =
  | GeneratorSample
  | CanarySample
  | ServerSample
  | HostSample
  | PoolerSample;

/** The probes by name. */
export type ProbeName = SampleRecord['probe'];

/**
 * connstorm's own process and what it sees of its host. Failures for want of this machine's own means are in the
 * intervals (`localFailures`).
 */
export interface GeneratorSample {
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
  /**
   * The same of each time that it was to come to the timer, LOOP_BEAT_US apart and the last one shortly before `atUs`, in
   * their order; also of those that came too late to happen. Absent in older files.
   */
  loopDelaysUs?: number[];
  /** Of the arrivals that it came to, dropped ones too; null without any. */
  arrivals: number;
  latenessP99Us: number | null;
  latenessMaxUs: number | null;
  /** Time on a CPU, and ready to run without getting one. */
  cpuUs?: number;
  cpuWaitUs?: number;
}

/** A trivial query at a fixed pace on a connection opened before the storm: how the server is to those it has let in. */
export interface CanarySample {
  type: 'sample';
  probe: 'canary';
  atUs: number;
  elapsedUs: number;
  /** From asking to the answer, of each that was answered, in the order of time. */
  answersUs: number[];
  /** How long the one that waits now has waited; absent: none waits. */
  waitingUs?: number;
  /** How often its connection was lost and opened again; absent: never. */
  reconnects?: number;
}

/** What the server's own views tell, over a connection opened before the storm. Counters are differences. */
export interface ServerSample {
  type: 'sample';
  probe: 'server';
  atUs: number;
  elapsedUs: number;
  /** How long the server took to tell. */
  tookUs: number;
  /** pg_stat_database of the database, from PostgreSQL 14 on. */
  sessions?: { started: number; abandoned: number; fatal: number; killed: number };
  /** pg_stat_database.parallel_workers_launched, from PostgreSQL 18 on. */
  parallelWorkers?: number;
  /** pg_stat_activity now: backends of clients by state; `unknown`: of others, whose state the role may not see. */
  activity?: Record<string, number>;
}

/** The server's host where it is this Linux machine, as /proc tells. Times are differences. */
export interface HostSample {
  type: 'sample';
  probe: 'host';
  atUs: number;
  elapsedUs: number;
  /** Of all CPUs together. */
  cpu?: { totalUs: number; idleUs: number; stolenUs: number };
  /** The postmaster on a CPU, and ready to run without getting one (schedstat); `isStopped`: somebody stopped it (SIGSTOP). */
  postmaster?: { onCpuUs: number; waitUs: number; isStopped?: true };
  /** CPU of the postmaster's children that ended and were reaped (cutime + cstime), in ticks of 10 ms. */
  reapedUs?: number;
  /**
   * CPU of all of the server's processes since the last sample that told it: the postmaster, its children that live, and those
   * that were reaped. With hundreds of children not each sample tells; none does where they are more than 1,000, or cannot be
   * listed. A child that ended in the midst of a look is in the next alone: one may be below 0, sums are right but for the
   * ticks of `reapedUs`.
   */
  serverCpuUs?: number;
  /** Processes of the server's clients, now: without those that it keeps for itself. The probes' own are among them. */
  backends?: number;
  /** Of the listening socket: connections that wait to be accepted, now; and the most that may wait. */
  acceptQueue?: AcceptQueueDepth;
  /** TcpExt of the network namespace: packets that met a full queue. */
  listenOverflows?: number;
  listenDrops?: number;
  /** /proc/pressure/cpu: how long at least one task waited for a CPU. */
  pressureUs?: number;
  /** cpu.stat of the server's cgroup: how long it was kept from running by its quota. */
  throttledUs?: number;
  /** cpu.stat of that cgroup, where connstorm is in it as well: CPU of all its processes. */
  groupCpuUs?: number;
}

export interface AcceptQueueDepth {
  depth: number;
  limit?: number;
}

/** What a pooler's console tells, read by column name. Counters are differences. */
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
   * PgBouncer's maxwait: how long the client that waits longest has waited, now. 0 while clients wait: not told, because it
   * leaves out those that have not logged in, which wait for auth_query.
   */
  maxWaitUs: number;
  /** Clients whose login has not ended. */
  clientsLogin?: number;
  /** How long clients have waited for a server connection, all together. */
  waitedUs?: number;
  /** Time of its process on a CPU, where it runs on this Linux machine; and ready to run without getting one. */
  cpuUs?: number;
  cpuWaitUs?: number;
  /** As the host's; of the pooler's own listening socket. */
  acceptQueue?: AcceptQueueDepth;
}

/** A probe that cannot work, was lost, or is back: said once each time it changes. */
export interface ProbeRecord {
  type: 'probe';
  atUs: number;
  probe: Exclude<ProbeName, 'generator'>;
  state: 'on' | 'off' | 'lost' | 'back';
  /** Why, in a line; absent for `on`. */
  reason?: string;
}

/** What the kill switch saw in about a second: the server through the eyes of others. */
export interface WatchRecord {
  type: 'watch';
  atUs: number;
  /** A trivial query every 0.1 s on a connection opened before the storm: those answered since the record before. */
  canary: {
    answered: number;
    meanUs: number | null;
    maxUs: number | null;
    /** How long the one that waits now has waited; absent: none waits, or an older file. */
    waitingUs?: number;
  };
  /** New connections, one a second at most: those ended since the record before. */
  witness: {
    connected: number;
    failed: number;
    maxUs: number | null;
    /** How long the one that is being opened now has taken; absent: none is, or an older file. */
    waitingUs?: number;
  };
}
