import type { CompareRecord, HeaderRecord, VariantRecord } from '../../result/records/header.ts';
import type { VariantSummary } from '../../result/records/summary-records.ts';
import { ACROSS, type Across } from '../../scenario/schema/compare-schema.ts';
import { listDifferences } from '../figures/differences.ts';
import { isBoundedByLateness, nameWorst } from '../validity/merely-late.ts';
import { crowdOfCounted, FEWEST_ROUNDS, judgeCounted, sortRounds } from './counted-rounds.ts';
import { describeCrowding, findCrowdingOf } from './crowding.ts';

/** The scenario of a side, and what was found at its target. */
export interface Setting {
  name: string;
  record: { spec: Record<string, unknown>; target: Pick<VariantRecord['target'], 'server'> };
}

/** One of the sides that are compared. */
export interface Side extends Setting {
  record: Pick<VariantRecord, 'spec' | 'plan' | 'target'>;
  summary: Omit<VariantSummary, 'cpuPerConnectUs'>;
}

/** Findings about a side that make its connects slower or faster by themselves; undefined: not known. */
const FOUND: Record<Across, (side: Setting) => string | undefined> = {
  auth: ({ record }) => record.target.server.auth ?? undefined,
  tls: ({ record }) => (record.target.server.tls === null ? 'no TLS' : 'TLS'),
  server: ({ record }) => record.target.server.instance,
};

/**
 * Returns why a difference between two variants of a run would not come from what they override, a line each: another
 * auth method, TLS on only one side, another Postgres behind. `across`: what is intended to differ; what the variants
 * override counts as intended, too. `say`: returns the setting that declares it.
 */
export function findMismatches(
  a: Setting,
  b: Setting,
  across: readonly Across[],
  say = (what: Across): string => `compare.across=[${what}]`,
): string[] {
  const meant = [...across, ...listMeant(a, b)];
  return ACROSS.filter((what) => !meant.includes(what)).flatMap((what) => {
    const [ofA, ofB] = [FOUND[what](a), FOUND[what](b)];
    if (ofA === undefined || ofB === undefined || ofA === ofB) return [];
    const cure = `(if you intend this, use ${say(what)})`;
    if (what === 'server')
      return [`${b.name} and ${a.name} reach different Postgres servers ${cure}`];
    const noun = what === 'auth' ? 'auth method' : 'encryption';
    return [`${noun} differs: ${b.name} ${ofB}, ${a.name} ${ofA} ${cure}`];
  });
}

/** Returns what the scenarios themselves make different. Each lab is a server of its own, and may use another login. */
function listMeant(a: Setting, b: Setting): Across[] {
  const differs = (...path: string[]): boolean =>
    JSON.stringify(readField(a, path)) !== JSON.stringify(readField(b, path));
  return [
    ...(differs('lab', 'postgres', 'auth') ? ['auth' as const] : []),
    ...(differs('connection', 'sslmode') ? ['tls' as const] : []),
    ...(differs('lab') ? ['server' as const] : []),
  ];
}

function readField({ record }: Setting, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined,
    record.spec,
  );
}

const MOST_FIELDS_TOLD = 3;
/** Parts of a scenario that affect no connect. */
const NOT_TOLD_APART = ['shows', 'stop', 'killSwitch', 'probes'];

/**
 * Returns why two results are not of the same thing, a line each: other scenarios, another version of the server,
 * another place. All labs count as one place. `across`: what is intended to differ.
 */
export function findOtherScenario(a: Side, b: Side, across: readonly Across[] = []): string[] {
  const fields = listDifferences([describeLoad(b), describeLoad(a)])
    .filter(({ path }) => !NOT_TOLD_APART.includes(path.split('.')[0] ?? ''))
    .map(({ path, values }) => `${path} ${values.map((value) => value ?? 'unset').join(' / ')}`);
  const untold = fields.length - MOST_FIELDS_TOLD;
  const more = untold > 0 ? ` and ${untold} more` : '';
  const hint = isRateAlone(a, b) ? ' (run both with the same --rate)' : '';
  const scenarios =
    fields.length === 0
      ? []
      : [`their scenarios differ in ${fields.slice(0, MOST_FIELDS_TOLD).join(', ')}${more}${hint}`];
  const [placeA, placeB] = [describePlace(a.record.target), describePlace(b.record.target)];
  const isOnePlace = placeA === placeB || across.includes('server');
  const places = isOnePlace ? [] : [`their servers differ: ${placeB} / ${placeA}`];
  return [...scenarios, ...places];
}

/** Returns whether two runs differ only in their rate, as runs with a taste do. */
function isRateAlone(a: Side, b: Side): boolean {
  const paths = listDifferences([describeLoad(b), describeLoad(a)]).map(({ path }) => path);
  return paths.length === 1 && paths[0] === 'load.rate';
}

/** Returns the scenario with its warm-up, which is in the plan because all variants share it. */
function describeLoad({ record: { spec, plan } }: Side): Record<string, unknown> {
  const { warmUpUs = 0 } = plan;
  return { ...spec, warmUp: `${warmUpUs / 1_000_000}s` };
}

/** Returns `PostgreSQL 18.4 at db.example:5432/app`, or `PostgreSQL 18.4 of the lab`. */
function describePlace({ lab, host, port, database, server }: HeaderRecord['target']): string {
  const where = lab ? 'of the lab' : `at ${host}:${port}/${database}`;
  return `PostgreSQL ${server.version ?? 'of an unknown version'} ${where}`;
}

/** Returns what ended a side early, as in `was interrupted`; undefined if it came to its end. */
export function describeCut({ stoppedBy }: Pick<Side['summary'], 'stoppedBy'>): string | undefined {
  return CUTS[stoppedBy];
}

const CUTS = {
  end: undefined,
  signal: 'was interrupted',
  interrupted: 'was interrupted',
  condition: 'was stopped by a condition',
  event: 'was stopped by an event that failed',
  error: 'was ended by an error',
} satisfies Record<Side['summary']['stoppedBy'], string | undefined>;

/**
 * Returns a line for a search that did not come to its end, because its answer is not known. Rounds that were cut short
 * are left out elsewhere.
 */
export function findCutSearch({ name, summary }: Pick<Side, 'name' | 'summary'>): string[] {
  const cut = describeCut(summary);
  if (summary.capacity === null || cut === undefined) return [];
  return [`the search of ${name} ${cut}: run it again and let it end`];
}

/**
 * Returns why a side's own figures cannot be trusted, a line each. Lateness is allowed for in the figures
 * (round-values.ts), unless it has bunched starts: then the load was another than the planned one, and so are all its
 * figures. Faults of rounds that are left out are no objection to the others.
 */
export function findInvalid({ name, summary }: Side, settings: CompareRecord): string[] {
  const validity = judgeCounted(summary);
  if (!validity.valid && !isBoundedByLateness({ ...summary, validity })) {
    return [`${name} is invalid: ${nameWorst(validity) ?? 'the file gives no reason'}`];
  }
  const crowding = findCrowdingOf({ crowd: crowdOfCounted(summary) }, settings);
  return crowding === undefined
    ? []
    : [`${name} got a different load than planned: ${describeCrowding(crowding)}`];
}

/**
 * Returns whether an invalid side can still be compared. It can if it was only late, and the lateness is known not to
 * have changed its load. It also can if enough of its rounds count.
 */
export function canBeCompared(
  summary: Side['summary'],
  settings: Pick<CompareRecord, 'primary'>,
): boolean {
  const validity = judgeCounted(summary);
  const crowd = crowdOfCounted(summary);
  if (findCrowdingOf({ crowd }, settings) !== undefined) return false;
  const { counted } = sortRounds(summary.rounds);
  const isLimited = validity.reasons.length < summary.validity.reasons.length;
  if (isLimited && counted.length < FEWEST_ROUNDS) return false;
  if (validity.valid) return isLimited;
  return crowd !== undefined && isBoundedByLateness({ ...summary, validity });
}
