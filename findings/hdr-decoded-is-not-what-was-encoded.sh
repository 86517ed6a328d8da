#!/usr/bin/env bash
# hdr-histogram-js 3.0.1: a histogram that was encoded and decoded is another one. It no longer grows, and its
# maximum is larger than anything that was recorded.
#
# Expected: encoding and decoding give the same histogram back, so that workers can send theirs to be merged.
# Happens: 1. build() makes a histogram that resizes itself; what decoding gives back has autoResize off. Adding
# a slower worker's histogram to it, or recording a slow value, throws. Whether a merge works depends on which
# worker comes first. 2. maxValue, exact before, becomes the upper end of its bucket.
# Matters: a merge of workers fails in just the run that had slow values, while every quiet test passes. And a
# "slowest attempt" that no attempt took stands in the report. Setting autoResize after decoding, and carrying
# the maximum beside the histogram, mend both.
#
# Seen 2026-11-30 on Node 20.20.2 with hdr-histogram-js 3.0.1:
#   fast.add(slow) as built: 2 values; decoded: throws "The other histogram includes values that do not fit ..."
#   slow.add(fast) decoded: 2 values
#   max 1234567 as recorded, 1234943 decoded
#
# Installs the package in a temporary folder. Fails where the behaviour is not seen.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund hdr-histogram-js@3.0.1

cat >merge.cjs <<'JS'
const { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } = require('hdr-histogram-js');

function record(valueUs) {
  const histogram = build();
  histogram.recordValue(valueUs);
  return histogram;
}

/** As a worker would send it, and another thread receive it. */
const send = (histogram) => decodeFromCompressedBase64(encodeIntoCompressedBase64(histogram));

/** How many values the sum has, or what was thrown. */
function merge(into, other) {
  try {
    into.add(other);
    return `${into.totalCount} values`;
  } catch (error) {
    return `throws "${error.message}"`;
  }
}

const FAST_US = 1_000;
const SLOW_US = 30_000_000;
const EXACT_US = 1_234_567;

console.log(`hdr-histogram-js ${require('hdr-histogram-js/package.json').version}, Node ${process.version}`);
const built = merge(record(FAST_US), record(SLOW_US));
const fastFirst = merge(send(record(FAST_US)), send(record(SLOW_US)));
const slowFirst = merge(send(record(SLOW_US)), send(record(FAST_US)));
console.log(`fast.add(slow) as built: ${built}; decoded: ${fastFirst}`);
console.log(`slow.add(fast) decoded: ${slowFirst}`);
const flags = [record(FAST_US).autoResize, send(record(FAST_US)).autoResize];
console.log(`autoResize is ${flags[0]} as built, ${flags[1]} decoded`);
const before = record(EXACT_US).maxValue;
const after = send(record(EXACT_US)).maxValue;
console.log(`max ${before} as recorded, ${after} decoded`);

const isSeen =
  built === '2 values' && slowFirst === '2 values' && fastFirst.startsWith('throws') &&
  flags[0] && !flags[1] && before === EXACT_US && after > EXACT_US;
process.exitCode = isSeen ? 0 : 1;
JS

node merge.cjs || {
  echo 'the behaviour has changed' >&2
  exit 1
}
