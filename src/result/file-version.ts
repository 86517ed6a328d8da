import type { AnyHeader, HeaderRecord, VariantsHeaderRecord } from './records/header.ts';

/** Returns whether a header is that of a lone run: one variant in one round, without a name. */
export function isLoneHeader(header: AnyHeader): header is HeaderRecord {
  return !('variants' in header);
}

/**
 * Returns the version of a result: 3 if something acts beside the load, since a reader that knows neither events nor
 * background would take their traces for the server's own; and 3 if clients choose their host at each connect, since
 * such a reader would miss attempts in the counts. Any other result keeps 1, or 2 for variants and rounds.
 */
export function chooseVersion(
  sides: readonly Pick<HeaderRecord, 'spec'>[],
  form: 'lone',
): HeaderRecord['version'];
export function chooseVersion(
  sides: readonly Pick<HeaderRecord, 'spec'>[],
  form: 'variants',
): VariantsHeaderRecord['version'];
export function chooseVersion(
  sides: readonly Pick<HeaderRecord, 'spec'>[],
  form: 'lone' | 'variants',
): AnyHeader['version'] {
  if (sides.some(({ spec }) => isOfVersion3(spec))) return 3;
  return form === 'lone' ? 1 : 2;
}

function isOfVersion3(spec: HeaderRecord['spec']): boolean {
  return isFilled(spec.events) || isFilled(spec.background) || choosesHosts(spec);
}

/** Returns whether clients choose their host at each connect. */
function choosesHosts({ connection }: HeaderRecord['spec']): boolean {
  return (connection as { hosts?: unknown } | null | undefined)?.hosts === 'each-attempt';
}

/** Returns whether a list or map of a scenario has an entry. */
function isFilled(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}
