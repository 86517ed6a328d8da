import type { HeaderRecord, SummaryRecord } from '../result/records.ts';
import type { Paint } from './paint.ts';

/** A part of the terminal report: cells for a table, or lines that are already as wide as they may be. */
export type Section = { head: string[]; rows: string[][]; notes: string[] } | { lines: string[] };

export interface ReportInput {
  summary: SummaryRecord;
  header: HeaderRecord;
  columns: number;
  paint: Paint;
  /** null: the records went to standard output. */
  resultPath: string | null;
}
