import { z } from 'zod';
import { duration } from '../duration-field.ts';
import { passedText } from '../statements-schema.ts';

/** Time that an event allows if the scenario does not say. */
const DEFAULT_ALLOW = '60s';
export const MOST_EVENTS = 100;

/** Fields of every event. */
const common = {
  at: duration({ atLeast: '0s', atMost: '7d' }).describe(
    'When the event begins, counted from the start of the load. It must lie before the end of the load, and no two ' +
      'events may begin at the same moment.',
  ),
  allow: duration({ atLeast: '100ms', atMost: '1h' })
    .default(DEFAULT_ALLOW)
    .describe(
      'How long, from its beginning, the event may cut off or delay others. During this time the kill switch does not ' +
        'end the run. If the event has not ended by then, it has failed. exec has a timeout of its own.',
    ),
};

const modeOfStop = (what: string) =>
  z
    .enum(['smart', 'fast', 'immediate'])
    .default('fast')
    .describe(
      `How the server is stopped${what}, as with pg_ctl. smart: it waits until all clients have left; fast: it ends ` +
        'their sessions and writes a checkpoint; immediate: it ends at once and recovers at its next start.',
    );

const restart = z
  .strictObject({
    ...common,
    do: z.literal('restart').describe("The lab's server is stopped and started again."),
    mode: modeOfStop(' first'),
  })
  .describe("Stops the lab's server and starts it again.");

const stop = z
  .strictObject({
    ...common,
    do: z.literal('stop').describe("The lab's server is stopped."),
    mode: modeOfStop(''),
  })
  .describe("Stops the lab's server. If no start follows, it is started again after the load.");

const start = z
  .strictObject({
    ...common,
    do: z.literal('start').describe("The lab's server is started again after a stop."),
  })
  .describe(
    "Starts the lab's server after a stop. The event has ended when the server accepts logins.",
  );

const crash = z
  .strictObject({
    ...common,
    do: z.literal('crash').describe("One backend of the lab's server is killed."),
  })
  .describe(
    'Kills one client backend with SIGKILL, as the kernel does when memory runs out. The server then ends all sessions ' +
      'and recovers.',
  );

const stall = z
  .strictObject({
    ...common,
    do: z.literal('stall').describe("The lab's postmaster is stopped for a while."),
    duration: duration({ atLeast: '1ms', atMost: '10m' }).describe('How long it is stopped.'),
  })
  .describe(
    'Stops only the postmaster, with SIGSTOP, and then lets it go on. Open sessions keep working; new ones wait.',
  );

const dropAll = z
  .strictObject({
    ...common,
    do: z.literal('drop-all').describe('All open sessions of the storm are ended.'),
  })
  .describe(
    'Ends the open sessions of the storm with pg_terminate_backend, and no others. It is refused behind a pooler.',
  );

const reload = z
  .strictObject({
    ...common,
    do: z.literal('reload').describe('The server reads its configuration again.'),
  })
  .describe('Makes the server read its configuration again (pg_reload_conf).');

const promote = z
  .strictObject({
    ...common,
    do: z.literal('promote').describe("The lab's standby becomes the primary."),
    lostPrimary: z
      .boolean()
      .default(false)
      .describe(
        'Whether the old primary is lost. If so, it is stopped immediately before the standby is promoted. Otherwise ' +
          'both run, as after a fail-over that did not stop the old primary.',
      ),
  })
  .describe("Promotes the lab's standby (lab.replicas) to a primary.");

const exec = z
  .strictObject({
    ...common,
    do: z.literal('exec').describe('A command of yours is run on this machine.'),
    command: passedText.describe(
      'The command, which /bin/sh runs. The variables CONNSTORM_HOST, CONNSTORM_PORT, CONNSTORM_USER and ' +
        'CONNSTORM_DATABASE name the target. The event fails if the exit code is not 0. The first and the last 4 KiB ' +
        'of the output are kept.',
    ),
    timeout: duration({ atLeast: '100ms', atMost: '1h' })
      .default('60s')
      .describe(
        'How long the command may take. After that it is ended, with all processes that it started, and the event has failed.',
      ),
  })
  .describe(
    'Runs a command, such as your own fail-over. Unless the scenario is a built-in one, this needs --trust-scenario. ' +
      'Unless the target is the lab, it also needs a confirmation before the run, which names the command.',
  );

export const eventSchema = z
  .discriminatedUnion('do', [restart, stop, start, crash, stall, dropAll, reload, promote, exec])
  .describe('Something that happens while the load runs.');

export const eventsField = z
  .array(eventSchema)
  .max(MOST_EVENTS)
  .exactOptional()
  .describe(
    'What is done to the server while the load runs, such as `- { at: 5s, do: restart, mode: fast }`. Each event begins ' +
      'at its moment. An event that starts, stops or harms the server first waits until the one before it has ended. If ' +
      'an event fails, the run ends with what was measured and exit code 108. Warm-ups and tastes have no events.',
  );

export type ScenarioEvent = z.output<typeof eventSchema>;
