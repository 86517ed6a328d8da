import { expect, it } from 'vitest';
import { nameClients } from '../../../src/report/search/clients.ts';

it.each([
  [1, 27, '1 client'],
  [27, 27, '27 clients'],
  [64, 27, '64 clients (at most 27 in flight)'],
  [2000, 1500, '2,000 clients (at most 1,500 in flight)'],
])('names %i clients of whom %i may be in flight', (clients, maxInFlight, expected) => {
  expect(nameClients(clients, maxInFlight)).toBe(expected);
});
