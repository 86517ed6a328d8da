/**
 * Returns a stream of numbers in [0, 1) that is the same for the same seed: sfc32 by Chris Doty-Humphrey (PractRand,
 * https://pracrand.sourceforge.net). splitmix32 fills its state, so that neighbouring seeds give unrelated streams. Not
 * for secrets.
 * @param seed an unsigned 32-bit integer
 */
export function createRandom(seed: number): () => number {
  const fill = createSplitmix32(seed);
  let a = fill();
  let b = fill();
  let c = fill();
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  // The first outputs still depend visibly on the seed. PractRand discards 15 too.
  for (let i = 0; i < 15; i++) next();
  // 27 and 26 bits make the 53 bits of a double.
  return () => ((next() >>> 5) * 0x400_0000 + (next() >>> 6)) / 2 ** 53;
}

function createSplitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
}
