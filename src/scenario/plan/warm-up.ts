import { describeGot } from '../describe-got.ts';
import { parseDuration } from '../duration.ts';
import { type LoadBlock, listBlocks } from '../schema/load-schema.ts';
import type { Scenario } from '../schema/schema.ts';
import type { BlockPlan } from './blocks.ts';
import { measureLoad, type Plan, planRun } from './plan.ts';
import {
  type ClientPiece,
  countArrivals,
  type RatePiece,
  type ScheduleProblem,
} from './schedule.ts';

/** Plans the unmeasured load before a leg of `seed`: the scenario's own load, cut to `untilUs`. */
export function planWarmUp(scenario: Scenario, seed: number, untilUs: number): Plan {
  return cutPlan(planRun({ ...scenario, seed: seedOfWarmUp(seed) }), untilUs);
}

/**
 * Returns a seed that is the same for all variants of a round and differs from those of its blocks, which plan.ts
 * derives from small multiples.
 */
function seedOfWarmUp(seed: number): number {
  return ~seed >>> 0;
}

/** Returns the part of a plan before `untilUs`. Blocks that begin later are left out. */
function cutPlan(plan: Plan, untilUs: number): Plan {
  const blocks = plan.blocks
    .filter(({ startUs }) => startUs < untilUs)
    .map((block) => cutBlockAt(block, untilUs));
  return { ...plan, blocks, ...measureLoad(blocks), maxInFlight: plan.maxInFlight };
}

function cutBlockAt(block: BlockPlan, untilUs: number): BlockPlan {
  if (block.endUs <= untilUs) return block;
  const { pace, startUs } = block;
  return { ...block, endUs: untilUs, pace: cutPace(pace, untilUs - startUs) };
}

function cutPace(pace: BlockPlan['pace'], lengthUs: number): BlockPlan['pace'] {
  if (pace.loop === 'closed') {
    const pieces = cutPieces(pace.clients.pieces, lengthUs, cutClients);
    const counts = pieces.flatMap(({ startClients, endClients }) => [startClients, endClients]);
    return {
      loop: 'closed',
      clients: { ...pace.clients, pieces, clientCount: Math.max(...counts) },
    };
  }
  const { schedule } = pace;
  // All clients come at once, and so before any end.
  if (schedule.pieces.length === 0) return pace;
  const pieces = cutPieces(schedule.pieces, lengthUs, cutRate);
  return { loop: 'open', schedule: { ...schedule, pieces, arrivalCount: countArrivals(pieces) } };
}

/** Cuts pieces to `lengthUs`. `cut`: returns the first `share` (0 to 1) of a piece. */
function cutPieces<Piece extends { durationUs: number }>(
  pieces: readonly Piece[],
  lengthUs: number,
  cut: (piece: Piece, share: number) => Piece,
): Piece[] {
  let leftUs = lengthUs;
  return pieces.flatMap((piece) => {
    const durationUs = Math.min(piece.durationUs, leftUs);
    leftUs -= durationUs;
    if (durationUs === piece.durationUs) return [piece];
    return durationUs === 0 ? [] : [{ ...cut(piece, durationUs / piece.durationUs), durationUs }];
  });
}

function cutRate(piece: RatePiece, share: number): RatePiece {
  const { startRatePerSecond: from, endRatePerSecond: to } = piece;
  return { ...piece, endRatePerSecond: from + (to - from) * share };
}

/** Rounds up, so that a ramp that is cut still has its first client. */
function cutClients(piece: ClientPiece, share: number): ClientPiece {
  const { startClients: from, endClients: to } = piece;
  return { ...piece, endClients: Math.ceil(from + (to - from) * share) };
}

/** Returns why the warm-up cannot be used. `name`: the variant's; undefined without variants. */
export function findWarmUpProblems(
  warmUp: string,
  variants: readonly { name: string | undefined; scenario: Pick<Scenario, 'load'> }[],
): ScheduleProblem[] {
  const us = parseDuration(warmUp);
  if (us === 0) return [];
  for (const { name, scenario } of variants) {
    const text = describeObstacle(us, scenario);
    const whose = name === undefined ? '' : ` (variant ${name})`;
    if (text !== undefined)
      return [{ path: ['warmUp'], text: describeGot(text, `${warmUp}${whose}`) }];
  }
  return [];
}

function describeObstacle(warmUpUs: number, { load }: Pick<Scenario, 'load'>): string | undefined {
  const blocks = listBlocks<LoadBlock>(load).map(({ block }) => block);
  const planned = blocks.flatMap((block) =>
    block.executor === 'saturation-search' ? [] : [block],
  );
  if (planned.length < blocks.length) return NO_SEARCH;
  const [first = '0s'] = planned
    .map(({ startTime }) => startTime)
    .sort((one, other) => parseDuration(one) - parseDuration(other));
  if (warmUpUs > parseDuration(first)) return undefined;
  return `must be longer than the load's startTime (${first}), or nothing is warmed up`;
}

const NO_SEARCH =
  'cannot be used with saturation-search, which begins at a low rate by itself: leave it out';
