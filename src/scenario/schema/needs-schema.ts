import { z } from 'zod';

export const needsSchema = z
  .strictObject({
    cpus: z
      .int()
      .min(1)
      .max(1024)
      .describe(
        'The fewest CPUs that connstorm may use on this machine, for the lab and for itself.',
      ),
  })
  .exactOptional()
  .describe(
    'What this machine must have so that the scenario can show anything. If it has less, the run says so in one ' +
      'line, starts nothing and ends with exit code 0.',
  );

export type Needs = NonNullable<z.output<typeof needsSchema>>;
