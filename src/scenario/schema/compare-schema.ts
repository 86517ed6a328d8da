import { z } from 'zod';
import { parseFigure } from '../figure.ts';
import { duration } from './duration-field.ts';

/** What may differ between sides without spoiling a comparison. */
export const ACROSS = ['auth', 'tls', 'server'] as const;
export type Across = (typeof ACROSS)[number];

const figure = z
  .string({ error: 'must be a figure such as firstQuery p(99)' })
  .superRefine((text, context) => {
    const parsed = parseFigure(text);
    if ('fault' in parsed) context.addIssue({ code: 'custom', message: parsed.fault });
  });

const SHARE = 'must be a share from 0 to 10 (0.05 for 5 %)';

export const compareSchema = z
  .strictObject({
    primary: figure
      .exactOptional()
      .describe(
        'The one figure that is judged, as METRIC AGGREGATION: the metric is latency, serviceTime, firstQuery, ' +
          'firstQueryServiceTime, a phase or sessionLatency, the aggregation p(50), p(90), p(95), p(99), p(99.9) or max. Without it ' +
          "p(99) of firstQueryServiceTime (from the actual start to the first query's result), or of serviceTime where there are no " +
          'queries; firstQuery and serviceTime in a closed loop.',
      ),
    relative: z
      .number({ error: SHARE })
      .min(0, { error: SHARE })
      .max(10, { error: SHARE })
      .default(0.05)
      .describe('Differences of at most this share of the baseline (0.05 for 5 %) do not matter.'),
    absolute: duration({ atLeast: '0s', atMost: '1h' })
      .default('1ms')
      .describe('Nor do those of at most this time; the larger of the two counts.'),
    across: z
      .array(z.enum(ACROSS), {
        error: `must be a list of ${ACROSS.join(', ')}`,
      })
      .exactOptional()
      .describe(
        'What is meant to differ between the variants though it makes connects dearer by itself: auth (the method the server ' +
          'asks for), tls, server (another Postgres). Else variants that differ in it get no verdict.',
      ),
  })
  .prefault({})
  .describe(
    'How the variants are compared: each with the first one, by rounds; from 5 rounds on there is a verdict.',
  );

export type CompareSettings = z.output<typeof compareSchema>;
