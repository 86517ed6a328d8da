import type { BackgroundInput } from '../../background/messages.ts';
import { UnreachableError } from '../../errors.ts';
import type { Prepared } from '../prepare/prepared.ts';
import { createInterrupted } from '../unless-stopped.ts';
import type { LegSignals } from './follow-signals.ts';
import type { LegBackground, RunPorts } from './ports.ts';

/** The longest time that opening may take, as a share of the load's time. */
const OPENING_SHARE = 1 / 2;

/**
 * Opens what the activities beside a leg need; undefined if the variant has none, or if the kill switch's alarm came
 * meanwhile: the leg then ends as it begins. Throws UnreachableError if one cannot work, and if the run is stopped
 * meanwhile. It leaves nothing behind then.
 */
export async function startBackground(
  prepared: Prepared,
  { stop, broken, alarm }: Omit<LegSignals, 'cancel'> & { alarm: AbortSignal | undefined },
  ports: RunPorts,
): Promise<LegBackground | undefined> {
  if (prepared.background.length === 0) return undefined;
  const ends = [stop, broken, ...(alarm === undefined ? [] : [alarm])];
  try {
    return await ports.startBackground(describeInput(prepared), AbortSignal.any(ends));
  } catch (error) {
    if (stop.aborted) throw createInterrupted();
    if (broken.aborted) throw new Error(String(broken.reason));
    if (alarm?.aborted === true) return undefined;
    const message = error instanceof Error ? error.message : String(error);
    throw new UnreachableError('BACKGROUND', message, { cause: error });
  }
}

function describeInput({ plan, found, background, isReadOnly }: Prepared): BackgroundInput {
  const [{ target, server, postmasterPid }] = found;
  return {
    activities: background,
    endpoint: target,
    isEncrypted: server.tls !== null,
    timeoutUs: plan.connection.timeoutUs,
    isReadOnly,
    mostOpeningUs: plan.durationUs * OPENING_SHARE,
    seesHost: postmasterPid !== null,
    untilUs: plan.search === undefined ? plan.durationUs : null,
  };
}
