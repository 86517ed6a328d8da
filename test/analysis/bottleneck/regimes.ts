import type { Evidence } from '../../../src/analysis/bottleneck/evidence.ts';
import type { FigureName, Figures } from '../../../src/analysis/bottleneck/figures.ts';
import type { Bottleneck } from '../../../src/result/records/bottleneck.ts';

/** Evidence as it was measured, or as it would be, of what may give out; with what is to be said of it. */
export interface Regime {
  name: string;
  says: [Bottleneck['cause'], Bottleneck['confidence']];
  evidence: Evidence;
}

/** A low rate on an idle server. */
const CALM: Figures = {
  offeredPerSecond: 5,
  achievedPerSecond: 5,
  startedCount: 20,
  refusedCount: 0,
  tcpP50Us: 500,
  tcpP99Us: 2000,
  spawnP50Us: 4000,
  authP50Us: 6000,
  readyP50Us: 9500,
  backendP50Us: 15_500,
  setupP50Us: 19_000,
  serverAuthP50Us: 4000,
  queueWaitP50Us: 500,
  canaryP90Us: 1000,
  postmasterOnCpuShare: 0.02,
  postmasterWaitShare: 0.01,
  hostIdleShare: 0.85,
  hostStolenShare: 0,
  ownCpuShare: 0.05,
};

/** Beyond the knee, before anything else is known of it. */
const BEYOND: Figures = {
  ...CALM,
  offeredPerSecond: 400,
  achievedPerSecond: 330,
  startedCount: 1600,
  spawnP50Us: 800_000,
  queueWaitP50Us: 780_000,
};

/** Connects wait for the postmaster, and nobody else for anything. */
const SERIAL: Figures = { ...BEYOND, canaryP90Us: 1400, setupP50Us: 22_000, backendP50Us: 17_000 };
/** Everybody waits for a CPU. */
const CROWDED: Figures = {
  ...BEYOND,
  authP50Us: 20_000,
  readyP50Us: 25_000,
  backendP50Us: 45_000,
  setupP50Us: 132_000,
  canaryP90Us: 4700,
};
/** Figures that were not seen. */
type Unseen = Partial<Record<FigureName, undefined>>;
const NO_HOST: Unseen = Object.fromEntries(
  [
    'postmasterOnCpuShare',
    'postmasterWaitShare',
    'hostIdleShare',
    'hostStolenShare',
    'throttledShare',
    'acceptQueueMost',
    'acceptQueueLimit',
    'listenOverflows',
  ].map((name) => [name, undefined]),
);

function evidence(loaded: Figures, more: Partial<Evidence> = {}, without: Unseen = {}): Evidence {
  return {
    loaded: drop({ ...loaded, ...without }),
    calm: drop({ ...CALM, ...without }),
    isCalmAtBest: false,
    isPooler: false,
    isSustained: false,
    isOwnFault: false,
    ownReasons: [],
    settings: {},
    ...more,
  };
}

function drop(figures: Partial<Record<FigureName, number | undefined>>): Figures {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
}

function host(onCpu: number, wait: number, idle: number, stolen = 0): Figures {
  return {
    postmasterOnCpuShare: onCpu,
    postmasterWaitShare: wait,
    hostIdleShare: idle,
    hostStolenShare: stolen,
  };
}

/** Measured: forks that cost 5 ms more, and the server as it is with 48 connects in flight; two cores. */
const FORK_5MS = host(0.91, 0.07, 0.06, 0.05);
const AS_IS = host(0.13, 0.87, 0.01);
/** Nothing was measured in calm. */
const AT_BEST: Partial<Evidence> = { isCalmAtBest: true };

const late = { code: 'LATE_GENERATOR', message: 'connstorm started attempts late' };
const starved = {
  code: 'GENERATOR_STARVED',
  message: 'it waited',
  evidence: [{ text: 'waited for a CPU, of each second', value: 300, unit: 'ms' }],
};

const slowKeys = { code: 'SCRAM_CPU', message: 'keys kept logins waiting' };
/** Logins that wait for connstorm's own SCRAM keys for two thirds of their service time. */
const KEYS: Figures = { ...BEYOND, keyWaitUs: 60_000, keyWaitOfUs: 90_000 };

export const REGIMES: Regime[] = [
  {
    name: 'forks that cost 5 ms more, two cores',
    says: ['postmaster', 'proven'],
    evidence: evidence({ ...SERIAL, ...FORK_5MS }),
  },
  {
    name: 'the same from outside',
    says: ['postmaster', 'inferred'],
    evidence: evidence(SERIAL, {}, NO_HOST),
  },
  {
    name: 'the same, and the server does not tell its times',
    says: ['postmaster', 'inferred'],
    evidence: evidence(SERIAL, {}, { ...NO_HOST, setupP50Us: undefined }),
  },
  {
    name: 'the same without a baseline',
    says: ['postmaster', 'proven'],
    evidence: evidence({ ...SERIAL, ...FORK_5MS }, AT_BEST),
  },
  {
    name: 'a postmaster at its end on a machine of 32 cores',
    says: ['postmaster', 'proven'],
    evidence: evidence({ ...SERIAL, ...host(0.97, 0.01, 0.6) }),
  },
  {
    name: 'a postmaster at its end, and a canary that is slow for other reasons',
    says: ['postmaster', 'proven'],
    evidence: evidence({ ...SERIAL, ...FORK_5MS, canaryP90Us: 40_000 }),
  },
  {
    name: 'two cores as they are',
    says: ['host-cpu', 'proven'],
    evidence: evidence({ ...CROWDED, ...AS_IS }),
  },
  {
    name: 'the same from outside',
    says: ['host-cpu', 'inferred'],
    evidence: evidence(CROWDED, {}, NO_HOST),
  },
  {
    name: 'the same, and the server does not tell its times',
    says: ['host-cpu', 'inferred'],
    evidence: evidence(CROWDED, {}, { ...NO_HOST, setupP50Us: undefined }),
  },
  {
    name: 'two cores, of which the scheduler gives the canary what it wants',
    says: ['host-cpu', 'inferred'],
    evidence: evidence({ ...CROWDED, canaryP90Us: 1300 }, {}, NO_HOST),
  },
  {
    // Measured: a postmaster that its priority keeps from waiting, among backends that wait.
    name: 'CPUs that are full while the postmaster gets what it wants, and wants little',
    says: ['host-cpu', 'proven'],
    evidence: evidence({
      ...CROWDED,
      ...host(0.38, 0.1, 0.006),
      spawnP50Us: 41_000,
      authP50Us: 380_000,
      readyP50Us: 350_000,
      backendP50Us: 730_000,
      setupP50Us: 1_020_000,
      canaryP90Us: 24_500,
    }),
  },
  {
    name: 'the same from outside: authentication is slow as everything is',
    says: ['host-cpu', 'inferred'],
    evidence: evidence(
      {
        ...CROWDED,
        spawnP50Us: 41_000,
        authP50Us: 380_000,
        readyP50Us: 350_000,
        backendP50Us: 730_000,
        setupP50Us: 1_020_000,
        canaryP90Us: 24_500,
      },
      {},
      NO_HOST,
    ),
  },
  {
    name: 'a plateau of full CPUs, and a postmaster that is on one for a third of the time',
    says: ['host-cpu', 'proven'],
    evidence: evidence({ ...CROWDED, ...host(0.34, 0.2, 0) }),
  },
  {
    name: 'CPUs that the hypervisor gives to others',
    says: ['host-cpu', 'proven'],
    evidence: evidence({ ...CROWDED, ...host(0.9, 0.1, 0.01, 0.5) }),
  },
  {
    name: 'a container held back by its quota on a host with CPUs to spare',
    says: ['host-cpu', 'proven'],
    evidence: evidence({ ...CROWDED, ...host(0.2, 0.3, 0.7), throttledShare: 0.6 }),
  },
  {
    name: 'a postmaster pinned to a CPU that others take, while the host has some to spare',
    says: ['host-cpu', 'proven'],
    evidence: evidence({ ...CROWDED, ...host(0.2, 0.75, 0.6) }),
  },
  {
    name: 'refusals for want of slots',
    says: ['connection-limit', 'proven'],
    evidence: evidence({ ...CALM, startedCount: 200, refusedCount: 40 }),
  },
  {
    name: 'an accept queue of 128 with a postmaster that has time',
    says: ['accept-queue', 'proven'],
    evidence: evidence({
      ...BEYOND,
      ...host(0.3, 0.05, 0.6),
      tcpP99Us: 1_050_000,
      acceptQueueMost: 129,
      acceptQueueLimit: 128,
      listenOverflows: 311,
    }),
  },
  {
    name: "some accept queue of the host, which need not be the target's",
    says: ['accept-queue', 'inferred'],
    evidence: evidence({
      ...BEYOND,
      ...host(0.3, 0.05, 0.6),
      tcpP99Us: 1_050_000,
      acceptQueueMost: 4,
      acceptQueueLimit: 128,
      listenOverflows: 311,
    }),
  },
  {
    name: 'the same from outside: SYNs are sent again, under load alone',
    says: ['accept-queue', 'inferred'],
    evidence: evidence({ ...CALM, spawnP50Us: 9000, tcpP99Us: 1_050_000 }, {}, NO_HOST),
  },
  {
    name: 'a network that loses packets in calm too',
    says: ['network', 'inferred'],
    evidence: {
      ...evidence({ ...CALM, tcpP99Us: 1_050_000 }, {}, NO_HOST),
      calm: drop({ ...CALM, ...NO_HOST, tcpP99Us: 1_010_000 }),
    },
  },
  {
    name: 'a network whose round trips grow',
    says: ['network', 'inferred'],
    evidence: evidence({ ...CALM, tcpP50Us: 80_000 }, {}, NO_HOST),
  },
  {
    name: 'authentication that asks somebody slow',
    says: ['auth', 'inferred'],
    evidence: evidence({ ...CALM, ...host(0.05, 0.01, 0.8), authP50Us: 350_000 }),
  },
  {
    name: 'a password that the server lets somebody slow check',
    says: ['auth', 'inferred'],
    evidence: evidence({
      ...CALM,
      ...host(0.05, 0.01, 0.8),
      readyP50Us: 350_000,
      serverAuthP50Us: 330_000,
    }),
  },
  {
    name: 'TLS handshakes',
    says: ['tls', 'inferred'],
    evidence: {
      ...evidence({ ...CALM, ...host(0.1, 0.02, 0.5), tlsP50Us: 90_000 }),
      calm: { ...CALM, tlsP50Us: 3000 },
    },
  },
  {
    name: 'a pooler at the end of its CPU',
    says: ['pooler', 'proven'],
    evidence: evidence(
      { ...BEYOND, poolerCpuShare: 0.97, poolerWaitingMedian: 0, poolerIdleServers: 3 },
      { isPooler: true },
      NO_HOST,
    ),
  },
  {
    name: 'a pool that is too small',
    says: ['pooler', 'inferred'],
    evidence: evidence(
      { ...BEYOND, poolerWaitingMedian: 40, poolerIdleServers: 0, poolerWaitMostUs: 900_000 },
      { isPooler: true },
      NO_HOST,
    ),
  },
  {
    name: 'a pool that is too small behind logins that are quick',
    says: ['pooler', 'proven'],
    evidence: evidence(
      {
        ...CALM,
        queryP50Us: 400_000,
        poolerWaitingMedian: 12,
        poolerIdleServers: 0,
        poolerWaitMostUs: 500_000,
      },
      { isPooler: true, isSustained: true },
      NO_HOST,
    ),
  },
  {
    name: 'a pooler whose console nobody may ask, in front of a postmaster that looks full',
    says: ['unknown', 'unknown'],
    evidence: evidence(SERIAL, { isPooler: true }, NO_HOST),
  },
  {
    name: 'connstorm, by its own samples',
    says: ['generator', 'proven'],
    evidence: evidence(
      { ...CROWDED, ...AS_IS, latenessP50Us: 90_000 },
      { isOwnFault: true, ownReasons: [late, starved] },
    ),
  },
  {
    name: 'connstorm, whose SCRAM keys take most of the time of connects straight to a server',
    says: ['generator', 'proven'],
    evidence: evidence(KEYS, { isOwnFault: true, ownReasons: [slowKeys] }),
  },
  {
    name: 'the same where they take a fifth of it',
    says: ['generator', 'inferred'],
    evidence: evidence(
      { ...KEYS, keyWaitOfUs: 300_000 },
      { isOwnFault: true, ownReasons: [slowKeys] },
    ),
  },
  {
    name: 'the same behind a pooler that nobody sees, which may derive keys as well',
    says: ['generator', 'inferred'],
    evidence: evidence(KEYS, { isOwnFault: true, ownReasons: [slowKeys], isPooler: true }, NO_HOST),
  },
  {
    name: 'the same behind a pooler that has no time left',
    says: ['generator', 'inferred'],
    evidence: evidence(
      { ...KEYS, poolerCpuShare: 0.95 },
      { isOwnFault: true, ownReasons: [slowKeys], isPooler: true },
      NO_HOST,
    ),
  },
  {
    name: 'the same behind a pooler that has time left',
    says: ['generator', 'proven'],
    evidence: evidence(
      { ...KEYS, poolerCpuShare: 0.3 },
      { isOwnFault: true, ownReasons: [slowKeys], isPooler: true },
      NO_HOST,
    ),
  },
  {
    name: 'the same behind a pooler that refuses clients',
    says: ['connection-limit', 'proven'],
    evidence: evidence(
      { ...KEYS, startedCount: 200, refusedCount: 40 },
      { isOwnFault: true, ownReasons: [slowKeys, starved], isPooler: true },
      NO_HOST,
    ),
  },
  {
    name: "connstorm, which fills its host's CPUs",
    says: ['generator', 'proven'],
    evidence: evidence(
      { ...BEYOND, ownCpuShare: 0.6, ownIdleShare: 0.02 },
      { isOwnFault: true, ownReasons: [late] },
    ),
  },
  {
    name: "connstorm, which takes most of its host's CPUs and leaves some idle",
    says: ['generator', 'inferred'],
    evidence: evidence(
      { ...BEYOND, ownCpuShare: 0.6, ownIdleShare: 0.3 },
      { isOwnFault: true, ownReasons: [late] },
    ),
  },
  {
    name: 'connstorm, out of descriptors for every fourth attempt',
    says: ['generator', 'proven'],
    evidence: evidence({ ...BEYOND, localFailureCount: 400 }, { isOwnFault: true }),
  },
  {
    name: 'connstorm, out of descriptors once',
    says: ['generator', 'inferred'],
    evidence: evidence({ ...BEYOND, localFailureCount: 1 }, { isOwnFault: true }),
  },
  {
    name: 'connstorm, that was late for no known reason',
    says: ['generator', 'inferred'],
    evidence: evidence(
      { ...BEYOND, latenessP50Us: 90_000 },
      { isOwnFault: true, ownReasons: [late] },
    ),
  },
  {
    name: 'nothing',
    says: ['none', 'proven'],
    evidence: evidence({ ...CALM, ...host(0.2, 0.02, 0.5) }, { isSustained: true }),
  },
  {
    name: 'a postmaster that stands still before a long queue',
    says: ['postmaster', 'inferred'],
    evidence: evidence({ ...BEYOND, ...host(0.01, 0, 0.9), acceptQueueMost: 300 }),
  },
  {
    name: 'connects that wait where nobody sees why: neither canary nor host',
    says: ['unknown', 'unknown'],
    evidence: evidence(
      SERIAL,
      {},
      {
        ...NO_HOST,
        canaryP90Us: undefined,
      },
    ),
  },
  {
    name: 'a spawn that was not seen (trust without SSLRequest)',
    says: ['unknown', 'unknown'],
    evidence: evidence(
      { ...SERIAL, readyP50Us: 820_000, backendP50Us: 820_000 },
      {},
      {
        ...NO_HOST,
        spawnP50Us: undefined,
        setupP50Us: undefined,
        authP50Us: undefined,
      },
    ),
  },
  {
    // Measured: other work takes the CPUs before the load comes, so that nothing grows but the queue.
    name: 'a calm that was none',
    says: ['unknown', 'unknown'],
    evidence: {
      ...evidence({ ...CROWDED, backendP50Us: 51_000 }, {}, NO_HOST),
      calm: drop({
        ...CALM,
        ...NO_HOST,
        spawnP50Us: 50_000,
        backendP50Us: 43_000,
        setupP50Us: 110_000,
        canaryP90Us: 6300,
      }),
    },
  },
];

/** The host refutes what seems so from outside: taking it away makes surer, and wrong. */
export const REFUTED: Regime[] = [
  {
    name: 'everything is slow while CPUs are to spare: a disk, or locks',
    says: ['unknown', 'unknown'],
    evidence: evidence({ ...CROWDED, ...host(0.05, 0.02, 0.7) }),
  },
  {
    name: 'connects alone are slow, and the postmaster has nothing to do',
    says: ['unknown', 'unknown'],
    evidence: evidence({ ...SERIAL, ...host(0.05, 0.02, 0.7) }),
  },
];
