import { Readable } from 'node:stream';
import { estimateUs } from '../../analysis/search/settings.ts';
import { UsageError } from '../../errors.ts';
import { createArrivals } from '../../load/schedule/arrivals.ts';
import { checkResultPlace } from '../../result/write/result-place.ts';
import { parseDuration } from '../../scenario/duration.ts';
import { describeEvent } from '../../scenario/events/describe-event.ts';
import type { LoadedScenario } from '../../scenario/file/read.ts';
import { type BlockPlan, type Plan, planRun } from '../../scenario/plan/plan.ts';
import { sumDurationsUs } from '../../scenario/plan/schedule.ts';
import { describeSearch } from '../../scenario/plan/search.ts';
import { findTaste } from '../../scenario/plan/taste.ts';
import { quoteStatement } from '../../scenario/quote-statement.ts';
import type { Scenario } from '../../scenario/schema/schema.ts';
import type { ResolvedHost } from '../../targets/naming/resolved-target.ts';
import { describeServer, describeTarget } from '../../targets/visit/describe.ts';
import { DEFAULT_RESERVE } from '../../targets/visit/limits.ts';
import { findConsent, UNASKED } from '../../targets/visit/safety.ts';
import { createNotes } from '../notes.ts';
import { assignTargets } from '../place/assign-targets.ts';
import { checkAddresses, choosePlace } from '../place/choose-place.ts';
import { countPoolSlots } from '../place/run-lab.ts';
import { type Asking, confirmStorms, type StormsAsked } from '../prepare/consent.ts';
import { followTargets } from '../prepare/follow-targets.ts';
import type { Planned } from '../prepare/prepared.ts';
import type { RunRequest } from '../request.ts';
import { unlessStopped } from '../unless-stopped.ts';

/**
 * What a run would do, found out without connecting to anything. `--dry-run --json` prints it. Durations and moments
 * are microseconds.
 */
export interface DryRun {
  type: 'dryRun';
  version: 1;
  scenario: string;
  /** Number of rounds. */
  repeat: number;
  seed: number;
  /** Whether the run would start a lab. */
  lab: boolean;
  /** Slots of the target that are left to others. */
  reserve: number;
  /** Further slots that are left to the lab's pooler; 0 without one. */
  poolSlots: number;
  variants: DryVariant[];
  /** Length of all variants, rounds and warm-ups together; for searches the longest possible. */
  durationUs: number;
  /** How the rate would be chosen before the first round; null: the scenario gives the rate. */
  taste: { share: number; durationUs: number } | null;
  /** Length of the warm-up before each leg; 0: none. */
  warmUpUs: number;
  /** The question before the run, and what answers it already; null if no confirmation is needed. */
  consent: string | null;
  /** Where the result would go: a path, or `-`; null for a new file in results/. */
  out: string | null;
  /** Label of the run; null if it has none. */
  label: string | null;
  /** The budgets as they were written. */
  budgets: readonly string[];
}

export interface DryVariant {
  /** Name of the variant; null if the scenario has no variants. */
  name: string | null;
  /** The role of its target, such as pooled; null if the scenario names none. */
  role: string | null;
  /** Every server that the variant may connect to; empty for the lab. */
  servers: string[];
  /** The target without password and parameters; null for the lab. */
  target: string | null;
  driver: Plan['driver'];
  /** Statements of its own that each connection sends; null: it has none. */
  statements: DryStatements | null;
  /** Events in the order of their times; empty if it has none. */
  events: DryEvent[];
  /** Length of one round; for a search the longest possible. */
  durationUs: number;
  /** Arrivals of one round; null if their number is not known beforehand. */
  arrivalCount: number | null;
  /** The cap on attempts in flight. null: as many as the target has free slots, minus the reserve and the pooler's slots. */
  maxInFlight: number | null;
  blocks: DryBlock[];
  /** The search's settings and its estimated length; null: everything is planned beforehand. */
  search: ({ estimateUs: number } & ReturnType<typeof describeSearch>) | null;
}

export interface DryEvent {
  /** When it begins, since the start of the load. */
  atUs: number;
  /** What it does, e.g. `restart fast`. */
  text: string;
  /** For how long it may cut off others without a kill. */
  allowUs: number;
}

export interface DryStatements {
  /** In one line each, without passwords, and cut after 200 characters. */
  texts: string[];
  protocol: Plan['connection']['protocol'];
  /** False: they are sent in read-only transactions. In the lab they may always write. */
  mayWrite: boolean;
}

export interface DryBlock {
  name: string;
  executor: string;
  startUs: number;
  endUs: number;
  /** Whether the block lasts until endUs even if all of its arrivals have ended. */
  lastsUntilEnd: boolean;
  /** Number of arrivals; null in a closed loop. */
  arrivalCount: number | null;
  /**
   * Time from startUs on in which the arrivals come. In a burst it is shorter than the block; 0: all at once. null in a
   * closed loop.
   */
  arrivalsUs: number | null;
  /** The largest number of clients at any time; null in an open loop. */
  clientCount: number | null;
  /** Moments of the first arrivals, since the start of the load. */
  firstArrivalsUs: number[];
}

const FIRST_ARRIVALS = 5;

/**
 * Returns the plan of a run, its first arrivals, and the question that a person would be asked. Names are looked up;
 * nothing is connected to, started or written. Throws whatever a run throws before it connects or starts anything. A
 * missing consent is no error here.
 */
export async function planDryRun(request: RunRequest): Promise<DryRun> {
  const { loaded, targets, env, reserve, stop, out, overwrite, observer } = request;
  const { beyondSlots = false, yes, stderr } = request;
  const { name, repeat, variants } = loaded;
  await checkAddresses(loaded);
  checkResultPlace(out, { overwrite });
  const choice = await choosePlace(request);
  const assigned =
    choice === undefined
      ? await unlessStopped(stop, assignTargets({ variants, texts: targets, env }))
      : undefined;
  const planned =
    assigned === undefined ? [] : followTargets(assigned, loaded.flagged, createNotes(observer));
  const described =
    assigned === undefined
      ? variants.map(({ name, scenario }) =>
          describeVariant({ name, scenario }, planRun(scenario), []),
        )
      : planned.map(({ variant, scenario, plan, resolved }) =>
          describeVariant({ name: variant, scenario }, plan, resolved.hosts),
        );
  return {
    type: 'dryRun',
    version: 1,
    scenario: name,
    repeat,
    seed: variants[0].scenario.seed,
    lab: assigned === undefined,
    reserve: reserve ?? DEFAULT_RESERVE,
    poolSlots: countPoolSlots(variants, choice),
    taste: describeTaste(loaded),
    warmUpUs: loaded.warmUpUs,
    variants: described,
    durationUs:
      described.reduce((sum, { durationUs }) => sum + durationUs + loaded.warmUpUs, 0) * repeat,
    consent:
      assigned === undefined
        ? null
        : await readConsent(
            planned,
            { loaded, beyondSlots, isLab: false },
            { yes, env, stderr, stop },
          ),
    out: typeof out === 'string' ? out : null,
    label: loaded.label ?? null,
    budgets: loaded.budgets,
  };
}

function describeTaste(loaded: LoadedScenario): DryRun['taste'] {
  const taste = findTaste(loaded);
  if (taste === undefined) return null;
  return { share: taste.share, durationUs: parseDuration(taste.duration) };
}

/**
 * Returns the text of the question. It is the text with which a run is refused if it cannot ask; if a flag or the
 * environment gives the consent, the text names that instead. Returns null if no consent is needed.
 */
async function readConsent(
  planned: readonly Planned[],
  asked: StormsAsked,
  { yes, env, ...asking }: Omit<Asking, 'stdin'>,
): Promise<string | null> {
  const unasked = {
    yes: false,
    env: { ...env, CONNSTORM_YES: undefined },
    stdin: Readable.from([]),
  };
  try {
    await confirmStorms(planned, asked, { ...asking, ...unasked });
    return null;
  } catch (error) {
    if (!(error instanceof UsageError) || error.code !== 'NOT_CONFIRMED') throw error;
    const given = findConsent(yes, env);
    return given === undefined
      ? error.message
      : error.message.replace(UNASKED, `given by ${given}`);
  }
}

function describeVariant(
  { name, scenario }: { name: string | undefined; scenario: Pick<Scenario, 'target'> },
  plan: Plan,
  hosts: readonly ResolvedHost[],
): DryVariant {
  const { driver, durationUs, arrivalCount, maxInFlight, blocks, search } = plan;
  const [first] = hosts;
  return {
    name: name ?? null,
    role: scenario.target ?? null,
    servers: hosts.map(({ target, addresses }) =>
      describeServer({ ...target, address: addresses.join(', ') || target.address }),
    ),
    target: first === undefined ? null : describeTarget(first.target),
    driver,
    statements: describeStatements(plan, { isLab: first === undefined }),
    events: plan.events
      .map(({ atUs, allowUs, action }) => ({ atUs, text: describeEvent(action), allowUs }))
      .toSorted((a, b) => a.atUs - b.atUs),
    durationUs,
    arrivalCount,
    maxInFlight: maxInFlight ?? null,
    blocks: blocks.map(describeBlock),
    search:
      search === undefined
        ? null
        : { estimateUs: estimateUs(describeSearch(search)), ...describeSearch(search) },
  };
}

function describeStatements(
  { connection: { statements, protocol, writes } }: Plan,
  { isLab }: { isLab: boolean },
): DryStatements | null {
  if (statements === undefined) return null;
  return { texts: statements.map(quoteStatement), protocol, mayWrite: isLab || writes };
}

function describeBlock(block: BlockPlan): DryBlock {
  const { name, executor, startUs, endUs, lastsUntilEnd, pace } = block;
  return {
    name,
    executor,
    startUs,
    endUs,
    lastsUntilEnd,
    arrivalCount: pace.loop === 'open' ? pace.schedule.arrivalCount : null,
    arrivalsUs: pace.loop === 'open' ? sumDurationsUs(pace.schedule.pieces) : null,
    clientCount: pace.loop === 'closed' ? pace.clients.clientCount : null,
    firstArrivalsUs:
      pace.loop === 'open' ? listFirst(pace.schedule).map((atUs) => startUs + atUs) : [],
  };
}

function listFirst(schedule: Parameters<typeof createArrivals>[0]): number[] {
  const arrivals = createArrivals(schedule, { worker: 0, workers: 1 });
  const first: number[] = [];
  while (first.length < FIRST_ARRIVALS && arrivals.advance()) first.push(arrivals.atUs);
  return first;
}
