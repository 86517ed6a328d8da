import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Vitest's global setup: no test runs threads, processes or commands of a build that is older than `src`. */
export default function setUp(project: TestProject): void {
  buildIfStale();
  project.onTestsRerun(async () => buildIfStale());
}

function buildIfStale(): void {
  if (!isStale(ROOT)) return;
  execFileSync('npm', ['run', 'build'], { cwd: ROOT, stdio: ['ignore', 2, 2] });
}

/** Whether the checkout's `dist` is not what its `src` would be built to: older, incomplete, or with files that are gone. */
export function isStale(root: string): boolean {
  const sources = listTimes(join(root, 'src'), '.ts');
  const builds = listTimes(join(root, 'dist'), '.js');
  if (sources.size !== builds.size) return true;
  const configuredMs = statSync(join(root, 'tsconfig.json')).mtimeMs;
  return [...sources].some(([file, writtenMs]) => {
    const builtMs = builds.get(file);
    return builtMs === undefined || builtMs < Math.max(writtenMs, configuredMs);
  });
}

/** When each file was written last, by its path without its ending. */
function listTimes(folder: string, ending: string): Map<string, number> {
  if (!existsSync(folder)) return new Map();
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file): [string, number] => [
      file.slice(0, -ending.length),
      statSync(join(folder, file)).mtimeMs,
    ]);
  return new Map(files);
}
