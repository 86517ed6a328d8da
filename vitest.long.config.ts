import { defineConfig } from 'vitest/config';
import { entriesFromBuild } from './test/support/build/map-entries.ts';

/** Whole searches against servers of known limits: minutes each, not part of `npm test`. */
export default defineConfig({
  plugins: [entriesFromBuild],
  test: {
    include: ['test/long/*.test.ts'],
    globalSetup: [
      'test/support/build/fresh-build.ts',
      'test/support/scratch-folder.ts',
      'test/support/servers/template-folder.ts',
    ],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});
