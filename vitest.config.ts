import { configDefaults, defineConfig } from 'vitest/config';

/** Tests that start no process and no server and measure no time: what else runs beside them is all the same to them. */
const PURE = [
  'test/{analysis,metrics,report,result,scenario}/**/*.test.ts',
  'test/commands/!(calibrate).test.ts',
  'test/{layers,readme}.test.ts',
  'test/bench/figures.test.ts',
  'test/drivers/{channel-binding,failure,frames,pg-failure,pg-guard,scram}.test.ts',
  'test/lab/{server-account,settings}.test.ts',
  'test/load/{arrivals,event-ring,failure-table}.test.ts',
  'test/probes/!(accept-queue|own-process|postmaster|worker).test.ts',
  'test/target/!(choose-hosts|local-addresses|preflight|settle-sslmode).test.ts',
];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: PURE,
          // They keep no state in modules, so that a worker may run many: a new one for each costs more than its tests.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'machine',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...PURE],
          // They load the machine or measure time: side by side they would measure each other.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
