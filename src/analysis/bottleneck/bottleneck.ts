import type { Bottleneck } from '../../result/records/bottleneck.ts';
import { sortFailures } from '../validity/failure-kinds.ts';
import { listAdvice } from './advice.ts';
import { type Evidence, gatherEvidence } from './evidence.ts';
import { FIGURES, type FigureName, type FigureText } from './figures.ts';
import { listMissing } from './missing.ts';
import { RULES, type Rule } from './rules.ts';
import type { RunEvidence } from './run-evidence.ts';
import { isRefused } from './signs.ts';

type Line = Bottleneck['evidence'][number];

/**
 * Returns what gave out, by a run's records. Returns null if no step can be judged. Also returns null if no probe
 * watched the target, there was no search, and too few connects to matter were refused because no slot was free. Such
 * refusals show by themselves what gave out.
 */
export function findBottleneck(run: RunEvidence): Bottleneck | null {
  const isSeen = run.search !== undefined || run.probes.hasProbes;
  if (!isSeen && sortFailures(run.errors).refused.length === 0) return null;
  const evidence = gatherEvidence(run);
  if (evidence === undefined || (!isSeen && !isRefused(evidence))) return null;
  return judgeEvidence(evidence, listMissing(evidence, run.probes));
}

/** Returns the verdict. `missing`: evidence that would allow a surer verdict and was not seen, a line each. */
export function judgeEvidence(evidence: Evidence, missing: readonly string[]): Bottleneck {
  if (evidence.isUndecided === true && !isRefused(evidence)) return leaveOpen(evidence);
  const rule = RULES.find((rule) => doesHold(rule, evidence));
  const { cause } = rule ?? UNKNOWN;
  const confidence = rateConfidence(rule ?? UNKNOWN, evidence);
  const advice = listAdvice(cause, evidence);
  const against = (rule?.against ?? []).filter(({ sign }) => sign(evidence));
  const speaking = against.flatMap(({ figure }) => describeFigure(figure, evidence));
  return {
    cause,
    confidence,
    evidence: describeAll(rule?.reads ?? UNKNOWN.reads, evidence),
    ...(speaking.length === 0 ? {} : { against: speaking }),
    ...(confidence === 'proven' || missing.length === 0 ? {} : { missing: [...missing] }),
    ...(advice.length === 0 ? {} : { advice }),
  };
}

/** Returns the counts of the attempts, without figures that would look like a cause. */
function leaveOpen(evidence: Evidence): Bottleneck {
  return {
    cause: 'unknown',
    confidence: 'unknown',
    evidence: describeAll(COUNTS, evidence),
    missing: ['a rate that is not sustained: the search was cut short before it was sure of one'],
  };
}

/**
 * Returns how sure the verdict is. Full CPUs prove nothing if others took CPU at low load, too: it is not known how
 * full they would be otherwise.
 */
function rateConfidence(
  { cause, confidence }: Pick<Bottleneck, 'cause' | 'confidence'>,
  { isCalmDisturbed = false }: Evidence,
): Bottleneck['confidence'] {
  const isInferred = cause === 'host-cpu' && confidence === 'proven' && isCalmDisturbed;
  return isInferred ? 'inferred' : confidence;
}

function doesHold({ when, unless = [] }: Rule, evidence: Evidence): boolean {
  return when.every((sign) => sign(evidence)) && !unless.some((sign) => sign(evidence));
}

const COUNTS = [
  'offeredPerSecond',
  'achievedPerSecond',
  'timedOutCount',
  'brokenCount',
] as const satisfies FigureName[];

const UNKNOWN = {
  cause: 'unknown',
  confidence: 'unknown',
  reads: [
    'offeredPerSecond',
    'achievedPerSecond',
    'timedOutCount',
    'brokenCount',
    'spawnP50Us',
    'tcpP50Us',
    'backendP50Us',
    'canaryP90Us',
    'hostIdleShare',
    'postmasterOnCpuShare',
    'postmasterWaitShare',
  ],
} as const satisfies Pick<Bottleneck, 'cause' | 'confidence'> & { reads: FigureName[] };

/** Returns the figures with their values. If connstorm itself gave out, its own samples follow. */
function describeAll(names: readonly FigureName[], evidence: Evidence): Line[] {
  const own = evidence.isOwnFault ? evidence.ownReasons : [];
  return [
    ...[...new Set(names)].flatMap((name) => describeFigure(name, evidence)),
    // The wait of logins for their keys is among the figures already.
    ...own.flatMap(({ code, evidence: lines = [] }) => (code === 'SCRAM_CPU' ? [] : lines)),
  ];
}

/** Returns a figure with its value at low load, if known; an empty list if it was not seen. */
function describeFigure(name: FigureName, { loaded, calm, isCalmAtBest }: Evidence): Line[] {
  const value = loaded[name];
  const figure: FigureText = FIGURES[name];
  if (value === undefined || (value === 0 && figure.isSilentAtZero === true)) return [];
  const before = calm[name];
  const isCompared = before !== undefined && COMPARED.has(figure.unit);
  const when = isCalmAtBest ? 'at its best' : 'at low load';
  const compared = isCompared ? ` (${when} ${showIn(figure.unit, before)})` : '';
  return [
    { text: `${figure.text}${compared}`, value: toUnit(figure.unit, value), unit: figure.unit },
  ];
}

/** Counts are not compared, because the steps differ in length. */
const COMPARED = new Set<FigureText['unit']>(['ms', '%']);

function showIn(unit: FigureText['unit'], value: number): string {
  const number = toUnit(unit, value);
  return unit === '%' ? `${number}%` : `${number} ${unit}`;
}

/** Rounds to the precision of the measurement. */
function toUnit(unit: FigureText['unit'], value: number): number {
  if (unit === 'ms') return Math.round(value / 100) / 10;
  if (unit === '%') return Math.round(value * 1000) / 10;
  return Math.round(value * 10) / 10;
}
