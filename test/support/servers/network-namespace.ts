import { spawnSync } from 'node:child_process';

/** Why this machine cannot have a network namespace of a test's own; undefined where it can. */
export function findObstacle(): string | undefined {
  const script = 'ip link set lo up && nsenter -n -t $$ true';
  const { error, stderr, status } = spawnSync('unshare', ['-n', 'sh', '-c', script], {
    encoding: 'utf8',
  });
  if (error !== undefined) return `no unshare: ${error.message}`;
  return status === 0 ? undefined : `no network namespace: ${stderr.trim()}`;
}
