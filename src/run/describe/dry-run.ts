import { Readable } from 'node:stream';
import { estimateUs } from '../../analysis/search/settings.ts';
import { UsageError } from '../../errors.ts';
import { createArrivals } from '../../load/schedule/arrivals.ts';
import { checkResultPlace } from '../../result/write/result-place.ts';
import { parseDuration } from '../../scenario/duration.ts';
import type { LoadedScenario } from '../../scenario/file/read.ts';
import { type BlockPlan, type Plan, planRun } from '../../scenario/plan/plan.ts';
import { sumDurationsUs } from '../../scenario/plan/schedule.ts';
import { describeSearch } from '../../scenario/plan/search.ts';
import { findTaste } from '../../scenario/plan/taste.ts';
import { quoteStatement } from '../../scenario/quote-statement.ts';
import type { ResolvedHost } from '../../targets/naming/resolved-target.ts';
import { describeServer, describeTarget } from '../../targets/visit/describe.ts';
import { findConsent, UNASKED } from '../../targets/visit/safety.ts';
import { createNotes } from '../notes.ts';
import { assignTargets } from '../place/assign-targets.ts';
import { checkAddresses, choosePlace } from '../place/choose-place.ts';
import { findReserve } from '../place/run-lab.ts';
import { type Asking, confirmStorms, type StormsAsked } from '../prepare/consent.ts';
import { followTargets } from '../prepare/follow-targets.ts';
import type { Planned } from '../prepare/prepared.ts';
import type { RunRequest } from '../request.ts';
import { unlessStopped } from '../unless-stopped.ts';

/** What a run would do, without a connection to anything. `--dry-run --json` prints it. Times are microseconds. */
export interface DryRun {
  type: 'dryRun';
  version: 1;
  scenario: string;
  /** Rounds of all variants. */
  repeat: number;
  seed: number;
  /** The run would start a Postgres of its own. */
  lab: boolean;
  /** Slots of the target that are left to others, those that the lab's pools keep open among them. */
  reserve: number;
  variants: DryVariant[];
  /** Of all variants, rounds and warm-ups; of a search at most. */
  durationUs: number;
  /** How the rate would be settled before the first round; null: it is that of the scenario. */
  taste: { share: number; durationUs: number } | null;
  /** Of the same load before each leg; 0: none. */
  warmUpUs: number;
  /** What a person would be asked before the run, and what allows it already; null where nobody is asked. */
  consent: string | null;
  /** Where the result would go: a path, `-`, or null for a new file in results/. */
  out: string | null;
  /** What the run is called; null where it has no label. */
  label: string | null;
  /** As they were written. */
  budgets: readonly string[];
}

export interface DryVariant {
  /** null where the scenario has no variants. */
  name: string | null;
  /** Every server it may connect to; empty for the lab. */
  servers: string[];
  /** Without password and parameters; null for the lab. */
  target: string | null;
  driver: Plan['driver'];
  /** Statements of its own that each connection sends; null: it has none. */
  statements: DryStatements | null;
  /** Of one round; a search at most. */
  durationUs: number;
  /** Of one round; null where it is not known beforehand. */
  arrivalCount: number | null;
  /** null: as many as the target has free slots, less the reserve. */
  maxInFlight: number | null;
  blocks: DryBlock[];
  /** null: all is planned beforehand. */
  search: ({ estimateUs: number } & ReturnType<typeof describeSearch>) | null;
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
  /** It lasts until endUs even when all of its arrivals have ended. */
  lastsUntilEnd: boolean;
  /** null: clients that come again when they are done. */
  arrivalCount: number | null;
  /** The time from startUs on in which they come, 0 for all at once; less than the block's in a burst. null as above. */
  arrivalsUs: number | null;
  /** The most at any time; null: arrivals by a schedule. */
  clientCount: number | null;
  /** The moments of the first of its arrivals, since the start of the load. */
  firstArrivalsUs: number[];
}

const FIRST_ARRIVALS = 5;

/**
 * The plan of a run, its arrivals and what a person would be asked. Names are looked up; nothing is connected to, started
 * or written. Throws whatever a run throws before it connects or starts anything, but not for want of consent.
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
      ? variants.map((variant) => describeVariant(variant.name, planRun(variant.scenario), []))
      : planned.map(({ variant, plan, resolved }) =>
          describeVariant(variant, plan, resolved.hosts),
        );
  return {
    type: 'dryRun',
    version: 1,
    scenario: name,
    repeat,
    seed: variants[0].scenario.seed,
    lab: assigned === undefined,
    reserve: findReserve(reserve, variants, choice),
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

/** The very text with which a run is refused where nobody is there to be asked, or what gives the consent in its place. */
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
  name: string | undefined,
  plan: Plan,
  hosts: readonly ResolvedHost[],
): DryVariant {
  const { driver, durationUs, arrivalCount, maxInFlight, blocks, search } = plan;
  const [first] = hosts;
  return {
    name: name ?? null,
    servers: hosts.map(({ target, addresses }) =>
      describeServer({ ...target, address: addresses.join(', ') || target.address }),
    ),
    target: first === undefined ? null : describeTarget(first.target),
    driver,
    statements: describeStatements(plan, { isLab: first === undefined }),
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
