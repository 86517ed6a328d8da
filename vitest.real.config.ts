import { configDefaults, defineConfig } from 'vitest/config';
import { entriesFromBuild } from './test/support/build/map-entries.ts';

/**
 * Whole scenarios and programs of others, and times that the machine itself takes part in: `npm run test:real`, six minutes at
 * most. Each has a shorter form in `npm test`.
 */

/** Whole searches, which mostly wait, and look at counts and causes. */
const WAITING = [
  'test/{run,whole}/**/{burst,kill-switch,search,windows}.real.test.ts',
  'test/whole/scenarios/*.real.test.ts',
];

/** In `npm test` with a part of the cases that they have here. */
const LAWS = [
  'test/analysis/comparison/false-verdicts.test.ts',
  'test/analysis/search/{repetition,truth}.test.ts',
  'test/commands/damaged-results.test.ts',
  'test/load/simulated-hour.test.ts',
];
const FUZZED = 'test/drivers/fuzz.test.ts';

export default defineConfig({
  plugins: [entriesFromBuild],
  test: {
    globalSetup: [
      'test/support/build/fresh-build.ts',
      'test/support/scratch-folder.ts',
      'test/support/servers/template-folder.ts',
    ],
    setupFiles: 'test/support/real-timers.ts',
    testTimeout: 180_000,
    hookTimeout: 180_000,
    env: { ALL_CASES: '1' },
    projects: [
      {
        extends: true,
        test: { name: 'laws', include: LAWS, maxWorkers: '100%', sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: { name: 'whole', include: WAITING, maxWorkers: 2, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: {
          name: 'machine',
          include: ['test/**/*.real.test.ts', FUZZED],
          exclude: [...configDefaults.exclude, ...WAITING],
          // They load the machine or measure time: side by side they would measure each other.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
