import type { SummaryMetric } from '../model/measures.ts';

/** What each metric means, for `--explain`. */
export const METRIC_MEANINGS: Record<SummaryMetric, string> = {
  latency:
    'from the moment an attempt was due until the server was ready for queries. Only attempts that became ready have it; those that timed out, were given up or were never started rank behind them. Latency includes the time by which connstorm started late',
  serviceTime:
    'from the actual start of the attempt until the server was ready for queries; the sum of the phases tcp to ready',
  firstQuery:
    "from the moment an attempt was due (in a closed loop: its start) until its first query's result",
  firstQueryServiceTime: "from the actual start of the attempt until its first query's result",
  usable:
    "from the moment an attempt was due (in a closed loop: its start) until its last statement's result: the application can begin its own work",
  usableServiceTime: "from the actual start of the attempt until its last statement's result",
  tcp: "phase: the TCP handshake, which the kernel does without the server's process",
  spawn:
    "phase: from the end of tcp until the server's first byte: the wait in the accept queue (of the server, and of a proxy in front of it), the start of a process, and one round trip",
  tls: 'phase: the TLS handshake',
  auth: "phase: from the end of the phase before until the client's last message of authentication is written",
  ready:
    'phase: from the end of the phase before until the server is ready for queries: it checks the password and prepares the session',
  query: "from ready until the first query's result; not a part of service time",
  close: 'from Terminate until the server has closed the connection; not a part of service time',
  queueWait:
    'the first part of spawn: until the server took the connection from its accept queue; it includes the time that a proxy held the connection back',
  queueWaitEstimate:
    'the wait in the accept queue and the start of a process together, estimated from a sample of the connects',
  serverSetup: "by the server's own clock: from accepting the connection until it is ready",
  serverFork: "by the server's own clock: the start of a process for the connection",
  serverAuth: "by the server's own clock: the authentication",
  failedLatency:
    'from the moment an attempt was due until it failed. An attempt that timed out also ranks in latency, as "at least" this time; other failures do not',
  lateness:
    "from the moment an attempt was due until connstorm started it: connstorm's own fault, not the target's",
  sessionLatency:
    "from a client's arrival, or from the cut of its connection, until it was connected, over all its attempts",
};
