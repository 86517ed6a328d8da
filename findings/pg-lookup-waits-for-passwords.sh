#!/usr/bin/env bash
# pg 8.23.1 on Node 20: the TCP connect to a host by its name waits for the passwords of other logins.
#
# Expected: the time until a socket is connected is the network's and the server's. The password costs the client CPU
# later, within the login, and that is no concern of another connection.
# Happens: pg derives the key of SCRAM-SHA-256 with WebCrypto, which runs on libuv's pool: four threads, however many
# cores there are. Node looks up host names by getaddrinfo on the same four threads, first come first served. While
# four keys are derived, a connect to "localhost" does not even begin; one to 127.0.0.1 takes its usual millisecond.
# Matters: in a storm of logins the socket's "connect" comes late, as if the accept queue were full or the network
# slow. It is the load generator's own password hashing, in the phase where nobody looks for it. Name the server by
# its address, or raise UV_THREADPOOL_SIZE.
#
# Seen 2026-11-30 on Node 20.20.2 with pg 8.23.1 and Postgres 15.18 (Debian 12), two busy cores. The role's verifier
# has 1,000,000 iterations instead of 4,096, so that it shows in a single connect:
#   TCP connect beside 4 SCRAM logins: 127.0.0.1 0 ms, localhost 3445 ms
#   with UV_THREADPOOL_SIZE=8: 127.0.0.1 40 ms, localhost 80 ms
#
# Uses Debian's postgresql-15 as installed, and pg in a temporary folder. Fails where the behaviour is not seen.
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

npm init -y >/dev/null
npm install --silent --no-audit --no-fund pg@8.23.1
"${as[@]}" "$bin/initdb" -D data -U storm --auth=trust --no-sync --no-locale >/dev/null
{ echo 'host all app 127.0.0.1/32 scram-sha-256' && cat data/pg_hba.conf; } >hba
"${as[@]}" "$bin/postgres" -D data -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
  -c hba_file="$folder/hba" 2>log &
server=$!
ask() { # COMMAND
  "$bin/psql" -X -h 127.0.0.1 -p "$port" -U storm -d postgres -c "$1" >/dev/null
}
for _ in {1..100}; do
  ! ask 'SELECT 1' 2>/dev/null || break
  sleep 0.1
done

cat >verifier.cjs <<'JS'
const { createHash, createHmac, pbkdf2Sync } = require('node:crypto');

const ITERATIONS = 1_000_000;
const SALT = Buffer.from('sixteen bytes it');
// What Postgres keeps of a password, in the form of RFC 5803.
const salted = pbkdf2Sync('secret', SALT, ITERATIONS, 32, 'sha256');
const hmac = (text) => createHmac('sha256', salted).update(text).digest();
const stored = createHash('sha256').update(hmac('Client Key')).digest('base64');
const salt = SALT.toString('base64');
console.log(`SCRAM-SHA-256$${ITERATIONS}:${salt}$${stored}:${hmac('Server Key').toString('base64')}`);
JS
ask "CREATE ROLE app LOGIN PASSWORD '$(node verifier.cjs)'"

cat >connect.cjs <<'JS'
const net = require('node:net');
const { setTimeout: delay } = require('node:timers/promises');
const { Client } = require('pg');

const LOGIN = { host: '127.0.0.1', user: 'app', password: 'secret', database: 'postgres', scramMaxIterations: 1e6 };
const port = Number(process.argv[2]);
/** Milliseconds until a socket of pg's kind is connected. */
function connect(host) {
  const beganMs = performance.now();
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, host, () => {
      resolve(performance.now() - beganMs);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

/** The same, while the keys of four logins are derived. */
async function connectBesideLogins(host) {
  const clients = [1, 2, 3, 4].map(() => new Client({ ...LOGIN, port }));
  const logins = clients.map((client) => client.connect().then(() => client.end()));
  await delay(100);
  const ms = await connect(host);
  await Promise.all(logins);
  return Math.round(ms);
}

(async () => {
  await connect('localhost');
  console.log(await connectBesideLogins('127.0.0.1'), await connectBesideLogins('localhost'));
})();
JS

echo "pg $(node -p 'require("pg/package.json").version'), Node $(node --version)"
"$bin/postgres" --version
read -r address name <<<"$(node connect.cjs "$port")"
echo "TCP connect beside 4 SCRAM logins: 127.0.0.1 $address ms, localhost $name ms"
read -r wide_address wide_name <<<"$(UV_THREADPOOL_SIZE=8 node connect.cjs "$port")"
echo "with UV_THREADPOOL_SIZE=8: 127.0.0.1 $wide_address ms, localhost $wide_name ms"
[[ $name -gt 100 && $name -gt $((4 * address)) && $name -gt $((2 * wide_name)) ]] || {
  echo 'the behaviour has changed' >&2
  exit 1
}
