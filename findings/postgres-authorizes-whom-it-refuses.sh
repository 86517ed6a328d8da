#!/usr/bin/env bash
# Postgres 15: the log says "connection authorized" of clients that are refused a moment later.
#
# Expected: "connection authorized" is a client that got in. So its lines count the connects that succeeded, and one
# without such a line was refused.
# Happens: the line is written once authentication is over. Whether the role exists (under trust), whether it has
# reached its CONNECTION LIMIT, and whether all but the reserved slots are taken is looked at afterwards. Each of
# these clients has the line "connection authorized" and a FATAL after it.
# Matters: in a storm against a full server most refusals are of this kind. Who counts connects a second by this line
# counts refusals as successes, and the rate looks best when nobody gets in. Take off the FATALs of the same process
# id. (Version 18 can also log "connection ready": log_connections with setup_durations.)
#
# Seen 2026-11-30 with Postgres 15.18 (Debian 12), log_connections on; three slots for ordinary roles, all taken:
#   4 clients beyond the slots: 4 refused, 4 "connection authorized"
#   2 clients beyond CONNECTION LIMIT 0: 2 refused, 2 "connection authorized"
#   2 clients of a role that is not there: 2 refused, 2 "connection authorized"
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
  -c max_connections=6 -c superuser_reserved_connections=3 -c log_connections=on -c log_line_prefix='%p ' 2>log &
server=$!
ask() { # ROLE COMMAND
  "$bin/psql" -X -At -h 127.0.0.1 -p "$port" -U "$1" -d postgres -c "$2"
}
for _ in {1..100}; do
  ! ask storm 'SELECT 1' >/dev/null 2>&1 || break
  sleep 0.1
done
ask storm 'CREATE ROLE app LOGIN; CREATE ROLE limited LOGIN CONNECTION LIMIT 0' >/dev/null
"$bin/postgres" --version

wrong=0
# Starts COUNT clients of ROLE, one by one: all are refused, and the log calls how many of these authorized?
refuse() { # ROLE COUNT WHO
  local role=$1 count=$2 refused=0 authorized
  authorized=$(grep -c "connection authorized: user=$role " log) || :
  for ((i = 0; i < count; i++)); do
    ask "$role" 'SELECT 1' >/dev/null 2>&1 || refused=$((refused + 1))
  done
  authorized=$(($(grep -c "connection authorized: user=$role " log || :) - authorized))
  echo "$count clients $3: $refused refused, $authorized \"connection authorized\""
  [[ $refused -eq $count && $authorized -eq $count ]] || wrong=1
}

refuse limited 2 'beyond CONNECTION LIMIT 0'
refuse nobody_there 2 'of a role that is not there'
count_holders() {
  ask storm "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app' AND query LIKE 'SELECT pg_sleep%'"
}
# Starts a client that keeps its slot, until there are NUMBER of them.
hold() { # NUMBER
  local pid=''
  for _ in {1..100}; do
    [ "$(count_holders)" -lt "$1" ] || return 0
    # It may be refused, while a client from before is still leaving: again.
    if [ -z "$pid" ] || ! kill -0 "$pid" 2>/dev/null; then
      ask app 'SELECT pg_sleep(60)' >/dev/null 2>&1 &
      pid=$!
    fi
    sleep 0.1
  done
  echo "there are no $1 clients that hold a slot after ten seconds" >&2
  return 1
}
hold 1
hold 2
hold 3
refuse app 4 'beyond the slots'
echo 'what the log says of the last of them:'
last=$(sed -n 's/^\([0-9]*\) FATAL: .*/\1/p' log | tail -n 1)
grep "^$last " log
[ "$wrong" -eq 0 ] || {
  echo 'the behaviour has changed' >&2
  exit 1
}
