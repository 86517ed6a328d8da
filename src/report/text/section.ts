import type { Run } from '../../result/lift.ts';
import type { VariantRecord } from '../../result/records/header.ts';
import type { VariantSummary } from '../../result/records/summary-records.ts';
import type { Paint } from './paint.ts';

/** A part of the terminal report: cells for a table, or lines that are already as wide as they may be. */
export type Section = Table | { lines: string[] };

export interface Table {
  head: string[];
  rows: string[][];
  notes: string[];
  /** So many columns are of words and stand to the left; absent: the first. */
  wordColumns?: number;
  /** Columns, from 0, that are left out where the table is too wide for the terminal, the first one first; absent: none. */
  spare?: readonly number[];
}

/** How a report is to look. */
export interface Style {
  columns: number;
  paint: Paint;
  /** null: the records went to standard output. */
  resultPath: string | null;
  /** Every figure is explained; absent: those alone that the verdict is about. */
  explain?: boolean;
}

/** A run: one of variants, or a lone run as the one variant and the one round that it is. */
export interface VariantsInput extends Run, Style {}

/** One variant in detail, as the report of a lone run shows it. */
export interface DetailInput extends Style {
  record: VariantRecord;
  summary: VariantSummary;
  /** The run that it is the variant of. */
  run: Run;
}

export interface ShownVariant {
  name: string;
  record: VariantRecord;
  summary: VariantSummary;
}

/** The variants in the order of the scenario. */
export function listVariants({ summary, header }: Run): ShownVariant[] {
  return header.variants.flatMap((record) => {
    const { name } = record;
    const known = Object.hasOwn(summary.variants, name) ? summary.variants[name] : undefined;
    return known === undefined ? [] : [{ name, record, summary: known }];
  });
}

/** What holds for each variant: once where it is the same for all, else each with its name before it; nothing where empty. */
export function sayEach<Named extends { name: string }>(
  variants: readonly Named[],
  describe: (variant: Named) => string,
): string[] {
  const texts = variants.map((variant) => ({ name: variant.name, text: describe(variant) }));
  const distinct = new Set(texts.map(({ text }) => text));
  const said =
    distinct.size === 1 ? [...distinct] : texts.map(({ name, text }) => text && `${name}: ${text}`);
  return said.filter((text) => text !== '');
}
