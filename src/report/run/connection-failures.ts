import { formatCounted, nounOf } from '../../counted.ts';
import type { ConnectionAccounting } from '../../model/ledgers.ts';
import { formatCount, formatShare } from '../text/format.ts';

/** Returns a text for each kind of failure of connections that had become ready; an empty list if there was none. */
export function listConnectionFailures({
  opened,
  queryFailed,
  cut,
}: Pick<ConnectionAccounting, 'opened' | 'queryFailed' | 'cut'>): string[] {
  const describe = (count: number, what: string): string[] =>
    count === 0
      ? []
      : [
          `${formatCount(count)} of ${formatCounted(opened, 'connection')} ${what} (${formatShare(count / opened)})`,
        ];
  return [
    ...describe(queryFailed, `failed in ${nounOf(queryFailed, 'its query', 'their query')}`),
    ...describe(cut, `${nounOf(cut, 'was', 'were')} cut`),
  ];
}
