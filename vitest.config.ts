import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { entriesFromBuild } from './test/support/build/map-entries.ts';

/**
 * Tests that start servers or processes and look at what these answer, not at how fast: they mostly wait, and none
 * compares a time with what a slow machine could break. Their storms are of 50 connects at most.
 */
const ANSWERS = [
  'test/bench/{build,main}.test.ts',
  'test/bench/servers/*.test.ts',
  'test/commands/inspect.test.ts',
  'test/cli/{completion-script,lab-by-name,launcher,mounts,process,unusable-target}.test.ts',
  'test/descriptors.test.ts',
  'test/drivers/**/{auth-requirement,closing,create-driver,every-driver,fuzz,keepalive,links,server-times,server-ways}.test.ts',
  'test/drivers/**/{startup,tls,unix-socket,wire}.test.ts',
  'test/lab/**/{embedded,instant,lab-folder}.test.ts',
  'test/live/**/{docs-session,inspect,lab,lab-cleanup,lab-interrupted,lab-pooler,lab-port,libpq,libpq-service,libpq-tls,lab-by-name,nameless-account,pgbouncer,preflight,standby,time-limits,tls,trust,unix-socket}.test.ts',
  'test/load/**/pulse.test.ts',
  'test/probes/**/{accept-queue,postmaster}.test.ts',
  'test/support/servers/known-server.test.ts',
  'test/v8-flags.test.ts',
  'test/targets/**/{choose-hosts,preflight}.test.ts',
];

/**
 * Whole runs, of which counts are looked at, and times from below, or from above by seconds: what runs beside them may slow them down. None
 * wants its run to be valid unless its server is so slow that no late start of ours could spoil that.
 */
const COUNTS = [
  'test/**/*.server.test.ts',
  'test/whole/**/{generator-truth,kill-switch,library,run,server-ways,sessions,storm-counts,time-wait}.test.ts',
  'test/cli/run.test.ts',
  'test/drivers/**/pg-storm.test.ts',
  'test/live/**/{drivers,haproxy,pin,pooled-troubles,probes,run-pooled,server-times,sessions,storm}.test.ts',
  'test/load/**/coordinator.test.ts',
];

/** Files at a time, of tests that mostly wait. */
const WAITING_WORKERS = Math.min(12, 3 * availableParallelism());

const LABS = 'test/support/servers/template-folder.ts';

/** Replaces a module of Node's, which no other file may meet. */
const ALONE = 'test/targets/no-home.test.ts';

/** Part of `npm run test:real`. */
const REAL = 'test/**/*.real.test.ts';

/** In their order. */
const LONGEST = [
  'test/cli/run.test.ts',
  'test/whole/storm-counts.test.ts',
  'test/whole/disturbed/kill-switch.test.ts',
  'test/live/probes.test.ts',
  'test/whole/server-ways.test.ts',
  'test/live/storm.test.ts',
  'test/live/lab/lab-cleanup.test.ts',
  'test/live/login/tls.test.ts',
];

/** Where nothing is known of files but their size, the longest might begin when all others are done, and one CPU idle. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = LONGEST.findIndex((long) => moduleId.endsWith(long));
      return rank < 0 ? LONGEST.length : rank;
    };
    return sorted.sort((one, other) => rankOf(one) - rankOf(other));
  }
}

export default defineConfig({
  plugins: [entriesFromBuild],
  test: {
    globalSetup: ['test/support/build/fresh-build.ts', 'test/support/scratch-folder.ts'],
    sequence: { sequencer: LongestFirst },
    setupFiles: 'test/support/real-timers.ts',
    // For what hangs: a machine that is busy with something else may take several times as long as a free one.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    projects: [
      {
        extends: true,
        test: {
          // What no list has: tests that start no process and no server and measure no time.
          name: 'pure',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...ANSWERS, ...COUNTS, ALONE, REAL, 'test/long/**'],
          // They keep no state in modules, so that a worker may run many: a new one for each costs more than its tests.
          isolate: false,
          // Nobody else needs a CPU.
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'answers',
          include: [...ANSWERS, ...COUNTS],
          globalSetup: LABS,
          // As in `pure`: imports alone cost a file more than a second of a CPU.
          isolate: false,
          // They mostly wait: with one for each CPU, most CPUs would have nothing to do.
          maxWorkers: WAITING_WORKERS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: [ALONE],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
