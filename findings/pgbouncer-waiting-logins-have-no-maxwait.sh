#!/usr/bin/env bash
# PgBouncer 1.18: clients that wait within their login are counted in cl_waiting, while maxwait stays 0.
#
# Expected: SHOW POOLS' maxwait is how long the client waits that has waited longest. Above 0 waiting clients it is
# more than 0, and a maxwait of 0 means that nobody waits.
# Happens: the clock of maxwait starts with a client's first query. A client whose password PgBouncer has to look up
# by auth_query while the pool is full waits before that: cl_waiting says 3, maxwait and maxwait_us say 0, for as long
# as it lasts. A client in the same queue that had a query to wait with has a maxwait.
# Matters: a storm of connects is just where clients wait in logins. An alert or a report that reads maxwait calls the
# queue empty while nobody gets in. Read a 0 beside cl_waiting above 0 as "not known".
#
# Seen 2026-11-30 with PgBouncer 1.18.0 before Postgres 15.18 (Debian 12):
#   3 logins wait for auth_query: cl_waiting 3, maxwait 0 s after 2 s
#   3 queries wait for the same connection: cl_waiting 3, maxwait 2 s after 2 s
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
"${as[@]}" "$bin/postgres" -D data -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= 2>log &
server=$!
cat >pooler.ini <<INI
[databases]
postgres = host=127.0.0.1 port=$port pool_size=1
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $pooled
unix_socket_dir =
auth_type = md5
auth_file = users
auth_user = storm
auth_query = SELECT usename, passwd FROM pg_catalog.pg_shadow WHERE usename = \$1
stats_users = storm
INI
# The pool's own user is in the file, and needs no look-up; app does.
echo '"storm" "pool"' >users
"${as[@]}" "$pgbouncer" -q pooler.ini 2>pooler.log &
pooler=$!

ask() { # USER COMMAND [DATABASE]
  PGPASSWORD=pool "$bin/psql" -X -At -h 127.0.0.1 -p "$pooled" -U "$1" -d "${3:-postgres}" -c "$2"
}
for _ in {1..100}; do
  ! ask storm 'SELECT 1' >/dev/null 2>&1 || break
  sleep 0.1
done
ask storm "SET password_encryption = md5; CREATE ROLE app LOGIN PASSWORD 'pool'" >/dev/null
"$pgbouncer" --version | head -n 1
"$bin/postgres" --version

# cl_waiting and the longest maxwait of the pools; by name, as versions differ in their columns.
read_pools() {
  PGPASSWORD=pool "$bin/psql" -X -A -x -h 127.0.0.1 -p "$pooled" -U storm -d pgbouncer -c 'SHOW POOLS' | awk -F '|' '
    $1 == "cl_waiting" { waiting += $2 }
    $1 == "maxwait" && $2 > longest { longest = $2 }
    END { print waiting + 0, longest + 0 }'
}
# Lets three clients of USER wait for 2 s, while another has the pool's only connection.
read -r waiting longest <<<'0 0'
queue() { # USER
  local pids=()
  ask storm 'SELECT pg_sleep(3)' >/dev/null &
  pids+=($!)
  sleep 0.5
  for _ in 1 2 3; do
    ask "$1" 'SELECT 1' >/dev/null &
    pids+=($!)
  done
  sleep 2.2
  read -r waiting longest <<<"$(read_pools)"
  wait "${pids[@]}"
}

queue app
logins="$waiting $longest"
echo "3 logins wait for auth_query: cl_waiting $waiting, maxwait $longest s after 2 s"
queue storm
echo "3 queries wait for the same connection: cl_waiting $waiting, maxwait $longest s after 2 s"
[[ $logins == '3 0' && $waiting -eq 3 && $longest -ge 1 ]] || {
  echo 'the behaviour has changed' >&2
  exit 1
}
