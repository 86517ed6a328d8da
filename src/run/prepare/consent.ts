import { UsageError } from '../../errors.ts';
import { countTurns } from '../../load/clients/host-turns.ts';
import { parseDuration } from '../../scenario/duration.ts';
import type { LoadedScenario } from '../../scenario/file/read.ts';
import { statementOf } from '../../scenario/plan/beside/background.ts';
import { findTaste, MOST_TASTED } from '../../scenario/plan/taste.ts';
import { planWarmUp } from '../../scenario/plan/warm-up.ts';
import type { Taste } from '../../scenario/schema/taste-schema.ts';
import { findEscape } from '../../scenario/statements.ts';
import type { StormPlan } from '../../targets/visit/describe-storm.ts';
import { confirmTarget } from '../../targets/visit/safety.ts';
import { blameVariant } from '../blame-variant.ts';
import type { RunRequest } from '../request.ts';
import { unlessStopped } from '../unless-stopped.ts';
import type { Planned } from './prepared.ts';
import { sumUpStorms } from './storm-plan.ts';

/** How a person can be asked, and what gives the consent instead. */
export type Asking = Pick<RunRequest, 'yes' | 'env' | 'stdin' | 'stderr' | 'stop'>;

/** Facts about the storms that are not in their plans. */
export interface StormsAsked {
  loaded: Pick<LoadedScenario, 'warmUpUs' | 'repeat' | 'taste' | 'flagged'>;
  beyondSlots: boolean;
  isLab: boolean;
}

/**
 * Asks once for all rounds and variants, before any byte is sent to a target.
 *
 * @throws UsageError without consent, and for a statement that could write without permission
 */
export async function confirmStorms(
  planned: readonly Planned[],
  { isLab, ...asked }: StormsAsked,
  asking: Asking,
): Promise<void> {
  if (!isLab) refuseEscapes(planned);
  const targets = new Set(planned.map(({ resolved }) => resolved));
  // To a person, the same server with two sslmodes is one server.
  const hosts = new Map(
    [...targets].flatMap((target) =>
      target.hosts.map((host) => [`${host.target.host}:${host.target.port}`, host] as const),
    ),
  );
  const plan = planStorms(planned, asked);
  const runsCommands = planned.some(({ plan: { events } }) =>
    events.some(({ action }) => action.kind === 'exec'),
  );
  const storm = { hosts: [...hosts.values()], isLab, plan, runsCommands };
  const confirming = confirmTarget({ ...storm, ...asking });
  await unlessStopped(asking.stop, confirming);
}

function planStorms(
  planned: readonly Planned[],
  { loaded, beyondSlots }: Omit<StormsAsked, 'isLab'>,
): StormPlan {
  const { warmUpUs, repeat } = loaded;
  const warmUps =
    warmUpUs === 0
      ? []
      : planned.map(({ scenario }) => planWarmUp(scenario, scenario.seed, warmUpUs));
  const plans = planned.map(({ plan }) => plan);
  const sums = sumUpStorms(plans, { warmUps, repeat, isBeyondSlots: beyondSlots });
  const storms = { ...sums, triesEach: Math.max(...planned.map(countTries)) };
  return addTastes(storms, findTaste(loaded), planned.length);
}

/** Returns the most attempts that one arrival may take: retries, each at every host if the client chooses its host. */
function countTries({ plan: { retry }, scenario, resolved }: Planned): number {
  const connects = retry?.maxAttempts ?? 1;
  if (scenario.connection.hosts !== 'each-attempt') return connects;
  const { hosts, sessionAttrs } = resolved;
  return connects * countTurns({ hostCount: hosts.length, wanted: sessionAttrs });
}

/** Adds the tastes before the first round, which are load as well. */
function addTastes(storms: StormPlan, taste: Taste | undefined, targets: number): StormPlan {
  if (taste === undefined) return storms;
  const { arrivalCount, durationUs } = storms;
  return {
    ...storms,
    arrivalCount: arrivalCount === null ? null : arrivalCount + targets * MOST_TASTED,
    isTasted: true,
    durationUs: durationUs + targets * parseDuration(taste.duration),
  };
}

/** Throws UsageError, which names the variant, if a statement could leave the read-only transaction it is sent in. */
function refuseEscapes(planned: readonly Planned[]): void {
  for (const { variant, plan } of planned) {
    blameVariant(variant, () => {
      const { statements = [], protocol, writes } = plan.connection;
      if (writes) return;
      for (const activity of plan.background) {
        const text = statementOf(activity);
        const way = text === undefined ? undefined : findEscape(text, 'simple');
        if (way !== undefined) throw refuse(`background.${activity.name}.statement`, way);
      }
      statements.forEach((text, index) => {
        const way = findEscape(text, protocol);
        if (way !== undefined) throw refuse(`connection.statements[${index}]`, way);
      });
    });
  }
}

function refuse(field: string, way: string): UsageError {
  return new UsageError(
    'STATEMENT_NOT_READ_ONLY',
    `${field} ${way}, so it could leave the read-only transaction in which it is sent: change it, or set connection.writes to true if it may write to the target`,
  );
}
