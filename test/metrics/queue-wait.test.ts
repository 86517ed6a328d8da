import { expect, it } from 'vitest';
import { computeQueueWaitUs, isOlderThanAttempt } from '../../src/metrics/queue-wait.ts';

it.each([
  // elapsed, tcp, server, round trip, wait
  ['what neither clock nor the network explains', 10_000, 300, 4_000, 200, 5_500],
  ['nothing where all is explained', 4_500, 300, 4_000, 200, 0],
  ['never less than nothing', 4_300, 300, 4_000, 200, 0],
  ['not what TCP spent on sending a SYN again', 1_010_000, 1_000_300, 4_000, 200, 5_500],
])('a wait is %s', (_, elapsedUs, tcpUs, serverUs, roundTripUs, waitUs) => {
  expect(computeQueueWaitUs({ elapsedUs, tcpUs, serverUs }, roundTripUs)).toBe(waitUs);
});

it.each([
  [4_000, false],
  // Our clock and the server's may go apart a little.
  [5_999, false],
  [6_001, true],
  [3_600_000_000, true],
])(
  'a server time of %i us in an attempt of 5,000 us is of another one: %s',
  (serverUs, isOlder) => {
    expect(isOlderThanAttempt({ elapsedUs: 5_000, tcpUs: 300, serverUs })).toBe(isOlder);
  },
);
