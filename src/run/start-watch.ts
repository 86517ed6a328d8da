import { UnreachableError } from '../errors.ts';
import { Watch } from '../probes/watch.ts';
import type { Prepared } from './prepare.ts';
import { unlessStopped } from './unless-stopped.ts';

/**
 * Has the server watched through the eyes of others, where the variant wants that. Throws UnreachableError `NO_CANARY`
 * where the canary cannot be connected; nothing is left behind where the run is stopped meanwhile.
 */
export async function startWatch(
  { isWatched, plan, found }: Prepared,
  stop: AbortSignal,
): Promise<Watch | undefined> {
  if (!isWatched) return undefined;
  const [{ target }] = found;
  const starting = Watch.start({ endpoint: target, timeoutUs: plan.connection.timeoutUs }).catch(
    (cause: Error) => {
      const message = `the kill switch could not connect its canary: ${cause.message}`;
      throw new UnreachableError('NO_CANARY', message, { cause });
    },
  );
  try {
    return await unlessStopped(stop, starting);
  } catch (error) {
    void starting.then((watch) => watch.stop()).catch(() => {});
    throw error;
  }
}
