#!/usr/bin/env bash
# hdr-histogram-js 3.0.1: a time range given to HistogramLogReader means another time from file to file.
#
# Expected: of two .hlog files that hold the same intervals, a range selects the same ones. In the log's format
# the stamps may be seconds since the epoch, or seconds since the start of the log; a reader tells them apart.
# Happens: the reader does tell them apart, and gives equal start times to equal intervals. But it compares the
# range with the bare number of the line, before it has added the start of the log. So seconds since the epoch
# select nothing in a file of relative stamps, and seconds since the start nothing in a file of absolute ones.
# Nothing is thrown: nextIntervalHistogram() gives null at once, as at the end of a file.
# Matters: who cuts warm-up and cool-down out of a log gets an empty result, or reads "no slow connects in these
# minutes", because another program wrote the file. The interval's own startTimeStampMsec can be compared instead.
#
# Seen 2026-11-30 on Node 20.20.2 with hdr-histogram-js 3.0.1:
#   relative stamps: 6 intervals, range since the epoch: 0, range since the start: 3
#   absolute stamps: 6 intervals, range since the epoch: 3, range since the start: 0
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

cat >read.cjs <<'JS'
const { build, HistogramLogReader, HistogramLogWriter } = require('hdr-histogram-js');

const START_S = 1_700_000_000;
const INTERVALS = 6;

/** A log of one interval a second, by the library's own writer. */
function write(baseTimeMs) {
  let text = '';
  const writer = new HistogramLogWriter((line) => { text += line; });
  writer.baseTime = baseTimeMs;
  writer.outputLogFormatVersion();
  writer.outputStartTime(START_S * 1000);
  writer.outputLegend();
  for (let at = 0; at < INTERVALS; at++) {
    const histogram = build();
    histogram.recordValue(1000 + at);
    histogram.startTimeStampMsec = (START_S + at) * 1000;
    histogram.endTimeStampMsec = (START_S + at + 1) * 1000;
    writer.outputIntervalHistogram(histogram);
  }
  return text;
}

/** When the intervals began that the reader gives for a range in seconds. */
function read(text, ...range) {
  const reader = new HistogramLogReader(text);
  const begins = [];
  for (let next; (next = reader.nextIntervalHistogram(...range)) !== null; ) begins.push(next.startTimeStampMsec);
  return begins;
}

function show(title, text) {
  const all = read(text);
  const counts = [all.length, read(text, START_S + 2, START_S + 4).length, read(text, 2, 4).length];
  console.log(
    `${title}: ${counts[0]} intervals, range since the epoch: ${counts[1]}, range since the start: ${counts[2]}`,
  );
  return { begins: all.join(), counts: counts.join() };
}

console.log(`hdr-histogram-js ${require('hdr-histogram-js/package.json').version}, Node ${process.version}`);
const relative = show('relative stamps', write(START_S * 1000));
const absolute = show('absolute stamps', write(0));
console.log(`the reader gives both the same start times: ${relative.begins === absolute.begins}`);
const isSeen = relative.begins === absolute.begins && relative.counts === '6,0,3' && absolute.counts === '6,3,0';
process.exitCode = isSeen ? 0 : 1;
JS

node read.cjs || {
  echo 'the behaviour has changed' >&2
  exit 1
}
