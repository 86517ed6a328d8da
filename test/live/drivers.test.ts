import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { VariantsSummaryRecord } from '../../src/result/records/summary-records.ts';
import { runCli, startCli } from '../support/cli/cli.ts';
import { temporaryPath } from '../support/run-storm.ts';
import { MACHINES } from '../support/storm-figures.ts';

/** The built-in scenario, short, against the lab. */

const SHORT = ['--set', 'load.rate=20', '--set', 'load.duration=1s'];

describe('connstorm run drivers', () => {
  it('shows both drivers side by side, each leg with all its connects', async () => {
    const args = [
      'run',
      'drivers',
      ...SHORT,
      '--json',
      '--quiet',
      '--out',
      temporaryPath('drivers'),
    ];
    const { stdout, stderr, code } = await runCli(args, '/');
    const summary: VariantsSummaryRecord = JSON.parse(stdout);
    const [said, ...others] = stderr.trimEnd().split('\n');
    expect(said).toBe(
      'there will be figures but no verdict: a verdict needs 5 rounds (--repeat 5)',
    );
    // Whether a busy machine has CPU for us is not what is tested.
    const codes = summary.validity.reasons.map((reason) => reason.code);
    expect([...MACHINES, 'SCRAM_CPU']).toEqual(expect.arrayContaining(codes));
    expect(code).toBe(codes.length === 0 ? 0 : 111);
    const told = codes.length === 0 ? [] : [expect.stringContaining('the run is invalid')];
    expect(others).toEqual(told);
    const { wire, pg } = summary.variants;
    for (const variant of [wire, pg]) {
      expect(variant?.accounting).toMatchObject({ due: 40, ok: 40, failed: 0 });
      expect(variant?.connections).toMatchObject({ opened: 40, closed: 40 });
      expect(variant?.metrics.firstQuery?.count).toBe(40);
      expect(variant?.rounds.map(({ metrics }) => metrics.firstQuery?.count)).toEqual([20, 20]);
    }
    expect(wire?.boundaries).toEqual(pg?.boundaries);
    // The pg library derives at every login; ours once for each leg and worker.
    expect(pg?.scram?.derivations).toBe(40);
    expect(wire?.scram?.derivations).toBeLessThan(40);
  });

  it('stopped by Ctrl-C keeps what was measured, and begins no further leg', async () => {
    const out = temporaryPath('stopped.ndjson');
    const args = ['run', 'drivers', ...SHORT, '--out', out];
    const cli = startCli([...args, '--set', 'variants.pg.load.duration=60s', '--json'], '/');
    await cli.waitFor('round 1/2 pg');
    cli.child.kill('SIGINT');
    const { code, stdout } = await cli.ended;
    expect(code).toBe(105);
    const { variants, accounting }: VariantsSummaryRecord = JSON.parse(stdout);
    expect(accounting.inFlight).toBe(0);
    expect(variants.wire?.rounds).toMatchObject([{ round: 1, stoppedBy: 'end' }]);
    expect(variants.pg?.rounds).toMatchObject([{ round: 1, stoppedBy: 'signal' }]);
    expect(variants.wire?.accounting.ok).toBe(20);
    const legs = readFileSync(out, 'utf8').match(/"type":"leg"/g);
    expect(legs).toHaveLength(2);
  });
});
