#!/usr/bin/env bash
# autocannon 9.0.0: with a rate (-R, -r) most of the latencies it reports were never measured, and are too short.
#
# Expected: against a server that takes 20 ms for every reply, no latency is below 20 ms, with a rate or without.
# Happens: as soon as a rate is set, autocannon corrects for coordinated omission. It hands the histogram, which
# counts milliseconds, the interval between two requests in seconds, rounded up: 1, whatever the rate. So every
# reply of 21 ms adds twenty more values, 20, 19, 18 ... 1 ms, though no request was ever late.
# Matters: the median is about half of the truth, the minimum is 1 ms, and there are more than twenty
# latencies to a reply. A slow server looks twice as fast, just because somebody limited the rate.
# Who needs the truth sets ignoreCoordinatedOmission; the last line shows it.
#
# Seen 2026-11-30 on Node 20.20.2 with autocannon 9.0.0 (and 8.0.0):
#   no rate: 1127 replies, 1127 latencies, min 20 ms, p50 23 ms
#   rate 10 a connection: 300 replies, 7963 latencies, min 1 ms, p50 14 ms
#
# Installs the package in a temporary folder and needs about 10 seconds. Fails where the behaviour is not seen.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund autocannon@9.0.0

cat >measure.cjs <<'JS'
const http = require('node:http');
const autocannon = require('autocannon');

const DELAY_MS = 20;
let fastestMs = Infinity;

// One more than 20: a timer of Node's may fire up to a millisecond early.
const server = http.createServer((request, response) => {
  const beganMs = performance.now();
  setTimeout(() => {
    fastestMs = Math.min(fastestMs, performance.now() - beganMs);
    response.end('late');
  }, DELAY_MS + 1);
});

async function measure(title, options) {
  const url = `http://127.0.0.1:${server.address().port}`;
  const { requests, latency } = await autocannon({ url, connections: 10, duration: 3, ...options });
  const { min, p50, totalCount } = latency;
  console.log(`${title}: ${requests.total} replies, ${totalCount} latencies, min ${min} ms, p50 ${p50} ms`);
  return { replies: requests.total, latencies: totalCount, min, p50 };
}

server.listen(0, '127.0.0.1', async () => {
  console.log(`autocannon ${require('autocannon/package.json').version}, Node ${process.version}`);
  const free = await measure('no rate', {});
  const rated = await measure('rate 10 a connection', { connectionRate: 10 });
  const asMeasured = await measure('the same, not corrected', { connectionRate: 10, ignoreCoordinatedOmission: true });
  server.close();
  console.log(`the server's own fastest reply took ${fastestMs.toFixed(1)} ms`);
  const isSeen =
    fastestMs >= DELAY_MS && free.min >= DELAY_MS - 1 && asMeasured.min >= DELAY_MS - 1 &&
    rated.min < DELAY_MS / 2 && rated.p50 < DELAY_MS && rated.latencies > 5 * rated.replies;
  process.exitCode = isSeen ? 0 : 1;
});
JS

node measure.cjs || {
  echo 'the behaviour has changed' >&2
  exit 1
}
