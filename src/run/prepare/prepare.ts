import { checkEvents } from '../events/check-events.ts';
import { noteComparison } from '../foresee/note-comparison.ts';
import { noteLimits } from '../foresee/note-limits.ts';
import { noteLoad } from '../foresee/note-load.ts';
import { createNotes } from '../notes.ts';
import type { Assigned } from '../place/assign-targets.ts';
import type { Place } from '../place/with-place.ts';
import type { RunRequest } from '../request.ts';
import { confirmStorms } from './consent.ts';
import { equipVariants } from './equip-variants.ts';
import { followTargets } from './follow-targets.ts';
import { groupByTarget, keepOrder } from './group-by-target.ts';
import { limitInFlight } from './limit-in-flight.ts';
import type { Prepared } from './prepared.ts';
import { settleServerTimes } from './settle-server-times.ts';
import { visitTarget } from './visit-target.ts';

/** What preparing needs of the request. */
export type PrepareRequest = Pick<
  RunRequest,
  'loaded' | 'reserve' | 'beyondSlots' | 'yes' | 'env' | 'stdin' | 'stderr' | 'stop' | 'observer'
>;

/**
 * Does everything that comes before the first storm, stage by stage. Each stage takes the variants from the stage
 * before, and adds what it found out (prepared.ts). Consent is asked for once, before the first byte is sent. Then the
 * targets are visited one after another.
 *
 * @throws ConnstormError for whatever keeps any of the variants from being run
 */
export async function prepareVariants(
  assigned: readonly Assigned[],
  { labs, poolSlots }: Pick<Place, 'labs' | 'poolSlots'>,
  { loaded, reserve, beyondSlots = false, yes, env, stdin, stderr, stop, observer }: PrepareRequest,
): Promise<Prepared[]> {
  const { flagged, warmUpUs } = loaded;
  const isLab = labs.length > 0;
  const notes = createNotes(observer);
  const planned = followTargets(assigned, flagged, notes);
  const asking = { yes, env, stdin, stderr, stop };
  await confirmStorms(planned, { loaded, beyondSlots, isLab }, asking);
  const ready: Prepared[] = [];
  for (const group of groupByTarget(planned, notes)) {
    const visited = await visitTarget(group, stop, {
      isTerminal: stderr.isTTY === true,
      note: (text) => observer.note(text, 'progress'),
    });
    const checked = await checkEvents(visited, { isLab, stop });
    const limited = limitInFlight(checked, { reserve, poolSlots, beyondSlots, isLab }, group.notes);
    const timed = await settleServerTimes(limited, stop, group.notes);
    ready.push(...equipVariants(timed, { warmUpUs, labs }));
  }
  noteLoad(ready, warmUpUs, notes);
  const prepared = keepOrder(planned, ready);
  noteLimits(prepared, notes);
  noteComparison(prepared, loaded, notes);
  return prepared;
}
