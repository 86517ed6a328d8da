import { Histogram } from '../../model/histogram.ts';
import type { EncodedHistogram } from '../../model/measures.ts';
import { all, type Check, count, map, text } from './shape.ts';

/** Many times what the fullest histogram takes: some 30,000 buckets. */
const MAX_DATA_LENGTH = 400_000;

const fields = map<EncodedHistogram>({
  count,
  minUs: count,
  maxUs: count,
  sumUs: count,
  data: text,
});

/** That the exact figures do not contradict each other. What the data hold is found out by decoding them. */
function checkFigures(value: unknown): string | undefined {
  const { count: values, minUs, maxUs, sumUs, data } = value as EncodedHistogram;
  if (data.length > MAX_DATA_LENGTH) return '.data is too long for a histogram';
  if (minUs > maxUs) return `.minUs ${minUs} is above maxUs ${maxUs}`;
  // Of some 10^15 microseconds the product is not exact any more.
  const tolerance = 1e-9 * sumUs;
  if (sumUs < minUs * values - tolerance || sumUs > maxUs * values + tolerance) {
    return `.sumUs ${sumUs} cannot be the sum of ${values} values from ${minUs} to ${maxUs}`;
  }
  return undefined;
}

/** A histogram as it stands in the file, not decoded: whoever sums it up decodes it, and finds what is wrong with its data. */
export const checkHistogram: Check = all(fields, checkFigures);

/** The same for one that is summed up at the end of the file only, when it is too late to name its line. */
export const checkHistogramData: Check = all(checkHistogram, (value) => {
  try {
    Histogram.decode(value as EncodedHistogram);
    return undefined;
  } catch (error) {
    return ` is no histogram: ${(error as Error).message}`;
  }
});
