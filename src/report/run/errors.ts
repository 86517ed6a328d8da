import { escapeControls } from '../../controls.ts';
import { namesCode } from '../../failure-text.ts';
import type { ErrorCount } from '../../result/records/intervals.ts';
import { listCounted } from '../text/counted-lines.ts';
import type { Section, ShownVariant, Style, VariantsInput } from '../text/section.ts';

/** Returns the failures of each variant, most frequent first: layer/phase, code, and one message of each kind. */
export function renderErrors(
  { header, columns, paint }: VariantsInput,
  variants: readonly ShownVariant[],
): Section[] {
  return variants.map(({ name, summary }) => {
    const title = header.isLone ? 'errors' : `errors of ${name}`;
    return listErrors(title, summary.errors, { columns, paint });
  });
}

export function listErrors(
  title: string,
  errors: readonly ErrorCount[],
  style: Pick<Style, 'columns' | 'paint'>,
): Section {
  return listCounted(title, errors, describeError, style);
}

function describeError({ layer, phase, code, message, ledger }: ErrorCount): string {
  const after = ledger === 'connection' ? ' (after it was ready)' : '';
  const where = namesCode(message, code) ? `${layer}/${phase}` : `${layer}/${phase} ${code}`;
  return escapeControls(`${where}${after}: ${message}`);
}
