// @ts-check

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * A checkout of this project that can be run.
 *
 * @typedef {object} Build
 * @property {string} root
 * @property {string} cli The path of its command.
 * @property {string} dist The folder of its modules.
 * @property {string | null} commit Abbreviated; null where git tells none.
 * @property {boolean} isChanged Whether its sources differ from the commit.
 * @property {boolean} isStale Whether a source is newer than what was built of it.
 */

const SOURCES = ['src', 'bin', 'package.json', 'package-lock.json'];

/** What the user gave is no build: one line. */
export class NoBuild extends Error {}

/**
 * Builds it where that was not done yet.
 *
 * @param {string} folder
 * @returns {Build} Throws NoBuild where it is none and cannot become one.
 */
export function openBuild(folder) {
  const root = resolve(folder);
  const cli = join(root, 'bin', 'connstorm.js');
  if (readName(root) !== 'connstorm' || !existsSync(cli)) {
    throw new NoBuild(`${folder} is no checkout of connstorm: its top folder was expected`);
  }
  if (!existsSync(join(root, 'node_modules'))) {
    throw new NoBuild(`${folder} has no node_modules: run npm ci there`);
  }
  const dist = join(root, 'dist');
  if (!existsSync(join(dist, 'cli.js'))) makeDist(folder, root);
  return { root, cli, dist, ...readCommit(root), isStale: isOlder(dist, join(root, 'src')) };
}

/** @param {string} root */
function readName(root) {
  try {
    return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).name;
  } catch {
    return undefined;
  }
}

/** @param {string} folder @param {string} root */
function makeDist(folder, root) {
  // Standard output is for figures.
  const { status } = spawnSync('npm', ['run', 'build'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0 || !existsSync(join(root, 'dist', 'cli.js'))) {
    throw new NoBuild(`npm run build fails in ${folder}: see above, and mend that first`);
  }
}

/** @param {string} root @returns {{ commit: string | null, isChanged: boolean }} */
function readCommit(root) {
  const git = (/** @type {string[]} */ ...args) => {
    const { status, stdout } = spawnSync('git', ['-C', root, ...args], { encoding: 'utf8' });
    return status === 0 ? stdout.trim() : null;
  };
  // A copy inside another repository has no commit of its own.
  const top = git('rev-parse', '--show-toplevel');
  if (top === null || realpathSync(top) !== realpathSync(root)) {
    return { commit: null, isChanged: false };
  }
  return {
    commit: git('rev-parse', '--short', 'HEAD'),
    isChanged: git('status', '--porcelain', '--', ...SOURCES) !== '',
  };
}

/** @param {string} dist @param {string} sources */
function isOlder(dist, sources) {
  const builtMs = statSync(join(dist, 'cli.js')).mtimeMs;
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' });
  return files.some(
    (file) => file.endsWith('.ts') && statSync(join(sources, file)).mtimeMs > builtMs,
  );
}

/** For people. @param {Build} build */
export function describeBuild({ root, commit, isChanged, isStale }) {
  const marks = [
    commit ?? 'no commit known',
    ...(isChanged ? ['changed since'] : []),
    ...(isStale ? ['dist is older than src: run npm run build'] : []),
  ];
  return `${root} (${marks.join(', ')})`;
}
