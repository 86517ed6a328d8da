#!/usr/bin/env bash
# PgBouncer 1.18: a client is logged in, up to ReadyForQuery, though the Postgres behind is down.
#
# Expected: who has got ReadyForQuery is connected to a server. So the time of a login says how the server does,
# and a login that succeeds says that it is up.
# Happens: PgBouncer keeps from its first server connection what a login is answered with, and answers the later
# ones by itself. With Postgres stopped psql connects in milliseconds, and \conninfo says "You are connected".
# The first query then fails: here after query_wait_timeout, which is two minutes unless set.
# Matters: through such a pooler a measurement of connects measures the pooler, never the server. A storm against a
# dead Postgres shows 100 % success and low latencies, and a health check that only connects stays green. Compare
# the time to the first query's result instead.
#
# Seen 2026-11-30 with PgBouncer 1.18.0 before Postgres 15.18 (Debian 12), auth_type trust, a pool that was in use
# once; every setting that matters here is the default, query_wait_timeout aside:
#   Postgres down, direct: psql ends with 2; pooled: "You are connected to database ..." after 19 ms
#   Postgres down, pooled, a query: FATAL:  query_wait_timeout
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
postgres = host=127.0.0.1 port=$port
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $pooled
unix_socket_dir =
auth_type = trust
auth_file = users
query_wait_timeout = 2
INI
echo '"storm" ""' >users
"${as[@]}" "$pgbouncer" -q pooler.ini 2>pooler.log &
pooler=$!

ask() { # PORT COMMAND
  "$bin/psql" -X -At -h 127.0.0.1 -p "$1" -U storm -d postgres -c "$2" 2>&1
}
wait_for() { # PORT
  for _ in {1..100}; do ! ask "$1" 'SELECT 1' >/dev/null || return 0; sleep 0.1; done
  cat log pooler.log >&2
  return 1
}

"$pgbouncer" --version | head -n 1
"$bin/postgres" --version
wait_for "$port"
wait_for "$pooled"
stop "$server" INT
server=''

direct=0
ask "$port" '\conninfo' >/dev/null || direct=$?
began=$(date +%s%3N)
login=$(ask "$pooled" '\conninfo') || :
took=$(($(date +%s%3N) - began))
query=$(ask "$pooled" 'SELECT 1' | head -n 1) || :
echo "Postgres down, direct: psql ends with $direct; pooled: \"$login\" after $took ms"
echo "Postgres down, pooled, a query: $query"
[[ $direct -eq 2 && $login == 'You are connected '* && $query != 1 ]] || {
  echo 'the behaviour has changed' >&2
  exit 1
}
