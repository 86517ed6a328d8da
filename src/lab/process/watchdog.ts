import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A process that ends a lab when asked to, and by itself when this process has ended in any way. */
export interface Watchdog {
  /** Stops the lab's programs and removes its folder. Call it once. */
  stop(): Promise<void>;
}

/**
 * The script waits for the end of its standard input, a pipe whose other end only our process holds. (A child between
 * fork and exec holds it too. If we die while a program is being started, the script still finds it, because its exec
 * comes before the end of the pipe.) Then it looks for the lab's programs by their arguments. Pids would not do,
 * because other programs could have them by then. The kernel's zombies have no arguments and count as gone. At each of
 * its three levels, SIGINT, SIGQUIT and SIGKILL, it signals each program once, also those that are started meanwhile:
 * - Postgres: SIGINT is its fast shutdown, SIGQUIT its immediate one. SIGKILL would leave the postmaster's shared
 *   memory behind, so it comes last.
 * - PgBouncer gets SIGKILL at once. It leaves nothing behind, and no other signal ends it at once in all its versions.
 * - initdb gets SIGTERM for SIGINT, which it ignores while it waits for a program of its own (system(3)).
 * - SIGCONT follows each signal: a stopped process takes no other one.
 */
const SCRIPT = `
trap '' HUP INT TERM
folder=$1
read -r line

programs() {
  if [ -r /proc/self/cmdline ]; then
    for file in $(grep -lF -e "$folder/" /proc/[0-9]*/cmdline); do
      pid=\${file#/proc/}
      echo "\${pid%/cmdline} $(tr '\\0' ' ' <"$file")"
    done
  else
    ps -axww -o pid=,args=
  fi | while read -r pid args; do
    case $args in
      */initdb\\ -D\\ "$folder"/*) echo "initdb:$pid" ;;
      */postgres\\ -D\\ "$folder"/*) echo "server:$pid" ;;
      */pgbouncer\\ "$folder"/*) echo "pooler:$pid" ;;
    esac
  done
}

end() {
  case $1:$3 in
    pooler:*) kill -s KILL "$2" ;;
    initdb:INT) kill -s TERM "$2" ;;
    *) kill -s "$3" "$2" ;;
  esac
  kill -s CONT "$2"
}

end_within() {
  told=
  polls=$(($1 * 25))
  while running=$(programs) && [ -n "$running" ]; do
    [ "$polls" -gt 0 ] || return 1
    for program in $running; do
      case "$told " in *" $program "*) continue ;; esac
      told="$told $program"
      end "\${program%%:*}" "\${program#*:}" "$2"
    done
    polls=$((polls - 1))
    sleep 0.04
  done
}

end_within 5 INT || end_within 10 QUIT || end_within 5 KILL

polls=100
until rm -rf "$folder"; do
  [ "$polls" -gt 0 ] || exit 1
  polls=$((polls - 1))
  sleep 0.1
done
`;

/**
 * Starts a watchdog. `folder` need not exist yet.
 *
 * @throws the system's error if there is no /bin/sh
 */
export async function startWatchdog(folder: string): Promise<Watchdog> {
  const child = spawnWatchdog(folder, 'pipe');
  // The pipe breaks when the watchdog is killed; `stop` finds that out by itself.
  child.stdin?.on('error', () => {});
  await once(child, 'spawn');
  child.unref();
  return { stop: () => stopWatchdog(child, folder) };
}

function spawnWatchdog(folder: string, stdin: 'pipe' | 'ignore'): ChildProcess {
  return spawn('/bin/sh', ['-c', SCRIPT, 'connstorm-lab', folder], {
    cwd: '/',
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    // Neither the terminal's Ctrl-C nor its end reaches the watchdog.
    detached: true,
    stdio: [stdin, 'ignore', 'ignore'],
  });
}

async function stopWatchdog(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.ref();
    child.stdin?.destroy();
    await once(child, 'exit');
  }
  // The watchdog was killed before it was done.
  if (child.exitCode === null) await sweepLab(folder);
}

/** Stops what runs of a lab and removes its folder at once: with an empty standard input the script does not wait. */
export async function sweepLab(folder: string): Promise<void> {
  await once(spawnWatchdog(folder, 'ignore'), 'exit');
}
