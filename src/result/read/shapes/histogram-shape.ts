import { Histogram } from '../../../model/histogram.ts';
import type { EncodedHistogram } from '../../../model/measures.ts';
import { all, type Check, count, map, text } from './shape.ts';

/** Many times the length of the fullest histogram, which has about 30,000 buckets. */
const MAX_DATA_LENGTH = 400_000;

const fields = map<EncodedHistogram>({
  count,
  minUs: count,
  maxUs: count,
  sumUs: count,
  data: text,
});

/** Checks that the exact figures do not contradict each other. Faults in the data show only when they are decoded. */
function checkFigures(value: unknown): string | undefined {
  const { count: values, minUs, maxUs, sumUs, data } = value as EncodedHistogram;
  if (data.length > MAX_DATA_LENGTH) return '.data is too long for a histogram';
  if (minUs > maxUs) return `.minUs ${minUs} is above maxUs ${maxUs}`;
  // At about 10^15 microseconds the product is no longer exact.
  const tolerance = 1e-9 * sumUs;
  if (sumUs < minUs * values - tolerance || sumUs > maxUs * values + tolerance) {
    return `.sumUs ${sumUs} cannot be the sum of ${values} values from ${minUs} to ${maxUs}`;
  }
  return undefined;
}

/**
 * Checks a histogram as it stands in the file, without decoding it. Readers that add it up decode it and find faults in
 * its data.
 */
export const checkHistogram: Check = all(fields, checkFigures);

/**
 * Checks the data, too. It is for histograms that are added up only at the end of the file: by then their line is not
 * known.
 */
export const checkHistogramData: Check = all(checkHistogram, (value) => {
  try {
    Histogram.decode(value as EncodedHistogram);
    return undefined;
  } catch (error) {
    return ` is no histogram: ${(error as Error).message}`;
  }
});
