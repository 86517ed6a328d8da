import { describe, expect, it } from 'vitest';
import { VariantsFold } from '../../../src/analysis/variants-fold.ts';
import { renderReport } from '../../../src/report/terminal.ts';
import { liftHeader } from '../../../src/result/lift.ts';
import type { Capacity } from '../../../src/result/records/capacity.ts';
import { FOUND, planSearch, WALL } from '../../support/synthetic/synthetic-capacity.ts';
import { makeVariantsHeader, playVariants } from '../../support/synthetic/synthetic-variants.ts';

/** A run of one round whose variants came to these. */
function render(capacities: Record<string, Capacity | null>, columns = 80): string {
  const names = Object.keys(capacities);
  const header = makeVariantsHeader(names, { arrivalCount: 1 });
  const fold = new VariantsFold(liftHeader(header), '0.1.0');
  const legs = names.map((variant) => ({ variant, round: 1, latenciesUs: [1000] }));
  for (const record of playVariants(header, legs)) fold.add(record);
  const made = fold.finish();
  const variants = Object.entries(made.variants).map(([name, summary]) => {
    return [name, { ...summary, capacity: capacities[name] ?? null }] as const;
  });
  const summary = { ...made, variants: Object.fromEntries(variants) };
  const searched = header.variants.map((variant) =>
    capacities[variant.name] == null ? variant : { ...variant, plan: planSearch(variant.plan) },
  );
  return renderReport(
    { summary, header: { ...header, variants: searched } },
    { columns, colour: false, resultPath: null },
  );
}

describe('the report of variants that search', () => {
  it('begins with their capacities side by side', () => {
    const goal = { ...FOUND, lowerPerSecond: 362, upperPerSecond: 371, goalUs: 250_000 };
    const text = render({ direct: { ...FOUND, underGoal: goal }, pooled: WALL });
    expect(text.split('\n\n')[0]).toMatchInlineSnapshot(`
      "capacity  connects/s  answer  confirmed      within the goal
      direct       402-421   found        yes  362-371, p99 250 ms
      pooled     15.6-19.5    wall        yes                    -
      direct: 387 of 417/s achieved, in flight grew to 84
      pooled: 31 of 78 connects were refused (53300 sorry, too many clients already)"
    `);
  });

  it('has a curve of each, and says what its offered and achieved are means over', () => {
    const text = render({ direct: FOUND, steady: null });
    expect(text).toMatch(/^direct +achieved +p50 +p99 .*\n20\.5\/s +20\.5\/s/m);
    expect(text).not.toMatch(/^steady +achieved/m);
    expect(text).toMatch(/^direct +1 of 1 +1\.00\/s +1\.00\/s /m);
    expect(text).toContain('offered and achieved of a search are means over all of its steps');
    expect(text).toMatch(/^steady +1 of 1 +1\.00\/s +1\.00\/s /m);
  });

  it('claims nothing: no variant is called better', () => {
    expect(render({ direct: FOUND, pooled: WALL })).not.toMatch(/faster|slower|better|worse/);
  });

  it('has no line of capacities where none searched', () => {
    const text = render({ direct: null, pooled: null });
    expect(text).not.toContain('capacity');
    expect(text).not.toContain('of a search');
  });
});
