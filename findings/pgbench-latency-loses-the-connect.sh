#!/usr/bin/env bash
# pgbench 15 -C: "latency average" contains connecting. With -P, the same label stands before a number without it.
#
# Expected: -P prints a line of progress a second, and does not change what the summary measures.
# Happens: without it "latency average" is the run's time by its transactions, and with -C each of these has connected
# anew. With -P pgbench times each transaction itself, and its clock starts once the connection is there: the number
# behind the same label may be a thousand times smaller. The lines of --log leave connecting out as well, though with
# --log the summary still has it, so that a log and its own summary disagree.
# Matters: -C is there to see what connects cost. To a server where a connect takes a second and a query next to
# nothing, "latency average = 2 ms" reads as if all were well. Two results of -C can be compared only where both or
# neither had -P. "average connection time" has the connects, as a mean and with disconnecting in it.
#
# Seen 2026-11-30 with pgbench and Postgres 15.18 (Debian 12); the server waits 1 s (pre_auth_delay) in every login:
#   pgbench -C:         latency average = 1014.206 ms
#   pgbench -C -P 1:    latency average = 0.392 ms
#   pgbench -C --log:   latency average = 1014.739 ms, the longest of 3 lines 2.53 ms
#
# Uses Debian's postgresql-15 as installed, in a temporary folder. Fails where the behaviour is not seen.
set -euo pipefail

bin=/usr/lib/postgresql/15/bin
[[ -x $bin/postgres ]] || {
  echo "this needs Debian's postgresql-15" >&2
  exit 1
}
folder=$(mktemp -d)
server=''
stop() { # PID SIGNAL
  [ -z "$1" ] || { kill "-$2" "$1" && wait "$1"; } 2>/dev/null || :
}
trap 'stop "$server" INT; rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$folder"

# Postgres refuses to run as root.
as=()
if [ "$(id -u)" -eq 0 ]; then
  as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
  chown postgres "$folder"
fi
port=$(node -e '
  const server = require("net").createServer();
  server.listen(0, "127.0.0.1", () => { console.log(server.address().port); server.close(); });')

"${as[@]}" "$bin/initdb" -D data -U storm --auth=trust --no-sync --no-locale >/dev/null
"${as[@]}" "$bin/postgres" -D data -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
  -c pre_auth_delay=1s 2>log &
server=$!
export PGHOST=127.0.0.1 PGPORT=$port PGUSER=storm PGDATABASE=postgres
for _ in {1..100}; do
  ! "$bin/psql" -X -c 'SELECT 1' >/dev/null 2>&1 || break
  sleep 0.1
done
"$bin/pgbench" --version
"$bin/postgres" --version
echo 'SELECT 1;' >one.sql

bench() { # OPTIONS
  "$bin/pgbench" -n -C -f one.sql -c 1 -t 3 "$@" 2>progress | sed -n 's/^latency average = \([0-9.]*\) ms$/\1/p'
}
plain=$(bench)
progress=$(bench -P 1)
logged=$(bench --log --log-prefix=transactions)
# The third field of a line is the transaction's time in microseconds.
longest=$(awk '$3 > longest { longest = $3 } END { print longest / 1000 }' transactions.*)
echo "pgbench -C:         latency average = $plain ms"
echo "pgbench -C -P 1:    latency average = $progress ms"
echo "pgbench -C --log:   latency average = $logged ms, the longest of $(cat transactions.* | wc -l) lines $longest ms"
awk -v plain="$plain" -v progress="$progress" -v logged="$logged" -v longest="$longest" '
  function lacks_connect(ms) { return ms > 0 && ms < 500 }
  BEGIN { exit !(plain >= 1000 && logged >= 1000 && lacks_connect(progress) && lacks_connect(longest)) }' || {
  echo 'the behaviour has changed' >&2
  exit 1
}
