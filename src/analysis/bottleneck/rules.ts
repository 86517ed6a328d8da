import type { Bottleneck, Cause } from '../../result/records/bottleneck.ts';
import type { FigureName } from './figures.ts';
import { isOwnFault, isOwnLimitSeen } from './own-signs.ts';
import {
  areCpusFull,
  areCpusShort,
  areCpusStolen,
  hasCanaryKeptUp,
  hasQueueOverflowed,
  haveCpusSpare,
  isAuthMost,
  isCanarySeen,
  isCanarySlow,
  isDirect,
  isPooled,
  isPoolerFull,
  isPoolShort,
  isPostmasterFull,
  isPostmasterHeldUp,
  isPostmasterIdle,
  isPostmasterStarved,
  isQueryMost,
  isQueueFull,
  isQueueLong,
  isRefused,
  isSetupFlat,
  isSetupSlow,
  isSpawnSlow,
  isSustained,
  isTcpFlat,
  isTcpMost,
  isTcpResent,
  isTcpResentInCalm,
  isTcpWholeInCalm,
  isThrottled,
  isTlsMost,
  type Sign,
} from './signs.ts';

/** A rule from evidence to a cause. It holds if all signs of `when` and none of `unless` show. */
export interface Rule {
  /** A few words, for tests and for readers of a result. */
  name: string;
  cause: Cause;
  confidence: Bottleneck['confidence'];
  when: readonly Sign[];
  /**
   * Signs of the host against a cause that is inferred without the host. A proven rule has none: it holds by what was
   * seen alone.
   */
  unless?: readonly Sign[];
  /** Figures that the verdict rests on, in the order of the report. */
  reads: readonly FigureName[];
  /** Signs that speak against the cause without refuting it, with their figures. */
  against?: readonly { sign: Sign; figure: FigureName }[];
}

const HOST: FigureName[] = ['postmasterOnCpuShare', 'postmasterWaitShare', 'hostIdleShare'];
const CPUS: FigureName[] = [
  'hostIdleShare',
  'postmasterWaitShare',
  'postmasterOnCpuShare',
  'backendsCpuShare',
  'ownCpuShare',
  'othersCpuShare',
];
const OWN: FigureName[] = [
  'latenessP50Us',
  'keyWaitUs',
  'keyWaitOfUs',
  'localFailureCount',
  'ownCpuShare',
  'ownIdleShare',
];
const OUTSIDE: FigureName[] = ['spawnP50Us', 'tcpP50Us', 'canaryP90Us'];
const PHASES: FigureName[] = ['tcpP50Us', 'spawnP50Us', 'tlsP50Us', 'authP50Us', 'readyP50Us'];

const REFUTED_POSTMASTER = [isPostmasterHeldUp, isPostmasterIdle, areCpusFull];
const REFUTED_CPU = [isPostmasterFull, haveCpusSpare];
const REFUTED_PHASE = [isPostmasterFull, isPostmasterStarved, areCpusFull];

/**
 * The first rule that holds is the verdict. Proven rules come before inferred ones, so that less evidence never makes a
 * surer verdict. The thresholds are in `signs.ts`. Full CPUs alone show nothing about the postmaster: a backend costs
 * ten times its CPU, so on few cores the postmaster is their victim.
 */
export const RULES: readonly Rule[] = [
  {
    // A refusal contains its reason, however late connstorm was.
    name: 'refused because no slot was free',
    cause: 'connection-limit',
    confidence: 'proven',
    when: [isRefused],
    reads: ['refusedCount', 'startedCount'],
  },
  {
    name: 'connstorm itself, by its own samples',
    cause: 'generator',
    confidence: 'proven',
    when: [isOwnFault, isOwnLimitSeen],
    reads: OWN,
  },
  {
    name: 'connstorm itself, as it was late',
    cause: 'generator',
    confidence: 'inferred',
    when: [isOwnFault],
    reads: OWN,
    against: [
      { sign: isPoolerFull, figure: 'poolerCpuShare' },
      { sign: isPostmasterFull, figure: 'postmasterOnCpuShare' },
      { sign: areCpusFull, figure: 'hostIdleShare' },
    ],
  },
  {
    // The pooler answers logins itself, so all of them may be achieved.
    name: 'first queries that wait for a connection of the pooler',
    cause: 'pooler',
    confidence: 'proven',
    when: [isPooled, isPoolShort, isQueryMost],
    reads: [
      'queryP50Us',
      'readyP50Us',
      'poolerWaitingMedian',
      'poolerIdleServers',
      'poolerWaitMostUs',
      'poolerCpuShare',
    ],
  },
  {
    name: 'nothing: what was offered was achieved',
    cause: 'none',
    confidence: 'proven',
    when: [isSustained],
    reads: [
      'offeredPerSecond',
      'achievedPerSecond',
      'hostIdleShare',
      'postmasterOnCpuShare',
      'canaryP90Us',
    ],
  },
  {
    name: 'a pooler at the end of its one CPU',
    cause: 'pooler',
    confidence: 'proven',
    when: [isPoolerFull],
    reads: ['poolerCpuShare', 'poolerWaitingMedian', 'hostIdleShare'],
  },
  {
    name: 'a postmaster always on a CPU',
    cause: 'postmaster',
    confidence: 'proven',
    when: [isDirect, isPostmasterFull],
    reads: [...HOST, 'acceptQueueMost', ...OUTSIDE, 'setupP50Us', 'parallelPerSecond'],
    against: [
      { sign: areCpusShort, figure: 'hostIdleShare' },
      { sign: isCanarySlow, figure: 'canaryP90Us' },
      { sign: areCpusStolen, figure: 'hostStolenShare' },
    ],
  },
  {
    name: "the quota of the server's cgroup",
    cause: 'host-cpu',
    confidence: 'proven',
    when: [isDirect, isThrottled],
    reads: ['throttledShare', ...CPUS, 'canaryP90Us'],
  },
  {
    name: 'a postmaster that waits for a CPU',
    cause: 'host-cpu',
    confidence: 'proven',
    when: [isDirect, isPostmasterStarved],
    reads: [...CPUS, 'hostStolenShare', 'canaryP90Us', 'setupP50Us'],
    against: [{ sign: haveCpusSpare, figure: 'hostIdleShare' }],
  },
  {
    name: 'CPUs without idle time',
    cause: 'host-cpu',
    confidence: 'proven',
    when: [areCpusFull],
    reads: [...CPUS, 'hostStolenShare', 'canaryP90Us', 'setupP50Us'],
  },
  {
    name: 'a full accept queue, with a postmaster that is not at its end',
    cause: 'accept-queue',
    confidence: 'proven',
    when: [isQueueFull, isTcpResent],
    reads: ['listenOverflows', 'acceptQueueMost', 'acceptQueueLimit', 'tcpP99Us', ...HOST],
  },
  {
    name: 'a full accept queue on the host, and first packets sent again',
    cause: 'accept-queue',
    confidence: 'inferred',
    when: [hasQueueOverflowed, isTcpResent],
    reads: ['listenOverflows', 'acceptQueueMost', 'acceptQueueLimit', 'tcpP99Us', ...OUTSIDE],
  },
  {
    name: 'a postmaster that stands still',
    cause: 'postmaster',
    confidence: 'inferred',
    when: [isDirect, isPostmasterIdle, isQueueLong, isSpawnSlow],
    reads: [...HOST, 'acceptQueueMost', ...OUTSIDE],
  },
  {
    name: 'clients that wait for a connection of the pooler',
    cause: 'pooler',
    confidence: 'inferred',
    when: [isPoolShort],
    reads: ['poolerWaitingMedian', 'poolerIdleServers', 'poolerWaitMostUs', 'poolerCpuShare'],
  },
  {
    name: 'connects wait, and those let in do not',
    cause: 'postmaster',
    confidence: 'inferred',
    when: [isDirect, isSpawnSlow, isTcpFlat, isSetupFlat, hasCanaryKeptUp],
    unless: REFUTED_POSTMASTER,
    reads: [...OUTSIDE, 'setupP50Us', 'backendP50Us', 'queueWaitP50Us', 'parallelPerSecond'],
  },
  {
    name: 'whoever was let in waits too',
    cause: 'host-cpu',
    confidence: 'inferred',
    when: [isDirect, isSetupSlow, isCanarySlow],
    unless: REFUTED_CPU,
    reads: [...OUTSIDE, 'setupP50Us', 'backendP50Us', 'queueWaitP50Us', 'ownCpuShare'],
  },
  {
    // The scheduler may favour the canary so much that its answers stay quick.
    name: 'connects wait for the postmaster, and for their backends',
    cause: 'host-cpu',
    confidence: 'inferred',
    when: [isDirect, isSpawnSlow, isSetupSlow, isCanarySeen],
    unless: REFUTED_CPU,
    reads: [...OUTSIDE, 'setupP50Us', 'backendP50Us', 'queueWaitP50Us', 'ownCpuShare'],
    against: [{ sign: hasCanaryKeptUp, figure: 'canaryP90Us' }],
  },
  {
    name: 'first packets sent again under load alone',
    cause: 'accept-queue',
    confidence: 'inferred',
    when: [isTcpResent, isTcpWholeInCalm],
    unless: REFUTED_PHASE,
    reads: ['tcpP99Us', ...OUTSIDE],
  },
  {
    name: 'first packets sent again in calm too',
    cause: 'network',
    confidence: 'inferred',
    when: [isTcpResentInCalm],
    unless: REFUTED_PHASE,
    reads: ['tcpP99Us', 'tcpP50Us'],
  },
  {
    name: 'most of the time goes to authentication',
    cause: 'auth',
    confidence: 'inferred',
    when: [isAuthMost],
    unless: REFUTED_PHASE,
    reads: [...PHASES, 'serverAuthP50Us', 'hostIdleShare'],
    against: [{ sign: isCanarySlow, figure: 'canaryP90Us' }],
  },
  {
    name: 'most of the time goes to TLS',
    cause: 'tls',
    confidence: 'inferred',
    when: [isTlsMost],
    unless: REFUTED_PHASE,
    reads: [...PHASES, 'hostIdleShare'],
    against: [{ sign: isCanarySlow, figure: 'canaryP90Us' }],
  },
  {
    name: 'most of the time goes to TCP',
    cause: 'network',
    confidence: 'inferred',
    when: [isTcpMost],
    unless: REFUTED_PHASE,
    reads: [...PHASES],
  },
];
