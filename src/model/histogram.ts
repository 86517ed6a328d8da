import { inflateSync } from 'node:zlib';
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram as HdrHistogram,
} from 'hdr-histogram-js';
import type { EncodedHistogram } from './measures.ts';

/** 51 days. A longer duration is a defect, and for still larger values log2() would round across buckets. */
const HIGHEST_US = 2 ** 42;

/**
 * Durations in integer microseconds with 3 significant digits. count, min, max and sum are exact. HdrHistogram's own
 * limits: https://github.com/HdrHistogram/HdrHistogramJS
 */
export class Histogram {
  // Merging is exact only between equal lowest values and digits, so they cannot be chosen elsewhere.
  #hdr: HdrHistogram = build({
    bitBucketSize: 32,
    autoResize: true,
    lowestDiscernibleValue: 1,
    numberOfSignificantValueDigits: 3,
  });
  #count = 0;
  #minUs = 0;
  #maxUs = 0;
  #sumUs = 0;

  get count(): number {
    return this.#count;
  }

  /** Returns 0 when empty; so do maxUs and sumUs. */
  get minUs(): number {
    return this.#minUs;
  }

  get maxUs(): number {
    return this.#maxUs;
  }

  get sumUs(): number {
    return this.#sumUs;
  }

  /**
   * Records a duration `times` times. Throws a RangeError unless it is an integer from 0 to 51 days: hdr-histogram-js
   * would count NaN silently.
   */
  record(us: number, times = 1): void {
    if (!Number.isInteger(us) || us < 0 || us > HIGHEST_US) {
      throw new RangeError(`a duration must be whole microseconds from 0 to 51 days, got ${us}`);
    }
    if (times === 1) this.#hdr.recordValue(us);
    else this.#hdr.recordValueWithCount(us, times);
    this.#note(times, us, us, us * times);
  }

  /** Adds every value of another histogram, as if all had been recorded here. */
  add(other: Histogram): void {
    if (other.#count === 0) return;
    this.#hdr.add(other.#hdr);
    this.#note(other.#count, other.#minUs, other.#maxUs, other.#sumUs);
  }

  /**
   * Returns the value that a share `q` (0 to 1) of the values does not exceed: the one of rank ceil(q * count). Null
   * when empty.
   */
  quantile(q: number): number | null {
    return this.#count === 0 ? null : this.valueAtRank(rankOf(q, this.#count));
  }

  /** Returns the `rank`-th smallest value, from 1 to count, to 0.1 % and never outside min and max. 0 when empty. */
  valueAtRank(rank: number): number {
    if (rank <= 1) return this.#minUs;
    if (rank >= this.#count) return this.#maxUs;
    // Aims at the middle of the rank: the conversion to a percentage and back must not round into the next rank.
    const value = this.#hdr.getValueAtPercentile(((rank - 0.5) / this.#count) * 100);
    return Math.min(Math.max(value, this.#minUs), this.#maxUs);
  }

  encode(): EncodedHistogram {
    const data = encodeIntoCompressedBase64(this.#hdr);
    const { count, minUs, maxUs, sumUs } = this;
    return { count, minUs, maxUs, sumUs, data };
  }

  /** Throws an Error if `data` is damaged, was not written by this class, or does not hold `count` values. */
  static decode(encoded: EncodedHistogram): Histogram {
    const { count, minUs, maxUs, sumUs, data } = encoded;
    checkEncoding(data);
    const hdr = decodeFromCompressedBase64(data, 32);
    if (hdr.totalCount !== count) {
      throw new Error(`a histogram says it has ${count} values and holds ${hdr.totalCount}`);
    }
    // Decoding fixes the range, and a later add() of a larger value would throw.
    hdr.autoResize = true;
    const histogram = new Histogram();
    histogram.#hdr = hdr;
    if (count > 0) histogram.#note(count, minUs, maxUs, sumUs);
    return histogram;
  }

  #note(count: number, minUs: number, maxUs: number, sumUs: number): void {
    this.#minUs = this.#count === 0 ? minUs : Math.min(this.#minUs, minUs);
    this.#maxUs = Math.max(this.#maxUs, maxUs);
    this.#sumUs += sumUs;
    this.#count += count;
  }
}

/** The fullest histogram has some 33,000 buckets of at most nine bytes each. */
const MOST_BYTES = 400_000;
const HEADER_BYTES = 40;

/**
 * Throws an Error if the data were not written by this class. Data may come from any file, and hdr-histogram-js trusts
 * their header: how long the counts are, and how large a table to make for them.
 * https://github.com/HdrHistogram/HdrHistogram/blob/master/src/main/java/org/HdrHistogram/AbstractHistogram.java
 * (encodeIntoByteBuffer)
 */
function checkEncoding(data: string): void {
  const packed = Buffer.from(data, 'base64');
  if (packed.length < 8) throw new Error('a histogram is cut off');
  const body = packed.subarray(8, 8 + packed.readInt32BE(4));
  const bytes = inflateSync(body, { maxOutputLength: MOST_BYTES });
  const isOurs =
    bytes.length >= HEADER_BYTES &&
    bytes.readInt32BE(4) === bytes.length - HEADER_BYTES &&
    bytes.readInt32BE(12) === 3 &&
    bytes.readBigInt64BE(16) === 1n &&
    bytes.readBigInt64BE(24) <= 2n * BigInt(HIGHEST_US);
  if (!isOurs) throw new Error('a histogram is not of this kind');
}

/** Returns ceil(q * count), at least 1, unaffected by the rounding of the product (0.07 * 100 is 7.000000000000001). */
export function rankOf(q: number, count: number): number {
  return Math.max(1, Math.ceil(q * count * (1 - 1e-12)));
}
