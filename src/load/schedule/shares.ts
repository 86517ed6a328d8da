import type { BlockPlan, Plan, Step } from '../../scenario/plan/plan.ts';
import type { BlockShare } from './block.ts';

/** All blocks of a plan as worker `worker` of `workers` has them. */
export function sharePlan({ blocks, steps }: Plan, worker: number, workers: number): BlockShare[] {
  return blocks.map((block, index) => {
    const own = steps.filter((step) => step.block === index);
    return shareBlock(block, own, worker, workers);
  });
}

/** A block, with its steps, as worker `worker` of `workers` has it. */
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

/** A cap divided among the workers, the remainder to the first. */
export function shareOf(cap: number, worker: number, workers: number): number {
  return Math.floor(cap / workers) + (worker < cap % workers ? 1 : 0);
}
