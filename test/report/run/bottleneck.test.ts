import { describe, expect, it } from 'vitest';
import { describeBottleneck } from '../../../src/report/run/bottleneck.ts';
import { createPaint } from '../../../src/report/text/paint.ts';
import { type Bottleneck, CAUSES } from '../../../src/result/records/bottleneck.ts';
import { renderSearch } from '../../support/synthetic/render-search.ts';
import { FOUND } from '../../support/synthetic/synthetic-capacity.ts';

const PLAIN = createPaint(false);

const POSTMASTER: Bottleneck = {
  cause: 'postmaster',
  confidence: 'inferred',
  evidence: [
    { text: 'spawn, median (at low load 1200.4 ms)', value: 1400.2, unit: 'ms' },
    { text: 'the postmaster was on a CPU (at low load 2%)', value: 92, unit: '%' },
    { text: 'parallel workers launched', value: 12, unit: '/s' },
    { text: 'connections in the accept queue, at most', value: 300, unit: '1' },
  ],
  against: [{ text: "the host's CPUs were idle (at low load 85%)", value: 2.5, unit: '%' }],
  missing: [
    "the postmaster's own time on its host: run connstorm on the server's machine (hidepid)",
  ],
  advice: ['put a pooler in front of the server, so that clients reuse open connections'],
};

function describeAt(bottleneck: Bottleneck | null, columns = 80): string[] {
  return describeBottleneck(bottleneck, { columns, paint: PLAIN });
}

describe('the bottleneck in a report', () => {
  it('is said with how sure that is, its figures, what is against it, not seen, and what would help', () => {
    expect(describeAt(POSTMASTER).join('\n')).toMatchInlineSnapshot(`
      "what gives out: the postmaster, which takes one connect at a time (inferred,
        not proven)
        1.40 s  spawn, median (at low load 1.20 s)
           92%  the postmaster was on a CPU (at low load 2.0%)
        12.0/s  parallel workers launched
           300  connections in the accept queue, at most
      what speaks against it:
        2.5%  the host's CPUs were idle (at low load 85%)
      what could not be measured:
        - the postmaster's own time on its host: run connstorm on the server's
          machine (hidepid)
      what would help:
        - put a pooler in front of the server, so that clients reuse open
          connections"
    `);
  });

  it('is not there where nothing was told', () => {
    expect(describeAt(null)).toEqual([]);
  });

  it.each(CAUSES)('has words for %s, and is no surer than it was', (cause) => {
    const [inferred = ''] = describeAt({ cause, confidence: 'inferred', evidence: [] }, 200);
    const [proven = ''] = describeAt({ cause, confidence: 'proven', evidence: [] }, 200);
    expect(inferred).not.toMatch(/\(proven\)/);
    expect(proven.includes('(proven)')).toBe(cause !== 'none');
  });

  it('says nothing of how sure it is that it does not know', () => {
    const unknown: Bottleneck = { cause: 'unknown', confidence: 'unknown', evidence: [] };
    expect(describeAt(unknown)).toEqual(['what gives out is not known']);
  });

  it.each([80, 60, 40])('keeps to %i columns', (columns) => {
    const lines = describeAt(POSTMASTER, columns);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(columns);
  });

  it('gives foreign text no power over the terminal', () => {
    const missing = ['the canary (\u001b[2Jboo)'];
    const text = describeAt({ ...POSTMASTER, missing }).join('\n');
    expect(text).not.toContain('\u001b');
    expect(text).toContain('\\x1b[2Jboo');
  });

  it('changes no character where it is in colour', () => {
    const coloured = describeBottleneck(POSTMASTER, { columns: 80, paint: createPaint(true) });
    expect(coloured[0]).toContain('\u001b[33m');
    const codes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
    expect(coloured.map((line) => line.replace(codes, ''))).toEqual(describeAt(POSTMASTER));
  });

  it('stands between what was stormed and the curve', () => {
    const text = renderSearch(FOUND, { bottleneck: POSTMASTER });
    const at = text.indexOf('what gives out: the postmaster');
    expect(at).toBeGreaterThan(text.indexOf('\nvalid'));
    expect(at).toBeLessThan(text.indexOf('offered  achieved'));
  });
});
