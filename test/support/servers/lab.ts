import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Lab, LabOptions } from '../../../src/lab/lab.ts';
import { startFromTemplate } from './template.ts';

/** Runs `use` with a lab of its own; prints the end of the server's log where it fails. */
export async function withLab<T>(
  options: LabOptions,
  use: (lab: Lab) => Promise<T>,
  start = startFromTemplate,
): Promise<T> {
  const lab = await start(options);
  try {
    return await use(lab);
  } catch (error) {
    await printLog(lab);
    throw error;
  } finally {
    await lab.stop();
  }
}

/**
 * One lab for all tests of the enclosing suite; prints the end of the server's log after each that fails.
 *
 * @returns the lab, once the suite's tests run
 */
export function labForSuite(options: LabOptions = {}, start = startFromTemplate): () => Lab {
  let lab: Lab | undefined;
  beforeAll(async () => {
    lab = await start(options);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail' && lab !== undefined) await printLog(lab);
  });
  afterAll(() => lab?.stop());
  return () => {
    if (lab === undefined) throw new Error('the lab is there only while tests run');
    return lab;
  };
}

async function printLog({ logPath }: Lab): Promise<void> {
  const log = await readFile(logPath, 'utf8').catch(() => 'gone');
  console.error(`the end of the server's log:\n${log.split('\n').slice(-30).join('\n')}`);
}
