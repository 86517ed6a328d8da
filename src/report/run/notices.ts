import { escapeControls } from '../../controls.ts';
import type { NoticeCount } from '../../model/notices.ts';
import { listCounted } from '../text/counted-lines.ts';
import type { Section, ShownVariant, VariantsInput } from '../text/section.ts';

/**
 * What the server of each variant, or a pooler, said in logins and first queries, each once with how often it came; nothing where it
 * said nothing.
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
