import { formatCounted } from '../../counted.ts';
import { MOST_SALTS } from '../../model/measures.ts';
import type { SummaryRecord } from '../../result/records/summary-records.ts';
import { formatCount } from '../text/format.ts';

/** Returns how often SCRAM keys were derived, and for how many logins; an empty text if no attempt met SCRAM. */
export function describeScram({ scram }: Pick<SummaryRecord, 'scram'>): string {
  if (scram === undefined) return '';
  const { derivations, salts, cache, abandoned = 0 } = scram;
  if (derivations === 0) {
    const many = formatCounted(abandoned, 'attempt was', 'attempts were');
    return `SCRAM: no key was derived to the end; ${many} abandoned while they waited for a key`;
  }
  const derived = `SCRAM: the salted password was derived ${countTimes(derivations)}`;
  if (!cache) return `${derived}, at every login: its CPU time is in auth`;
  const logins = scram.waits?.count;
  // Older files do not have the number of logins.
  if (logins === undefined) return `${derived}; ${WITHOUT_CACHE}`;
  if (logins === 1) return `${derived} for one login: its CPU time is in auth`;
  if (logins <= derivations) {
    // Each thread counts at most MOST_SALTS salts.
    const least = salts < logins && salts >= MOST_SALTS ? 'at least ' : '';
    const why = salts > 1 ? `, because the server sent ${least}${formatCount(salts)} salts` : '';
    return `${derived} for ${formatCounted(logins, 'login')}, so no login reused one (connection.scramCache)${why}. The CPU time of this is in auth`;
  }
  return `${derived} for ${formatCounted(logins, 'login')}; the other logins reused it (connection.scramCache); ${WITHOUT_CACHE}`;
}

const WITHOUT_CACHE = 'a client without such a cache needs some ms of CPU for each connect';

function countTimes(count: number): string {
  return count === 1 ? 'once' : `${formatCount(count)} times`;
}
