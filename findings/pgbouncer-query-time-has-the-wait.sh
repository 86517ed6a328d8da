#!/usr/bin/env bash
# PgBouncer 1.18: total_query_time of SHOW STATS contains the time that queries waited for a server connection.
#
# Expected: as documented, total_query_time is the time of queries on a connection to Postgres, and total_wait_time
# the time that clients waited for one. A full pool raises the second; the first shows how fast Postgres is.
# Happens: the clock of a query starts when the client sends it, not when it gets a server connection. Three queries
# of one second each, in a pool of one connection, took Postgres three seconds; PgBouncer says six, and counts three
# of these a second time in total_wait_time.
# Matters: avg_query_time grows in a storm of clients although every query is as fast as before. Who reads it as the
# server's time blames Postgres for a pool that is too small, and who adds up both columns counts the wait twice.
# Here query time less wait time is what Postgres took.
#
# Seen 2026-11-30 with PgBouncer 1.18.0 before Postgres 15.18 (Debian 12), pool_mode session and transaction:
#   3 queries of 1 s each in a pool of one: query time 6.0 s, wait time 3.0 s, Postgres 3.0 s
#
# Uses Debian's postgresql-15 and pgbouncer as installed, in a temporary folder. Fails where this is not seen.
set -euo pipefail

bin=/usr/lib/postgresql/15/bin
pgbouncer=/usr/sbin/pgbouncer
[[ -x $bin/postgres && -x $pgbouncer ]] || {
  echo "this needs Debian's postgresql-15 and pgbouncer" >&2
  exit 1
}
folder=$(mktemp -d)
server='' pooler=''
stop() { # PID SIGNAL
  [ -z "$1" ] || { kill "-$2" "$1" && wait "$1"; } 2>/dev/null || :
}
trap 'stop "$pooler" KILL; stop "$server" INT; rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$folder"

# Postgres and PgBouncer refuse to run as root.
as=()
if [ "$(id -u)" -eq 0 ]; then
  as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
  chown postgres "$folder"
fi
read -r port pooled < <(node -e '
  const listen = (next) => {
    const server = require("net").createServer();
    server.listen(0, "127.0.0.1", () => next(server));
  };
  listen((a) => listen((b) => { console.log(a.address().port, b.address().port); a.close(); b.close(); }));')

"${as[@]}" "$bin/initdb" -D data -U storm --auth=trust --no-sync --no-locale >/dev/null
"${as[@]}" "$bin/postgres" -D data -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
  -c log_min_duration_statement=500 -c logging_collector=off 2>log &
server=$!
cat >pooler.ini <<INI
[databases]
postgres = host=127.0.0.1 port=$port pool_size=1
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $pooled
unix_socket_dir =
auth_type = trust
auth_file = users
stats_users = storm
pool_mode = ${1:-session}
INI
echo '"storm" ""' >users
"${as[@]}" "$pgbouncer" -q pooler.ini 2>pooler.log &
pooler=$!

ask() { # COMMAND
  "$bin/psql" -X -At -h 127.0.0.1 -p "$pooled" -U storm -d postgres -c "$1"
}
for _ in {1..100}; do
  ! ask 'SELECT 1' >/dev/null 2>&1 || break
  sleep 0.1
done

"$pgbouncer" --version | head -n 1
"$bin/postgres" --version
# total_query_time and total_wait_time, in microseconds; by name, as versions differ in their columns.
read_times() {
  "$bin/psql" -X -A -x -h 127.0.0.1 -p "$pooled" -U storm -d pgbouncer -c 'SHOW STATS' | awk -F '|' '
    $1 == "database" { is_ours = $2 == "postgres" }
    is_ours && $1 == "total_query_time" { query = $2 }
    is_ours && $1 == "total_wait_time" { wait = $2 }
    END { print query, wait }'
}
read -r query_before wait_before <<<"$(read_times)"
asking=()
for _ in 1 2 3; do
  ask 'SELECT pg_sleep(1)' >/dev/null &
  asking+=($!)
done
wait "${asking[@]}"
read -r query_after wait_after <<<"$(read_times)"
sed -n 's/.*duration: \([0-9.]*\) ms.*pg_sleep.*/\1/p' log >durations

awk -v query=$((query_after - query_before)) -v wait=$((wait_after - wait_before)) '
  { server += $1 / 1000 }
  END {
    query /= 1e6; wait /= 1e6
    printf "%d queries of 1 s each in a pool of one: ", NR
    printf "query time %.1f s, wait time %.1f s, Postgres %.1f s\n", query, wait, server
    exit !(NR == 3 && wait > 2 && query > server + wait / 2)
  }' durations || {
  echo 'the behaviour has changed' >&2
  exit 1
}
