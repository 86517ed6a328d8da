import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Ends a lab: when asked, and by itself when this process is gone, however it went. */
export interface Watchdog {
  /** Stops the lab's programs and removes its folder. To be called once. */
  stop(): Promise<void>;
}

/**
 * Waits for the end of its standard input, a pipe whose other end only our process holds. (A child between fork and
 * exec holds it too: a program being started when we die is seen, because its exec comes before the end of the pipe.)
 * Then it looks for the lab's programs by their arguments, not by pids it was told, which could be others' by then;
 * the kernel's zombies have none and count as gone. SIGINT is Postgres's fast shutdown, SIGQUIT its immediate one;
 * a SIGKILL of the postmaster would leave its shared memory behind. SIGCONT: a stopped process takes no other signal.
 * PgBouncer leaves nothing behind, and has no other signal that means at once in all its versions. initdb ignores SIGINT while it
 * waits for a program of its own (system(3)), and takes SIGTERM. Each program is told once, those too that are started meanwhile.
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
 * `folder` need not be there yet.
 * @throws the system's error where there is no /bin/sh
 */
export async function startWatchdog(folder: string): Promise<Watchdog> {
  const child = spawnWatchdog(folder, 'pipe');
  // The pipe breaks when somebody kills the watchdog; `stop` finds that out by itself.
  child.stdin?.on('error', () => {});
  await once(child, 'spawn');
  child.unref();
  return { stop: () => stopWatchdog(child, folder) };
}

function spawnWatchdog(folder: string, stdin: 'pipe' | 'ignore'): ChildProcess {
  return spawn('/bin/sh', ['-c', SCRIPT, 'connstorm-lab', folder], {
    cwd: '/',
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    // Neither the terminal's Ctrl-C nor its end reaches it.
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
  // Killed before it was done.
  if (child.exitCode === null) await sweepLab(folder);
}

/** Stops what runs of a lab and removes its folder at once: with an empty standard input the script waits for nothing. */
export async function sweepLab(folder: string): Promise<void> {
  await once(spawnWatchdog(folder, 'ignore'), 'exit');
}
