import { escapeControls } from '../../controls.ts';
import type { NoticeCount } from '../../model/notices.ts';
import { listCounted } from '../text/counted-lines.ts';
import type { Section, ShownVariant, VariantsInput } from '../text/section.ts';

/**
 * Returns the notices that the server of each variant, or a pooler, sent in logins and first queries: each kind once,
 * with its count. A variant without notices has no lines.
 */
export function renderNotices(
  { header, columns, paint }: VariantsInput,
  variants: readonly ShownVariant[],
): Section[] {
  return variants.map(({ name, summary: { notices = [] } }) => {
    const title = header.isLone ? 'the server said' : `the server of ${name} said`;
    return listCounted(title, notices, describeNotice, { columns, paint });
  });
}

function describeNotice({ severity, code, message }: NoticeCount): string {
  return escapeControls(`${severity ?? 'notice'} ${code}: ${message}`);
}
