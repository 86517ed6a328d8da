// @ts-check

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Real servers, started when asked for. @param {import('./build.js').Build} build Whose lab it is. */
export function createLabs({ dist }) {
  /** @type {import('../../src/lab/lab.ts').Lab[]} */
  const labs = [];
  return {
    start: async (/** @type {'scram-sha-256' | 'trust'} */ auth) => {
      // By name at run time: dist is not there when the types are checked.
      /** @type {typeof import('../../src/lab/lab.ts')} */
      const { startLab } = await import(pathToFileURL(join(dist, 'lab', 'lab.js')).href);
      const lab = await startLab({ auth });
      labs.push(lab);
      return lab.url;
    },
    stop: () => Promise.all(labs.map((lab) => lab.stop())),
  };
}
