import { ResultWriter } from '../result/write/write.ts';
import type { RunRequest } from './request.ts';
import { createInterrupted } from './unless-stopped.ts';

/**
 * Runs `use` with the result open. The result is closed when this resolves or rejects.
 *
 * @throws UsageError if the result cannot be written; an interruption if the run was stopped before a reader came
 */
export async function withResult<T>(
  request: Pick<RunRequest, 'loaded' | 'out' | 'overwrite' | 'stop' | 'cancel' | 'observer'>,
  use: (writer: ResultWriter) => Promise<T>,
): Promise<T> {
  const { loaded, out, overwrite = false, stop, cancel, observer } = request;
  const waiting = (path: string): void =>
    observer.note(`waiting until somebody reads ${path}`, 'progress');
  const how = { stop, waiting, overwrite };
  const writer = await ResultWriter.openWhenRead(out, loaded.name, how);
  if (writer === undefined) throw createInterrupted();
  // The command that cancels may end before a lab has ended, and would leave an empty file. Nothing is written after a
  // cancel.
  const leave = (): void => writer.closeIfEmpty();
  cancel.addEventListener('abort', leave);
  try {
    if (cancel.aborted) leave();
    return await use(writer);
  } finally {
    cancel.removeEventListener('abort', leave);
    writer.close();
  }
}
