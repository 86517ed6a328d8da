import type { Plan } from '../scenario/plan.ts';
import type { BlockShare } from './block.ts';

/** Block `index` as worker `worker` of `workers` has it. */
export function shareBlock(plan: Plan, index: number, worker: number, workers: number): BlockShare {
  const block = plan.blocks[index];
  if (block === undefined) throw new RangeError(`there is no block ${index}`);
  const share = (cap: number | undefined): number =>
    cap === undefined ? Number.POSITIVE_INFINITY : shareOf(cap, worker, workers);
  return {
    plan: block,
    steps: plan.steps.filter((step) => step.block === index),
    maxInFlight: share(block.maxInFlight),
    maxOpen: share(block.maxOpen),
  };
}

/** A cap divided among the workers, the remainder to the first. */
export function shareOf(cap: number, worker: number, workers: number): number {
  return Math.floor(cap / workers) + (worker < cap % workers ? 1 : 0);
}
