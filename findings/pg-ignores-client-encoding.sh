#!/usr/bin/env bash
# pg 8.23.1 (pg-protocol 1.16.1): the JavaScript client takes `client_encoding`, and PGCLIENTENCODING, and asks the server for UTF8
# all the same.
#
# Behaviour: the startup message says `client_encoding` `UTF8`, whatever the option or the variable says, without a warning. Whoever
# compares with libpq, which sends what it was given, sees another setting in the session.
# Seen with Node 20.20.2: ["UTF8"] for the option, ["UTF8"] for the variable.
#
# Installs the packages in a temporary folder, listens on loopback, and connects twice. Fails if the behaviour is another one.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund pg@8.23.1 pg-protocol@1.16.1

cat >show.cjs <<'JS'
const net = require('node:net');
const { Client } = require('pg');

/** The values of client_encoding in a startup message: length, version, then names and values that end in 0 each. */
function readEncodings(bytes) {
  const texts = bytes.subarray(8, bytes.readInt32BE(0)).toString('latin1').split('\0');
  return texts.flatMap((name, at) => (at % 2 === 0 && name === 'client_encoding' ? [texts[at + 1]] : []));
}

const server = net.createServer((socket) => {
  socket.once('data', (bytes) => {
    console.log(JSON.stringify(readEncodings(bytes)));
    socket.destroy();
    server.close();
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const client = new Client({
    host: '127.0.0.1', port, user: 'u', database: 'd', ssl: false,
    ...(process.argv[2] === 'option' ? { client_encoding: 'LATIN1' } : {}),
  });
  client.on('error', () => {});
  client.connect().catch(() => {});
});
JS

by_option=$(node show.cjs option)
by_variable=$(PGCLIENTENCODING=LATIN1 node show.cjs)
echo "client_encoding in the startup message: $by_option by the option, $by_variable by the variable"
[ "$by_option $by_variable" = '["UTF8"] ["UTF8"]' ] || {
  echo 'the behaviour has changed' >&2
  exit 1
}
