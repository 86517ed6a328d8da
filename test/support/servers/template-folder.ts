import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { createLabFolder } from '../../../src/lab/process/lab-folder.ts';
import { findServerAccount } from '../../../src/lab/process/server-account.ts';

declare module 'vitest' {
  interface ProvidedContext {
    templates: { folder: string; superuserPassword: string };
  }
}

/** Vitest's global setup: a folder for what template.ts makes, as long as the tests run. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const folder = await createLabFolder(findServerAccount());
  project.provide('templates', {
    folder,
    superuserPassword: randomBytes(18).toString('base64url'),
  });
  return () => rm(folder, { recursive: true, force: true });
}
