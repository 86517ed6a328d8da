import { z } from 'zod';
import { parseFigure } from '../figure.ts';
import { duration } from './duration-field.ts';

/** Differences between the sides of a comparison that may be declared as intended. */
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
        'The one figure that is judged, as METRIC AGGREGATION. The metric is latency, serviceTime, firstQuery, ' +
          'firstQueryServiceTime, usable, usableServiceTime, sessionLatency or a phase; the aggregation is p(50), ' +
          'p(90), p(95), p(99), p(99.9) or max. Default: p(99) of firstQueryServiceTime (from the actual start to the ' +
          "first query's result), or of serviceTime if there are no queries. In a closed loop: firstQuery, or " +
          'serviceTime. If both sides have connection.statements, usableServiceTime (in a closed loop usable) takes ' +
          'the place of the first query.',
      ),
    relative: z
      .number({ error: SHARE })
      .min(0, { error: SHARE })
      .max(10, { error: SHARE })
      .default(0.05)
      .describe('Differences of at most this share of the baseline (0.05 for 5 %) do not matter.'),
    absolute: duration({ atLeast: '0s', atMost: '1h' })
      .default('1ms')
      .describe(
        'Differences of at most this time do not matter either. The larger of relative and absolute decides.',
      ),
    across: z
      .array(z.enum(ACROSS), {
        error: `must be a list of ${ACROSS.join(', ')}`,
      })
      .exactOptional()
      .describe(
        'Differences between the variants that you intend: auth (the method that the server asks for), tls, ' +
          'server (another Postgres). Each of them changes the cost of a connect by itself, so variants that differ ' +
          'in one get no verdict, unless it is listed here or the variants override it themselves ' +
          '(connection.sslmode, lab).',
      ),
  })
  .prefault({})
  .describe(
    'How the variants are compared. Each is compared with the first one, round by round. A verdict needs at least 5 rounds.',
  );

export type CompareSettings = z.output<typeof compareSchema>;
