import { z } from 'zod';

/** About as much as fits in a line of a report. */
const LONGEST_LABEL = 200;
/** C0 and C1 controls, and characters that change the direction of text. They can affect a terminal. */
const CONTROLS = /[\p{Cc}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/u;
const EXPECTED = `must be text of 1 to ${LONGEST_LABEL} characters in one line, without control characters`;

/** Notes about a run. They do not change what is done. */
export const runSchema = z
  .strictObject({
    label: z
      .string({ error: EXPECTED })
      .min(1, { error: EXPECTED })
      .max(LONGEST_LABEL, { error: EXPECTED })
      .refine((text) => !CONTROLS.test(text), { error: EXPECTED })
      .exactOptional()
      .describe(
        'Free text by which you recognise this run, such as a version or a change. It is kept in the result and ' +
          'shown in the report. `--label TEXT` sets it.',
      ),
  })
  .exactOptional()
  .describe('Notes that are kept with the result.');

export const needsSchema = z
  .strictObject({
    cpus: z
      .int()
      .min(1)
      .max(1024)
      .describe(
        'How many CPUs of this machine connstorm must be able to use, for the lab and for itself.',
      )
      .exactOptional(),
    hugePages: z
      .literal(true, { error: 'must be true' })
      .describe(
        'Enough free huge pages for the servers of the lab with lab.postgres.hugePages on. Postgres itself says ' +
          'how many these are. On another target this is not checked.',
      )
      .exactOptional(),
  })
  .refine((needs) => Object.keys(needs).length > 0, { error: 'must have cpus or hugePages' })
  .exactOptional()
  .describe(
    'What this machine must have for the scenario to show anything. If it has less, the run says so in one ' +
      'line, starts nothing and ends with exit code 0.',
  );

export type Needs = NonNullable<z.output<typeof needsSchema>>;
