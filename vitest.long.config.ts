import { defineConfig } from 'vitest/config';

/** Whole searches against servers of known limits: minutes each, not part of `npm test`. */
export default defineConfig({
  test: {
    include: ['test/long/*.test.ts'],
    globalSetup: 'test/support/servers/template-folder.ts',
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});
