import type { BlockPlan, Plan, Step } from '../../scenario/plan/plan.ts';
import type { BlockShare } from './block.ts';

/** Returns the share of worker `worker` of `workers` in each block of a plan. */
export function sharePlan({ blocks, steps }: Plan, worker: number, workers: number): BlockShare[] {
  return blocks.map((block, index) => {
    const own = steps.filter((step) => step.block === index);
    return shareBlock(block, own, worker, workers);
  });
}

/** Returns the share of worker `worker` of `workers` in a block and its steps. */
export function shareBlock(
  block: BlockPlan,
  steps: readonly Step[],
  worker: number,
  workers: number,
): BlockShare {
  const share = (cap: number | undefined): number =>
    cap === undefined ? Number.POSITIVE_INFINITY : shareOf(cap, worker, workers);
  return {
    plan: block,
    steps,
    maxInFlight: share(block.maxInFlight),
    maxOpen: share(block.maxOpen),
  };
}

/** Divides a cap among the workers; the first ones get the remainder. */
export function shareOf(cap: number, worker: number, workers: number): number {
  return Math.floor(cap / workers) + (worker < cap % workers ? 1 : 0);
}
