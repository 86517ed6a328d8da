import { z } from 'zod';
import { duration } from './duration-field.ts';

/** What part of the capacity is offered: far enough from saturation that a queue is not what is compared. */
const DEFAULT_SHARE = 0.33;

export const tasteSchema = z
  .strictObject({
    share: z
      .number()
      .min(0.01)
      .max(0.9)
      .default(DEFAULT_SHARE)
      .describe('The share of what the slowest variant takes that becomes load.rate.'),
    duration: duration({ atLeast: '500ms', atMost: '30s' })
      .default('2s')
      .describe('How long each variant is tasted; 2,000 attempts end it earlier.'),
    clients: z
      .int()
      .min(1)
      .max(64)
      .default(8)
      .describe('How many clients connect in a loop meanwhile, without hold and retry.'),
  })
  .exactOptional()
  .describe(
    'Has load.rate follow from what the target takes: before the first leg, clients in a closed loop connect to each ' +
      'variant for a short while, and all variants get the same share of what the slowest of them took, at most load.rate. ' +
      'With a load of one constant-arrival-rate. A rate by flag or environment outranks it.',
  );

export type Taste = NonNullable<z.output<typeof tasteSchema>>;
