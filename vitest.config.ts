import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { entriesFromBuild } from './test/support/build/map-entries.ts';

/** Tests that start no process and no server and measure no time: what else runs beside them is all the same to them. */
const PURE = [
  'test/{analysis,metrics,report,result,scenario}/**/*.test.ts',
  'test/cli/{completion,dry-run,help,quiet,secrets,standard-input,usage}.test.ts',
  'test/commands/**/!(calibrate).test.ts',
  'test/library/*.test.ts',
  'test/{controls,counted,duration-text,errors,failure-text,layers,readme,secrets,wrap-text}.test.ts',
  'test/bench/{arguments,plan,run-benchmarks}.test.ts',
  'test/bench/{output,parties}/*.test.ts',
  'test/drivers/**/{channel-binding,failure,frames,pg-failure,pg-guard,pg-stamps,scram,scram-costs,time-limits}.test.ts',
  'test/lab/**/{find-pgbouncer,pgbouncer-ini,server-account,settings}.test.ts',
  'test/load/**/{agenda,appended-blocks,arrivals,client-numbers,event-ring,executors,failure-table,load-loop}.test.ts',
  'test/load/**/{loop-use,sessions,shares,simulated-hour,timers}.test.ts',
  'test/probes/**/!(accept-queue|postmaster).test.ts',
  'test/run/**/{foresee-comparison,foresee-limits,note-while-slow,notes,pinning,run-lab,step-guard,storm-plan}.test.ts',
  'test/support/build/*.test.ts',
  'test/targets/**/!(choose-hosts|no-home|preflight).test.ts',
];

/**
 * Tests that start servers or processes and look at what these answer, not at how fast: they mostly wait, and none
 * compares a time with what a slow machine could break. Their storms are of 50 connects at most.
 */
const ANSWERS = [
  'test/bench/{build,main}.test.ts',
  'test/bench/servers/*.test.ts',
  'test/cli/{completion-script,lab-by-name,launcher,mounts,process,unusable-target}.test.ts',
  'test/descriptors.test.ts',
  'test/drivers/**/{auth-requirement,closing,every-driver,keepalive,links,server-times,server-ways,spread}.test.ts',
  'test/drivers/**/{startup,tls,unix-socket,wire}.test.ts',
  'test/lab/**/{embedded,instant,lab-folder}.test.ts',
  'test/live/**/{inspect,lab,lab-cleanup,lab-pooler,lab-port,libpq,libpq-service,libpq-tls,lab-by-name,nameless-account,pgbouncer,preflight,standby,time-limits,tls,trust,unix-socket}.test.ts',
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
  'test/whole/{burst,kill-switch,library,run,server-ways,sessions,storm-counts,time-wait,windows}.test.ts',
  'test/cli/run.test.ts',
  'test/drivers/**/pg-storm.test.ts',
  'test/live/**/{drivers,pin,pooled-troubles,probes,run-pooled,server-times,sessions,storm}.test.ts',
  'test/load/**/coordinator.test.ts',
  'test/run/**/{storm,taste,variants,warm-up}.test.ts',
];

/** Files at a time, of tests that mostly wait. */
const WAITING_WORKERS = Math.min(12, 3 * availableParallelism());

const LABS = 'test/support/servers/template-folder.ts';

/** Half a minute in few lines. */
const LONGEST = 'test/load/simulated-hour.test.ts';

/** Where nothing is known of files but their size, the longest might begin when all others are done, and one CPU idle. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => moduleId.endsWith(LONGEST);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
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
          name: 'pure',
          include: PURE,
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
          name: 'machine',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...PURE, ...ANSWERS, ...COUNTS, 'test/long/**'],
          globalSetup: LABS,
          // They load the machine or measure time: side by side they would measure each other.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
