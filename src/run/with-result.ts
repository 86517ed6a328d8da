import { ResultWriter } from '../result/write/write.ts';
import type { RunRequest } from './request.ts';
import { createInterrupted } from './unless-stopped.ts';

/**
 * Runs `use` with the result open; it is closed when it resolves or throws.
 *
 * @throws UsageError where it cannot be written; an interruption where the run was stopped before anybody read it
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
  // The command that cancels may end before a lab has ended, and an empty file would stay. Nothing is written after this.
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
