import { formatCounted, nounOf } from '../../counted.ts';
import type { ConnectionAccounting } from '../../model/ledgers.ts';
import { isPoolerWithoutServer } from '../../model/poolers/pooler-without-server.ts';
import type { ErrorCount } from '../../result/records/intervals.ts';
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

/** Returns a text if a pooler said that it has no server; an empty list otherwise. */
export function describePoolersServer(errors: readonly ErrorCount[]): string[] {
  const count = errors.filter(isPoolerWithoutServer).reduce((sum, error) => sum + error.count, 0);
  return count === 0
    ? []
    : [
        `the pooler could not reach or log in to its server: ${formatCount(count)} ${nounOf(count, 'failure says', 'failures say')} so`,
      ];
}
