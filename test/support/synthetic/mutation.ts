/** A stream of numbers in [0, 1). */
export type Random = () => number;

/** A whole number in [0, limit). */
export function pick(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

export function choose<T>(random: Random, choices: readonly [T, ...T[]]): T {
  return choices[pick(random, choices.length)] ?? choices[0];
}

/** The same bytes, damaged in one way at one place. */
export function mutate(random: Random, bytes: Buffer): Buffer {
  return choose(random, MUTATIONS)(random, bytes);
}

type Mutation = (random: Random, bytes: Buffer) => Buffer;

const MUTATIONS: [Mutation, ...Mutation[]] = [flipBit, cutRange, insertBytes, repeatRange];
const LONGEST_RANGE = 40;

function flipBit(random: Random, bytes: Buffer): Buffer {
  const flipped = Buffer.from(bytes);
  const at = pick(random, bytes.length);
  if (at < bytes.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << pick(random, 8));
  return flipped;
}

function cutRange(random: Random, bytes: Buffer): Buffer {
  const [from, to] = pickRange(random, bytes);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
}

function insertBytes(random: Random, bytes: Buffer): Buffer {
  const at = pick(random, bytes.length + 1);
  const inserted = Buffer.from(
    Array.from({ length: 1 + pick(random, 8) }, () => pick(random, 256)),
  );
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
}

function repeatRange(random: Random, bytes: Buffer): Buffer {
  const [from, to] = pickRange(random, bytes);
  return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
}

function pickRange(random: Random, bytes: Buffer): [from: number, to: number] {
  const from = pick(random, bytes.length);
  return [from, Math.min(bytes.length, from + 1 + pick(random, LONGEST_RANGE))];
}

/** The same bytes in so many pieces or fewer, cut anywhere. */
export function splitAnywhere(random: Random, bytes: Buffer, pieces: number): Buffer[] {
  const cuts = Array.from({ length: pieces - 1 }, () => pick(random, bytes.length + 1));
  const bounds = [0, ...cuts.sort((a, b) => a - b), bytes.length];
  return bounds.slice(1).map((to, index) => bytes.subarray(bounds[index], to));
}
