import { estimateUs } from '../../analysis/search/settings.ts';
import { formatSpan } from '../../duration-text.ts';
import { findCapWarnings } from '../../scenario/plan/cap-warnings.ts';
import { findFloodWarning } from '../../scenario/plan/flood-warning.ts';
import type { Plan } from '../../scenario/plan/plan.ts';
import { describeSearch } from '../../scenario/plan/search.ts';
import type { Notes } from '../notes.ts';
import type { Prepared } from '../prepare/prepared.ts';

/**
 * Notes how the load will go: its warm-up, the kill switch, how statements are sent, the warnings about caps, and the
 * length of a search.
 */
export function noteLoad(prepared: readonly Prepared[], warmUpUs: number, notes: Notes): void {
  if (warmUpUs > 0) notes.note(describeWarmUp(warmUpUs));
  if (prepared.some(({ watch }) => watch !== undefined)) notes.note(WATCH_NOTE);
  notes.noteEach(prepared.map((variant) => [variant.name, describeStatements(variant)]));
  notes.warnEach(prepared.map((variant) => [variant.name, describeCaps(variant)]));
  notes.noteEach(prepared.map(({ name, plan }) => [name, describeSearchTime(plan)]));
}

function describeWarmUp(us: number): string {
  return `warm-up: ${formatSpan(us)} of the same load before each leg; it is not measured`;
}

const WATCH_NOTE =
  'the kill switch watches with two connections of its own (killSwitch=false switches it off)';

function describeStatements({ plan, isReadOnly }: Prepared): string | undefined {
  return isReadOnly && plan.connection.statements !== undefined ? READ_ONLY_NOTE : undefined;
}

const READ_ONLY_NOTE =
  'each statement runs in a read-only transaction, whose BEGIN and COMMIT are in the figures (connection.writes=true sends statements as they are)';

function describeCaps({ plan, maxInFlight, inFlightCure: cure }: Prepared): string | undefined {
  const warnings = findCapWarnings(plan, { maxInFlight, cure });
  const flood = findFloodWarning(plan);
  const all = flood === undefined ? warnings : [...warnings, flood];
  return all.length === 0 ? undefined : all.join('\n');
}

function describeSearchTime({ search }: Plan): string | undefined {
  if (search === undefined) return undefined;
  const about = formatSpan(Math.round(estimateUs(describeSearch(search)) / 1e6) * 1e6);
  return `the search takes about ${about}, at most ${formatSpan(search.maxDurationUs)}`;
}
