import { expect, it } from 'vitest';
import { listAdvice } from '../../../src/analysis/bottleneck/advice.ts';
import { gatherEvidence } from '../../../src/analysis/bottleneck/evidence.ts';
import { ProbeLog } from '../../../src/analysis/bottleneck/probe-log.ts';
import { Tally } from '../../../src/analysis/figures/tally.ts';
import { makeHeader, REFUSED, SECOND_US } from '../../support/synthetic/synthetic-run.ts';

/** Advice on a run of a second, half of whose connects are refused because no slot was free with this message. */
function advise(message: string, pooler: boolean | null): string {
  const tally = new Tally([]);
  Object.assign(tally.counts, { due: 40, started: 40, ok: 20, failed: 20 });
  const { target } = makeHeader();
  const record = { index: 0, fromUs: 0, toUs: SECOND_US };
  const rates = { startRatePerSecond: 40, endRatePerSecond: 40 };
  const evidence = gatherEvidence({
    steps: [{ record: { ...record, ...rates }, tally }],
    ranUntilUs: [SECOND_US],
    probes: new ProbeLog(),
    errors: [{ ...REFUSED, message, ledger: 'attempt', normalised: message, count: 20 }],
    target: { server: { ...target.server, pooler } },
    reasons: [],
    search: undefined,
  });
  if (evidence === undefined) throw new Error('no step was judged');
  return listAdvice('connection-limit', evidence).join();
}

it.each([null, false])(
  'wants no pooler before a pooler that refuses in its own words, whatever logins showed (%s)',
  (pooler) => {
    const own = [
      'Max client connections reached',
      'no more connections allowed',
      'Sorry, too many clients already',
    ];
    for (const message of own) expect(advise(message, pooler)).not.toContain('put a pooler');
    expect(advise('sorry, too many clients already', pooler)).toContain('put a pooler');
  },
);
