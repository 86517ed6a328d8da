import type { AnswerSpec, GridSpec } from '../../../scenario/answer.ts';
import { AGGREGATIONS, JUDGED_METRICS } from '../../../scenario/figure.ts';
import type { SearchSettings } from '../../../scenario/plan/search-settings.ts';
import { isLoneHeader } from '../../file-version.ts';
import type {
  AnyHeader,
  BlockRecord,
  CompareRecord,
  HeaderRecord,
  RoundRecord,
  TasteRecord,
  VariantRecord,
  VariantsHeaderRecord,
} from '../../records/header.ts';
import type {
  HostRecord,
  LabPoolerRecord,
  ServerFindings,
  TurnHostRecord,
} from '../../records/target.ts';
import { checkPlannedEvents } from './event-shape.ts';
import {
  all,
  amount,
  type Check,
  count,
  difference,
  flag,
  listOf,
  map,
  mapOf,
  number,
  oneOf,
  orNull,
  refuse,
  text,
} from './shape.ts';
import { checkSpec } from './spec-shape.ts';
import { checkStep } from './step-shape.ts';

/** Limits: each is many times what a scenario may ask for. */
export const MOST_STEPS = 5_000;
const MOST_BLOCKS = 1_000;
const MOST_VARIANTS = 100;
const MOST_ROUNDS = 1_000;
const MOST_BUDGETS = 1_000;
const MOST_HOSTS = 1_000;
const MOST_TOLD = 100;

const block = map<BlockRecord>(
  { name: text, executor: text, fromUs: difference, toUs: difference },
  { maxInFlight: count, maxOpen: count },
);

const search = map<SearchSettings>(
  { growth: amount, stepUs: amount, tolerance: amount, trials: count, maxDurationUs: amount },
  { startRatePerSecond: amount, maxRatePerSecond: amount, latencyGoalUs: amount },
);

const plan = map<HeaderRecord['plan']>(
  {
    executor: text,
    seed: count,
    workers: count,
    maxInFlight: count,
    arrivalCount: orNull(count),
    durationUs: amount,
    steps: listOf(checkStep, { atMost: MOST_STEPS }),
  },
  {
    clientCount: count,
    warmUpUs: amount,
    goalUs: amount,
    blocks: listOf(block, { atMost: MOST_BLOCKS }),
    search,
    events: checkPlannedEvents,
  },
);

/** Only the numbers are checked. An entry that is not known may be null. */
const slots = mapOf((value) => (typeof value === 'object' ? undefined : number(value)));

const server = map<ServerFindings>(
  {
    version: orNull(text),
    tls: orNull(text),
    auth: orNull(text),
    settings: mapOf(text),
    slots: orNull(slots),
    pooler: orNull(flag),
  },
  {
    between: flag,
    instance: text,
    unread: map({}, { settings: text, slots: text, clients: text }),
    clients: map({ max: count, used: count }),
    serverRole: oneOf(['primary', 'standby', 'unknown']),
    visits: count,
  },
);

const host = map<HostRecord>({ host: text, address: text, port: count, sslmode: text, server });

const turnHost = map<TurnHostRecord>(
  { host: text, address: text, port: count, sslmode: text },
  { server, problem: text },
);

const hostTurns = map<NonNullable<HeaderRecord['target']['hostTurns']>>({
  order: oneOf(['given', 'random']),
  hosts: listOf(turnHost, { atLeast: 1, atMost: MOST_HOSTS }),
});

const labPooler = map<LabPoolerRecord>({
  version: text,
  poolMode: text,
  poolSize: count,
  processes: count,
});

const target = map<HeaderRecord['target']>(
  {
    role: text,
    lab: flag,
    labNiceness: orNull(number),
    host: text,
    address: text,
    port: count,
    database: text,
    user: text,
    sslmode: text,
    dnsUs: orNull(amount),
    server,
  },
  {
    labPooler,
    hosts: listOf(host, { atLeast: 1, atMost: MOST_HOSTS }),
    hostTurns,
    sessionAttrs: text,
  },
);

const environment = map<HeaderRecord['environment']>(
  {
    node: text,
    os: text,
    arch: text,
    cpuModel: text,
    cpuCount: count,
    memoryBytes: amount,
    descriptorLimit: orNull(count),
    localPorts: orNull(listOf(count, { atLeast: 2, atMost: 2 })),
  },
  { pinned: mapOf(text) },
);

const serverTimes = map<NonNullable<HeaderRecord['serverTimes']>>({
  notice: orNull(oneOf(['asked', 'listened'])),
  sampleEvery: orNull(count),
});

const watch = map<NonNullable<HeaderRecord['watch']>>({ canaryUs: amount, witnessUs: amount });

const taste = map<TasteRecord>({
  share: amount,
  ratePerSecond: amount,
  takenPerSecond: mapOf(amount),
});

const grid = map<GridSpec>({
  figure: text,
  columns: listOf(text, { atMost: MOST_VARIANTS }),
  rows: mapOf(listOf(text, { atMost: MOST_VARIANTS })),
});

const answer = map<AnswerSpec>(
  {},
  {
    smallest: text,
    ratio: text,
    of: listOf(text, { atLeast: 2, atMost: 2 }),
    costOfActs: text,
    grid,
    tell: listOf(text, { atMost: MOST_TOLD }),
    names: mapOf(text),
  },
);

/** Fields that a run and each of its variants have. */
const SIDE = { spec: checkSpec, plan, target };

const compare = map<CompareRecord>(
  { relative: amount, absoluteUs: amount, across: listOf(text) },
  {
    primary: map<NonNullable<CompareRecord['primary']>>({
      metric: oneOf(JUDGED_METRICS),
      aggregation: oneOf(AGGREGATIONS),
    }),
  },
);

const variant = map<VariantRecord>({ name: text, ...SIDE }, { serverTimes, watch });

const round = map<RoundRecord>({
  round: count,
  seed: count,
  order: listOf(text, { atMost: MOST_VARIANTS }),
});

const time: Check = (value) =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)
    ? undefined
    : refuse('a time such as 2026-01-31T12:00:00.000Z', value);

/** Fields that both kinds of header have. */
const common = map<AnyHeader>(
  { connstorm: text, startedAt: time, scenario: text, environment },
  { budgets: listOf(text, { atMost: MOST_BUDGETS }), label: text, answer, taste },
);

const lone = all(common, map<HeaderRecord>(SIDE, { serverTimes, watch }));

const several = all(
  common,
  map<VariantsHeaderRecord>(
    {
      seed: count,
      variants: listOf(variant, { atLeast: 1, atMost: MOST_VARIANTS }),
      rounds: listOf(round, { atMost: MOST_ROUNDS }),
    },
    { compare },
  ),
  refuseTwins,
);

/** Refuses two variants of the same name, because figures are kept by name. */
function refuseTwins(value: unknown): string | undefined {
  const names = (value as VariantsHeaderRecord).variants.map(({ name }) => name);
  const twin = names.findIndex((name, index) => names.indexOf(name) !== index);
  return twin < 0 ? undefined : `.variants[${twin}].name is the name of another variant, too`;
}

/**
 * Returns what is wrong with a header of a known version, beginning with the field's path; undefined if it is sound.
 */
export function checkHeaderShape(header: AnyHeader): string | undefined {
  return isLoneHeader(header) ? lone(header) : several(header);
}
