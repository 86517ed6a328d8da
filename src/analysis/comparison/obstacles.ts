import type { CompareRecord, HeaderRecord, VariantRecord } from '../../result/records/header.ts';
import type { VariantSummary } from '../../result/records/summary-records.ts';
import { ACROSS, type Across } from '../../scenario/schema/compare-schema.ts';
import { listDifferences } from '../figures/differences.ts';
import { isBoundedByLateness, nameWorst } from '../validity/merely-late.ts';
import { crowdOfCounted, FEWEST_ROUNDS, judgeCounted, sortRounds } from './counted-rounds.ts';
import { describeCrowding, findCrowdingOf } from './crowding.ts';

/** What was run on a side, and what was found there. */
export interface Setting {
  name: string;
  record: { spec: Record<string, unknown>; target: Pick<VariantRecord['target'], 'server'> };
}

/** One of those that are compared. */
export interface Side extends Setting {
  record: Pick<VariantRecord, 'spec' | 'plan' | 'target'>;
  summary: Omit<VariantSummary, 'cpuPerConnectUs'>;
}

/** What was found on a side that makes connects dearer by itself; undefined: not known. */
const FOUND: Record<Across, (side: Setting) => string | undefined> = {
  auth: ({ record }) => record.target.server.auth ?? undefined,
  tls: ({ record }) => (record.target.server.tls === null ? 'no TLS' : 'TLS'),
  server: ({ record }) => record.target.server.instance,
};

/**
 * Why a difference between two variants of a run would not be that of what they override, a line each: another auth method, TLS on
 * one side alone, another Postgres behind. `across`: what is meant to differ; so is what the variants override. `say`: how one says so.
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

/** What the scenarios themselves have different: labs are servers of their own, and may log in otherwise. */
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
/** What bears on no connect. */
const NOT_TOLD_APART = ['shows', 'stop', 'killSwitch', 'probes'];

/**
 * Why two results are not of the same thing, a line each: other scenarios, another version of the server, another place. Labs are one
 * place. `across`: what is meant to differ.
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

/** Whether two runs differ in their rate alone, as runs with a taste do. */
function isRateAlone(a: Side, b: Side): boolean {
  const paths = listDifferences([describeLoad(b), describeLoad(a)]).map(({ path }) => path);
  return paths.length === 1 && paths[0] === 'load.rate';
}

/** The warm-up belongs to the plan, as all variants share it. */
function describeLoad({ record: { spec, plan } }: Side): Record<string, unknown> {
  const { warmUpUs = 0 } = plan;
  return { ...spec, warmUp: `${warmUpUs / 1_000_000}s` };
}

/** `PostgreSQL 18.4 at db.example:5432`, `PostgreSQL 18.4 of the lab`. */
function describePlace({ lab, host, port, database, server }: HeaderRecord['target']): string {
  const where = lab ? 'of the lab' : `at ${host}:${port}/${database}`;
  return `PostgreSQL ${server.version ?? 'of an unknown version'} ${where}`;
}

/** What ended it before its end, as in `was interrupted`; undefined where it came to its end. */
export function describeCut({ stoppedBy }: Pick<Side['summary'], 'stoppedBy'>): string | undefined {
  return CUTS[stoppedBy];
}

const CUTS = {
  end: undefined,
  signal: 'was interrupted',
  interrupted: 'was interrupted',
  condition: 'was stopped by a condition',
  error: 'was ended by an error',
} satisfies Record<Side['summary']['stoppedBy'], string | undefined>;

/** A search that did not come to its end: what it would have found is not known. Rounds that were cut short are left out elsewhere. */
export function findCutSearch({ name, summary }: Pick<Side, 'name' | 'summary'>): string[] {
  const cut = describeCut(summary);
  if (summary.capacity === null || cut === undefined) return [];
  return [`the search of ${name} ${cut}: run it again and let it end`];
}

/**
 * Why a side's own figures are not to be trusted, a line each. Lateness is allowed for in its figures (round-values.ts), unless it
 * has bunched starts: then its load was another than planned, and nothing that was measured is of the planned one. What was found in
 * rounds alone that are left out is no objection to the others.
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
 * Whether an invalid side can be compared all the same: by its lateness alone, which is known not to have changed its load, or by the
 * rounds that count, which are enough.
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
