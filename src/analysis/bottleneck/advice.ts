import { RAISE, RAISE_ANY } from '../../model/slot-limits.ts';
import { adviseOnSlots } from '../../model/slot-refusals.ts';
import type { Cause } from '../../result/records/bottleneck.ts';
import { MUCH_CPU_SHARE } from './cpu-shares.ts';
import type { Evidence } from './evidence.ts';
import { isOwnLimitSeen } from './own-signs.ts';
import { areCpusStolen, isDirect, isPooled, isThrottled, type Sign } from './signs.ts';

/** A line of advice, and the sign that it applies; without a sign it always applies. */
interface Advice {
  text: string | ((evidence: Evidence) => string);
  where?: Sign;
}

/** Parallel workers count as many from this share of connects on: each of them costs the postmaster a fork, too. */
const MANY_WORKERS_SHARE = 0.05;

/**
 * Advice on a pooler's CPU is given from this share of one CPU on. Below this share the pooler's one thread is idle
 * most of the time.
 */
const BUSY_POOLER_SHARE = 0.5;

const isOwnCpuMuch: Sign = ({ loaded }) => (loaded.ownCpuShare ?? 0) >= MUCH_CPU_SHARE;
const isOthersCpuMuch: Sign = ({ loaded }) => (loaded.othersCpuShare ?? 0) >= MUCH_CPU_SHARE;
/** Where the pooler's CPU cannot be seen, it may be the limit. */
const isPoolerCpuMuch: Sign = ({ loaded }) => (loaded.poolerCpuShare ?? 1) >= BUSY_POOLER_SHARE;
const areWorkersMany: Sign = ({ loaded }) =>
  (loaded.parallelPerSecond ?? 0) > (loaded.achievedPerSecond ?? 0) * MANY_WORKERS_SHARE;
/** `try` may have worked, and the setting may be unknown. Only `off` gives the advice. */
const areHugePagesOff: Sign = ({ settings }) =>
  (settings.huge_pages_status ?? settings.huge_pages) === 'off';
const isHostnameLogged: Sign = ({ settings }) => settings.log_hostname === 'on';

const POOL = 'put a pooler in front of the server, so that clients reuse open connections';
const SPREAD =
  'let clients that would start together start at different times (jitter), and let retries back off';

/**
 * Advice by cause, from what has helped others. The postmaster forks for one connect at a time. Huge pages made a fork
 * cheaper by a fifth where much memory is mapped. Each parallel worker costs the postmaster as much as a connect. Two
 * servers on a host have twice the rate.
 */
const ADVICE: Record<Cause, readonly Advice[]> = {
  postmaster: [
    { text: POOL },
    { text: SPREAD },
    { text: 'huge_pages = on makes each fork cheaper', where: areHugePagesOff },
    {
      text: 'launch fewer parallel workers while clients connect: for each of them the postmaster forks once more',
      where: areWorkersMany,
    },
    {
      text: 'run a second Postgres server, also on the same host: each postmaster has this limit, and more CPUs do not raise it',
    },
  ],
  'host-cpu': [
    { text: "raise the quota of the server's cgroup", where: isThrottled },
    { text: 'use a machine with dedicated CPUs', where: areCpusStolen },
    { text: 'run connstorm on another machine', where: isOwnCpuMuch },
    { text: 'find what else takes CPU on this host', where: isOthersCpuMuch },
    { text: POOL },
    { text: 'use more or faster CPUs: the host is the limit, not yet the postmaster' },
  ],
  'connection-limit': [
    { text: 'let clients hold connections for less time, or have fewer of them' },
    { text: POOL, where: isDirect },
    { text: adviseOnLimit },
  ],
  'accept-queue': [
    { text: SPREAD },
    {
      text: 'raise net.core.somaxconn and max_connections (PostgreSQL computes its listen backlog from max_connections)',
      where: isDirect,
    },
    { text: "raise the pooler's listen_backlog and net.core.somaxconn", where: isPooled },
  ],
  auth: [
    {
      text: 'check what authentication depends on: LDAP, RADIUS, PAM, or a library that delays it, such as auth_delay',
    },
    { text: POOL },
  ],
  tls: [
    {
      text: 'keep connections open: PostgreSQL resumes no TLS session, so each connect needs a full handshake',
    },
    { text: 'use an ECDSA certificate: its handshakes take less CPU than those of RSA' },
  ],
  pooler: [
    {
      text: "raise the pooler's pool size, up to the number of slots of the server",
      where: ({ loaded }) => (loaded.poolerWaitingMedian ?? 0) >= 1,
    },
    {
      text: 'run more pooler processes on the port (so_reuseport): each process has only one thread',
      where: isPoolerCpuMuch,
    },
    {
      text: "avoid TLS, and plaintext passwords in the pooler's user list, if you can: both make logins slow",
      where: isPoolerCpuMuch,
    },
  ],
  network: [
    { text: 'look for packet loss and load on the network between this machine and the server' },
  ],
  generator: [
    { text: 'use more workers, or give connstorm a machine of its own' },
    {
      text: 'the target can do more than was measured: this rate is not its limit',
      where: isOwnLimitSeen,
    },
  ],
  none: [],
  unknown: [],
};

/** Advice for every cause that slows connects. */
const ALWAYS: readonly Advice[] = [
  {
    text: 'set log_hostname = off: while it is on, each connect waits for a reverse DNS lookup',
    where: isHostnameLogged,
  },
];

/**
 * Returns the advice for a limit on slots. The refusal mostly names the limit, with or without a pooler. If it does
 * not, the advice is for the pooler or the server that the target is.
 */
function adviseOnLimit(evidence: Evidence): string {
  const named = adviseOnSlots(evidence.refusal ?? '');
  if (named !== RAISE_ANY) return named === RAISE.server ? `${named}, as memory allows` : named;
  return isPooled(evidence) ? RAISE.pooler : `${RAISE_ANY}, as memory allows`;
}

const WITHOUT = new Set<Cause>(['none', 'unknown', 'generator', 'connection-limit']);

export function listAdvice(cause: Cause, evidence: Evidence): string[] {
  const all = WITHOUT.has(cause) ? ADVICE[cause] : [...ADVICE[cause], ...ALWAYS];
  return all
    .filter(({ where }) => where?.(evidence) ?? true)
    .map(({ text }) => (typeof text === 'string' ? text : text(evidence)));
}
