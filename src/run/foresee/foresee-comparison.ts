import { DEFAULT_COMPARE } from '../../analysis/comparison/compare-sides.ts';
import { FEWEST_ROUNDS } from '../../analysis/comparison/counted-rounds.ts';
import { findMismatches, type Setting } from '../../analysis/comparison/obstacles.ts';
import { type Endpoint, isUnixSocket } from '../../drivers/endpoint.ts';
import type { Boundary } from '../../model/measures.ts';
import type { ServerFindings } from '../../result/records/target.ts';
import type { CompareSettings } from '../../scenario/schema/compare-schema.ts';

/** Facts about a variant that are known before the first storm. */
export interface Foreseen {
  name: string;
  /** The scenario that is run. */
  spec: Record<string, unknown>;
  queries: number;
  isSearch: boolean;
  /** Role of the target. */
  role: string;
  target: Pick<Endpoint, 'address' | 'sslmode' | 'tls'>;
  server: ServerFindings;
}

/**
 * Returns what would spoil the comparison of each variant with the first one, one line each. A user should see it
 * before an hour is spent on the run. Returns nothing for searches, because their figures are not compared.
 */
export function foreseeComparison(
  variants: readonly Foreseen[],
  { repeat, compare }: { repeat: number; compare: CompareSettings },
): string[] {
  const [baseline, ...others] = variants;
  if (baseline === undefined || variants.some(({ isSearch }) => isSearch)) return [];
  const across = compare.across ?? DEFAULT_COMPARE.across;
  const spoilt = others.flatMap((other) =>
    findMismatches(toSetting(other), toSetting(baseline), across).map(
      (mismatch) => `warning: no verdict on ${other.name}: ${mismatch}`,
    ),
  );
  const partly = others.flatMap((other) => [
    ...describeBoundaries(other, baseline),
    ...describeUnknownServer(other, baseline),
  ]);
  const few = others.length > 0 && repeat < FEWEST_ROUNDS ? [TOO_FEW] : [];
  return [...spoilt, ...warnOfPoolers(variants), ...partly, ...few];
}

const TOO_FEW = `there will be figures but no verdict: a verdict needs ${FEWEST_ROUNDS} rounds (--repeat ${FEWEST_ROUNDS})`;

function toSetting({ name, spec, server }: Foreseen): Setting {
  return { name, record: { spec, target: { server } } };
}

/**
 * Warns if only some variants use a pooler and send no query. A pooler answers logins itself, so their speed says
 * nothing about the server behind it.
 */
function warnOfPoolers(variants: readonly Foreseen[]): string[] {
  const pooled = variants.filter(({ server }) => server.pooler === true);
  const silent = pooled.filter(({ queries }) => queries === 0).map(({ name }) => name);
  if (silent.length === 0 || pooled.length === variants.length) return [];
  const what = `a pooler may answer the logins of ${silent.join(', ')} by itself, even if the server behind it is down`;
  return [
    `warning: ${what}: so compare the time to the first query's result (connection.queries=1)`,
  ];
}

function describeBoundaries(a: Foreseen, b: Foreseen): string[] {
  const [ofA, ofB] = [expectBoundary(a), expectBoundary(b)];
  if (ofA === ofB) return [];
  const ends = `${b.name}: ${ofB}, ${a.name}: ${ofA}`;
  return [
    `warning: spawn ends with different messages on the two sides, so it will not be compared (${ends})`,
  ];
}

/**
 * Returns which message will end spawn. If an SSLRequest is sent, its answer does; otherwise the request for a
 * password. Plain trust has no such message.
 */
function expectBoundary({ target, server }: Foreseen): Boundary {
  const { address, sslmode, tls } = target;
  if (tls?.negotiation === 'direct') return 'tls';
  if (sslmode !== 'disable' && !isUnixSocket(address)) return 'sslrequest';
  return server.auth === 'trust' ? 'absent' : 'auth-request';
}

function describeUnknownServer(a: Foreseen, b: Foreseen): string[] {
  const isKnown = a.server.instance !== undefined && b.server.instance !== undefined;
  if (a.role === b.role || isKnown) return [];
  const both = `${b.name} and ${a.name}`;
  return [
    `it is not known whether ${both} reach the same Postgres: one of them does not show which server it is`,
  ];
}
