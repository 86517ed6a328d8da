import { UsageError } from '../../errors.ts';
import { BASE } from '../../result/lift.ts';
import type { AnyHeader } from '../../result/records/header.ts';
import type { AnySummary } from '../../result/records/summary-records.ts';
import { listSides } from './list-sides.ts';
import type { Side } from './obstacles.ts';

export interface NamedResult {
  /** Name of the result in reports. */
  label: string;
  /** Its file, if the label is a letter. */
  file?: string;
  header: AnyHeader;
  summary: AnySummary;
}

/**
 * Returns groups of sides to compare, the baseline first. For one result: its variants against the first of them. For
 * several: each result against the first one, variants by their names. Throws UsageError if there is nothing to compare
 * with, or if a variant is not in all results.
 */
export function groupSides(results: readonly NamedResult[]): Side[][] {
  const [first, ...others] = results.map(({ label, file, header, summary }) => ({
    label,
    ...(file === undefined ? {} : { file }),
    sides: listSides(header, summary),
  }));
  if (first === undefined) return [];
  if (others.length === 0) return [requireTwo(first)];
  const all = [first, ...others];
  if (all.every(({ sides }) => sides.length === 1)) {
    return [all.flatMap(({ label, sides }) => sides.map((side) => ({ ...side, name: label })))];
  }
  // Checked in both directions. Otherwise a variant that only another result has would be left out silently.
  for (const other of others) {
    for (const { name } of other.sides) pickSide(first, name, other);
  }
  return first.sides.map(({ name }) => all.map((result) => pickSide(result, name, first)));
}

interface Listed {
  label: string;
  file?: string;
  sides: Side[];
}

function requireTwo({ label, sides }: Listed): Side[] {
  if (sides.length >= 2) return sides;
  const message = `${label} has only one variant: give a second result to compare it with, the baseline first`;
  throw new UsageError('ONE_VARIANT', message);
}

/** Returns the side of that name. `other`: a result that has it. */
function pickSide(result: Listed, name: string, other: Listed): Side {
  const { label, sides } = result;
  const side = sides.find((known) => known.name === name);
  if (side !== undefined) return { ...side, name: `${label} ${name}` };
  const known = sides.map((it) => it.name).join(', ');
  const isBase = name === BASE || known === BASE;
  const why = isBase ? ` (a run without variants counts as one called ${BASE})` : '';
  throw new UsageError(
    'VARIANT_MISSING',
    `${nameResult(other)} has a variant ${name}, and ${nameResult(result)} has only ${known}${why}: compare runs of the same variants, or give only one file to compare the variants inside of it`,
  );
}

/** Returns the label, with the file if the label is a letter. */
function nameResult({ label, file }: Listed): string {
  return file === undefined ? label : `${label} (${file})`;
}
