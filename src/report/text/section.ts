import type { Run } from '../../result/lift.ts';
import type { VariantRecord } from '../../result/records/header.ts';
import type { VariantSummary } from '../../result/records/summary-records.ts';
import type { Paint } from './paint.ts';

/** A part of the terminal report: a table, or lines that are wrapped already. */
export type Section = Table | { lines: string[] };

export interface Table {
  head: string[];
  rows: string[][];
  notes: string[];
  /** Number of columns that hold words and are aligned to the left; absent: one. */
  wordColumns?: number;
  /** Columns, from 0, that may be left out if the table is too wide, in this order; absent: none. */
  spare?: readonly number[];
}

/** Settings for the look of a report. */
export interface Style {
  columns: number;
  paint: Paint;
  /** Path of the result file; null: the records went to standard output. */
  resultPath: string | null;
  /** True: every figure is explained. Absent: only figures that the verdict is about. */
  explain?: boolean;
}

/** A run with its style. A lone run has one variant and one round. */
export interface VariantsInput extends Run, Style {}

/** One variant, for the detailed report of a lone run. */
export interface DetailInput extends Style {
  record: VariantRecord;
  summary: VariantSummary;
  /** The run that the variant belongs to. */
  run: Run;
}

export interface ShownVariant {
  name: string;
  record: VariantRecord;
  summary: VariantSummary;
}

/** Returns the variants in the order of the scenario. */
export function listVariants({ summary, header }: Run): ShownVariant[] {
  return header.variants.flatMap((record) => {
    const { name } = record;
    const known = Object.hasOwn(summary.variants, name) ? summary.variants[name] : undefined;
    return known === undefined ? [] : [{ name, record, summary: known }];
  });
}

/**
 * Returns a text for each variant, with its name in front; one text without a name if all are the same. Empty texts are
 * left out.
 */
export function describeEach<Named extends { name: string }>(
  variants: readonly Named[],
  describe: (variant: Named) => string,
): string[] {
  const texts = variants.map((variant) => ({ name: variant.name, text: describe(variant) }));
  const distinct = new Set(texts.map(({ text }) => text));
  const said =
    distinct.size === 1 ? [...distinct] : texts.map(({ name, text }) => text && `${name}: ${text}`);
  return said.filter((text) => text !== '');
}
