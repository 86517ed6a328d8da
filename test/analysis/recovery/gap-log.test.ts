import { describe, expect, it } from 'vitest';
import { GapLog } from '../../../src/analysis/recovery/gap-log.ts';

describe('the first good connect after a moment', () => {
  const log = new GapLog();
  log.add({
    gaps: [
      [100, 900],
      [900, 950],
    ],
  });
  log.add({ gaps: [[2000, 3000]], lateUs: [2400] });

  it.each([
    [100, 900],
    [500, 900],
    // A good connect at the moment itself does not come after it.
    [900, 950],
    [2100, 2400],
    [2500, 3000],
  ])('after %i is the end of the gap that holds it, at %i', (atUs, endUs) => {
    expect(log.findEnd(atUs)).toBe(endUs);
  });

  it.each([50, 1500, 3000])(
    'after %i is not known, because no gap in the records holds it',
    (atUs) => {
      expect(log.findEnd(atUs)).toBeUndefined();
    },
  );
});
