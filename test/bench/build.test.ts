import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeBuild, openBuild } from './build.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'connstorm-build-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const CHECKOUT = {
  'package.json': '{ "name": "connstorm" }',
  'bin/connstorm.js': '',
  'src/cli.ts': '',
  'node_modules/.keep': '',
  'dist/cli.js': '',
};

function write(files: Record<string, string>) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function git(...args: string[]) {
  const names = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false'];
  const { status, stderr } = spawnSync('git', ['-C', folder, ...names, ...args], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}

it.each([
  ['package.json', 'is no checkout of connstorm: its top folder was expected'],
  ['bin/connstorm.js', 'is no checkout of connstorm: its top folder was expected'],
  ['node_modules/.keep', 'has no node_modules: run npm ci there'],
])('a folder without %s is refused in one line', (missing, why) => {
  write(Object.fromEntries(Object.entries(CHECKOUT).filter(([path]) => path !== missing)));
  expect(() => openBuild(folder)).toThrow(`${folder} ${why}`);
});

it('another project is refused', () => {
  write({ ...CHECKOUT, 'package.json': '{ "name": "other" }' });
  expect(() => openBuild(folder)).toThrow('is no checkout of connstorm');
});

it('builds what was not built, and says where that fails', () => {
  const make = (script: string) =>
    JSON.stringify({ name: 'connstorm', scripts: { build: script } });
  write({ ...CHECKOUT, 'package.json': make('exit 3') });
  rmSync(join(folder, 'dist'), { recursive: true });
  expect(() => openBuild(folder)).toThrow(`npm run build fails in ${folder}`);
  write({ 'package.json': make('mkdir dist && touch dist/cli.js') });
  expect(openBuild(folder)).toMatchObject({ root: folder, dist: join(folder, 'dist') });
});

it('tells the commit, what was changed since, and what was not built since', () => {
  write({ ...CHECKOUT, '.gitignore': 'dist\nnode_modules\n' });
  expect(openBuild(folder)).toMatchObject({ commit: null, isChanged: false, isStale: false });
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'all');
  const build = openBuild(folder);
  expect(build).toMatchObject({
    commit: expect.stringMatching(/^[0-9a-f]{7,}$/),
    isChanged: false,
  });
  expect(describeBuild(build)).toBe(`${folder} (${build.commit})`);
  write({ 'src/cli.ts': '// changed' });
  const later = Date.now() / 1000 + 60;
  utimesSync(join(folder, 'src/cli.ts'), later, later);
  expect(describeBuild(openBuild(folder))).toBe(
    `${folder} (${build.commit}, changed since, dist is older than src: run npm run build)`,
  );
});

it('a copy inside another repository has no commit of its own', () => {
  git('init', '-q');
  write({ 'other.txt': '' });
  git('add', '.');
  git('commit', '-qm', 'other');
  const outer = folder;
  folder = join(outer, 'copy');
  write(CHECKOUT);
  expect(openBuild(folder).commit).toBeNull();
  folder = outer;
});
