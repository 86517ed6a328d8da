import { describe, expect, it } from 'vitest';
import { createSummary } from '../../../src/analysis/summary.ts';
import { renderReport } from '../../../src/report/terminal.ts';
import type { VariantsHeaderRecord } from '../../../src/result/records/header.ts';
import type { ResultRecord } from '../../../src/result/records/records.ts';
import {
  makeAttempt,
  makeOk,
  makeSteps,
  REFUSED,
  SECOND_US,
  type SyntheticRun,
} from '../../support/synthetic/synthetic-run.ts';
import {
  makeVariantsHeader,
  type PlayedLeg,
  playVariants,
} from '../../support/synthetic/synthetic-variants.ts';

function render(records: ResultRecord[], columns = 80, colour = false): string {
  const header = records[0] as VariantsHeaderRecord;
  const fold = createSummary(header);
  for (const record of records) fold.add(record);
  const resultPath = 'results/20260101T000000Z-steady.ndjson';
  return renderReport({ summary: fold.finish(), header }, { columns, colour, resultPath });
}

const range = (fromUs: number) => Array.from({ length: 10 }, (_, index) => fromUs + index * 1000);
const specOf = (driver: string) => ({ connection: { driver, queries: 0 } });
const SPECS = { wire: specOf('wire'), pg: specOf('pg') };

function refuseTwo(run: SyntheticRun): void {
  run.ended(makeAttempt({ atUs: 5000 }), 'failed', REFUSED);
  run.ended(makeAttempt({ atUs: 5000 }), 'failed', REFUSED);
}

/** `names` in turn, each 10 ms slower than the one before; the last one is refused twice a round. */
function play(names: string[], rounds = 2): ResultRecord[] {
  const header = makeVariantsHeader(names, { rounds, specs: SPECS, arrivalCount: 10 });
  const legs = header.rounds.flatMap(({ round, order }) =>
    order.map((variant): PlayedLeg => {
      const index = names.indexOf(variant);
      const all = range(10_000 * (index + 1));
      const isLast = index === names.length - 1;
      return {
        variant,
        round,
        latenciesUs: isLast ? all.slice(0, 8) : all,
        ...(isLast ? { also: refuseTwo } : {}),
      };
    }),
  );
  return playVariants(header, legs);
}

function widest(text: string): number {
  return Math.max(...text.split('\n').map((line) => [...line].length));
}

describe('the report of variants', () => {
  it('shows what a connect cost others, where that was seen', () => {
    const base = makeVariantsHeader(['direct', 'pooled'], { arrivalCount: 10 });
    const variants = base.variants.map((it) => {
      const server = { ...it.target.server, pooler: it.name === 'pooled' };
      return { ...it, target: { ...it.target, server } };
    });
    const header = { ...base, variants };
    const look = (variant: string, serverCpuUs: number): ResultRecord[] => {
      const run = { variant, round: 1, latenciesUs: range(10_000) };
      const [leg, ...rest] = playVariants(header, [run]).slice(1, -1);
      const seen = { atUs: 1_999_000, elapsedUs: 2_000_000, serverCpuUs, backends: 7 };
      const on = { type: 'probe', atUs: 0, probe: 'host', state: 'on' } as const;
      return [leg as ResultRecord, on, { type: 'sample', probe: 'host', ...seen }, ...rest];
    };
    const end: ResultRecord = { type: 'end', atUs: 9_000_000, stoppedBy: 'end' };
    const text = render([header, ...look('direct', 512_000), ...look('pooled', 61_000), end]);
    expect(
      text.slice(text.indexOf('what a connect cost'), text.indexOf('connstorm itself')),
    ).toMatchInlineSnapshot(`
      "what a connect cost  server CPU  pooler CPU  backends
      direct                  51.2 ms           -         7
      pooled                  6.10 ms           -         7
      server CPU, pooler CPU: the CPU time of all their processes, divided by the
        attempts started. It includes their other work in that time and the queries of
        the probes. backends: the highest number at one time, those of the probes
        included
      pooled: the server's CPU per connect is exact to ±2.00 ms, because the system
        counts the CPU time of ended processes in steps of 10 ms; the pooler's CPU is
        not known (the samples do not cover the whole load)

      "
    `);
    expect(widest(text)).toBeLessThanOrEqual(80);
    expect(render(play(['wire', 'pg']))).not.toContain('what a connect cost');
  });

  it.each<[string, number[], string]>([
    [
      'were cold',
      [],
      'cold: there was no warm-up, so each leg found its target as the leg before had left it (set warmUp to change that)',
    ],
    [
      'were warmed up',
      [1_500_000, 1_500_000, 1_500_000, 1_500_000],
      'warm-up: 1.5 s of the same load ran before each leg; it is not measured',
    ],
    [
      'were warmed up, but for one',
      [1_500_000, 1_500_000, 900_000, 1_500_000],
      'warm-up: 1.5 s of the same load ran before each leg; it is not measured; the warm-up was shorter before one leg',
    ],
  ])('says that legs %s', (_, warmedUs, line) => {
    const [first, ...others] = play(['wire', 'pg']);
    const header = first as VariantsHeaderRecord;
    const warm = warmedUs.length === 0 ? {} : { warmUpUs: 1_500_000, durationUs: 2_000_000 };
    const variants = header.variants.map((it) => ({ ...it, plan: { ...it.plan, ...warm } }));
    let leg = 0;
    const records = others.map((record) => {
      if (record.type !== 'leg') return record;
      const us = warmedUs[leg++];
      return us === undefined ? record : { ...record, warmedUs: us };
    });
    expect(render([{ ...header, variants }, ...records]).replaceAll('\n  ', ' ')).toContain(line);
  });

  it('shows two side by side', () => {
    expect(render(play(['wire', 'pg']))).toMatchInlineSnapshot(`
      "direct 127.0.0.1:5432 (lab), PostgreSQL 18.4, scram-sha-256, no TLS
      steady: 2 rounds of 2 variants in turn; every other round is in reverse order,
        seed 7
      constant-arrival-rate, 10 arrivals in 1 s a round, 2 workers, at most 100 in
        flight
      cold: there was no warm-up, so each leg found its target as the leg before had
        left it (set warmUp to change that)
      wire: connection.driver wire
      pg: connection.driver pg
      valid

      no verdict on pg against wire: there are 2 rounds, but a verdict needs 5
        (--repeat 5)

      by rounds                   ok        median      times  95 % interval
      service time p99 *  wire  100%       19.0 ms
                          pg     80%     ≥ 27.0 ms     ≥ 1.42              -
      latency p50         wire  100%       14.0 ms
                          pg     80%  23.0-27.0 ms  1.64-1.93              -
      latency p99         wire  100%       19.0 ms
                          pg     80%     ≥ 27.0 ms     ≥ 1.42              -
      service time p50    wire  100%       14.0 ms
                          pg     80%  23.0-27.0 ms  1.64-1.93              -
      spawn p50           wire  100%       7.00 ms
                          pg     80%  11.5-13.5 ms  1.64-1.93              -
      spawn p99           wire  100%       9.50 ms
                          pg     80%     ≥ 13.5 ms     ≥ 1.42              -
      * the figure to judge by, the others are for information only; median: the
        median of the rounds; times: how many times the baseline's time, estimated
        from all pairs of rounds (Hodges-Lehmann, exact interval)
      ok: the share of all attempts (dropped arrivals included) that have this
        figure

      pg: what gives out: connection slots (proven)
         4  connects refused because no slot was free
        20  connects tried
      what would help:
        - let clients hold connections for less time, or have fewer of them
        - put a pooler in front of the server, so that clients reuse open
          connections
        - raise max_connections, as memory allows

            rounds  offered  achieved  started  ok  failed  ok of due  dropped
      wire  2 of 2   10.0/s    10.0/s       20  20      0%       100%        0
      pg    2 of 2   10.0/s    8.00/s       20  16     20%        80%        0

      connstorm itself  late p50  late p99  CPU a connect  valid
      wire                  0 µs      0 µs         500 µs    yes
      pg                    0 µs      0 µs         500 µs    yes
      CPU a connect is the CPU time (user + system) of the whole connstorm process,
        divided by the attempts started. It includes using and closing connections,
        and all else that connstorm does

                      wire n      p50      p99  pg n      p50      p99
      latency             20  14.0 ms  19.0 ms    16  23.0 ms  27.0 ms
      service time        20  14.0 ms  19.0 ms    16  23.0 ms  27.0 ms
        tcp               20  1.40 ms  1.90 ms    16  2.30 ms  2.70 ms
        spawn             20  7.00 ms  9.50 ms    16  11.5 ms  13.5 ms
        auth              20  1.40 ms  1.90 ms    16  2.30 ms  2.70 ms
        ready             20  4.20 ms  5.70 ms    16  6.90 ms  8.10 ms
      failed latency       -        -        -     4  5.00 ms  5.00 ms
      lateness            20     0 µs     0 µs    20     0 µs     0 µs
      for information only: figures of all rounds merged do not show how much rounds
        differ by chance
      --explain explains the figures

      latency by round, p50 / p99
        wire  14.0 ms / 19.0 ms, 14.0 ms / 19.0 ms
        pg    23.0 ms / 27.0 ms, 23.0 ms / 27.0 ms

      errors of pg
      4  server/ready 53300: sorry, too many clients already

      arrivals: 40 due = 40 begun
      attempts: 40 started = 36 ok + 4 failed
      connections: 36 opened = 36 closed
      the lab's server runs on this machine with lower priority than connstorm (nice
        10)
      measured 2026-01-01 00:00:00 UTC by connstorm 0.1.0
      generated on Linux 6.1 x64, 2 CPUs (a processor), 7.45 GiB of memory, Node
        v20.19.0
      logged in as user storm, database postgres

      verdict: valid
      no verdict on pg against wire: there are 2 rounds, but a verdict needs 5
        (--repeat 5)
      result: results/20260101T000000Z-steady.ndjson
      "
    `);
  });

  it.each([2, 3, 4, 8, 16].flatMap((count) => [80, 60].map((columns) => [count, columns])))(
    'of %i variants fits %i columns, each figure with its count',
    (count = 0, columns = 0) => {
      const names = Array.from({ length: count }, (_, index) => `variant-${index + 1}`);
      const text = render(play(names), columns);
      expect(widest(text)).toBeLessThanOrEqual(columns);
      for (const name of names) expect(text).toContain(name);
    },
  );

  it.each(['short', 'a-variant-whose-name-is-very-lon'])(
    'fits 60 columns with verdicts by rounds, of variants named %s',
    (name) => {
      expect(widest(render(play([name, `x${name}`.slice(0, 32)], 6), 60))).toBeLessThanOrEqual(60);
    },
  );

  it('explains the columns of the comparison that are shown, and names those that found no room', () => {
    const text = render(play(['short', 'xshort'], 6), 50).replaceAll(/\s+/g, ' ');
    expect(text).toContain('times: how many times');
    expect(text).not.toContain('median: the median of the rounds');
    expect(text).not.toContain('ok: the share of all attempts');
    expect(text).toContain('the terminal is too narrow for these columns: ok, median');
  });

  it('has a block for each metric where variants do not fit beside each other', () => {
    const text = render(play(['a', 'b', 'c', 'd']));
    expect(text).toMatch(/^ +count +p50 +p99$/m);
    expect(text).toMatch(/^latency\n {2}a +20 +[\d.]+ ms +[\d.]+ ms\n {2}b +20 /m);
    expect(render(play(['a', 'b', 'c', 'd']), 200)).toMatch(/a n +p50 +p99 +b n +p50 +p99/);
  });

  it('claims nothing: no variant is called faster', () => {
    const text = render(play(['wire', 'pg']));
    expect(text).not.toMatch(/faster|slower|better|worse/);
    expect(text).toContain('for information only');
  });

  it('has a row for each step of each ramp', () => {
    const header = makeVariantsHeader(['wire', 'pg'], { specs: SPECS });
    for (const { plan } of header.variants) {
      Object.assign(plan, { steps: makeSteps(2), durationUs: 2 * SECOND_US });
    }
    const legs = ['wire', 'pg'].map((variant) => ({ variant, round: 1, latenciesUs: range(1000) }));
    const text = render(playVariants(header, legs));
    expect(text).toMatch(
      /^wire +offered .*\n0-1 s +10\.0\/s +10\.0\/s +10 .*\n1-2 s +0\/s +0\/s +0 +-/m,
    );
    expect(text).toMatch(/^pg +offered .*\n0-1 s /m);
  });

  it('says that variants which differ in nothing do so', () => {
    const header = makeVariantsHeader(['a', 'b']);
    const legs = ['a', 'b'].map((variant) => ({ variant, round: 1, latenciesUs: range(1000) }));
    expect(render(playVariants(header, legs))).toMatch(
      /^a: no difference in its settings\nb: no difference/m,
    );
  });

  it('says how far each variant came where the run was stopped', () => {
    const stop = { stoppedBy: 'signal', reason: 'interrupted' } as const;
    const header = makeVariantsHeader(['wire', 'pg'], { rounds: 2, specs: SPECS });
    const legs = [
      { variant: 'wire', round: 1, latenciesUs: range(10_000) },
      { variant: 'pg', round: 1, latenciesUs: range(10_000).slice(0, 3), end: stop },
    ];
    const text = render(playVariants(header, legs, stop));
    expect(text.replace(/\n {2}/g, ' ')).toContain(
      'interrupted; wire has 1 of 2 rounds; pg has 0 of 2 rounds, and a part of one more',
    );
    expect(text).toContain('(cut short)');
  });

  it('says once that the forks of all were made dear on purpose', () => {
    const lab = { postgres: { forkCostMs: 5 } };
    const specs = { wire: { ...SPECS.wire, lab }, pg: { ...SPECS.pg, lab } };
    const header = makeVariantsHeader(['wire', 'pg'], { specs });
    const legs = ['wire', 'pg'].map((variant) => ({ variant, round: 1, latenciesUs: range(1000) }));
    const said = render(playVariants(header, legs)).match(/on purpose/g);
    expect(said).toHaveLength(1);
  });

  it('warns of spawns that are different things', () => {
    const records = play(['wire', 'pg']).map((record) => {
      if (record.type !== 'interval' || record.fromUs !== 10_000_000) return record;
      const steps = record.steps.map((step) => ({ ...step, boundaries: { tls: 8 } }));
      return { ...record, steps };
    });
    expect(render(records).replace(/\n {2}/g, ' ')).toContain(
      'spawn ends with different messages, so do not compare it (wire: ',
    );
  });

  it('names the variant of what makes the run invalid', () => {
    const header = makeVariantsHeader(['wire', 'pg'], { specs: SPECS, arrivalCount: 2 });
    const legs = [
      { variant: 'wire', round: 1, latenciesUs: [1000, 2000] },
      { variant: 'pg', round: 1, latenciesUs: [], also: refuseTwo },
    ];
    const text = render(playVariants(header, legs));
    expect(text).toMatch(/^INVALID pg NO_DATA: no connect succeeded/m);
    expect(text).toMatch(/^pg +- +- +0 µs|^pg .*NO_DATA$/m);
  });

  it('is coloured only where it may be', () => {
    expect(render(play(['wire', 'pg']))).not.toContain('\x1b');
    expect(render(play(['wire', 'pg']), 80, true)).toContain('\x1b[32myes');
  });

  it('is valid where all were merely late, and says which figures are not to be trusted', () => {
    const header = makeVariantsHeader(['direct', 'pooled'], { rounds: 5, arrivalCount: 10 });
    const legs = header.rounds.flatMap(({ round, order }) =>
      order.map((variant): PlayedLeg => {
        const fromUs = variant === 'direct' ? 60_000 : 20_000;
        return {
          variant,
          round,
          latenciesUs: range(fromUs + round),
          firstQuery: true,
          latenessUs: 9000,
        };
      }),
    );
    const text = render(playVariants(header, legs), 1000);
    expect(text).not.toContain('INVALID');
    expect(text).toMatch(/^valid as a comparison \(direct: late; pooled: late\)$/m);
    expect(text).toContain(
      'Do not trust its latency and first query, which count from the schedule. The load was as planned. The comparison is not affected, because it counts from the actual start',
    );
    // The very words of the variant's validity, which a budget's reason has as well.
    const fold = createSummary(header);
    for (const record of playVariants(header, legs)) fold.add(record);
    const [late] = fold.finish().variants.direct?.validity.reasons ?? [];
    expect(late?.message).toContain('connstorm started attempts late: p');
    expect(text).toContain(`direct LATE_GENERATOR: ${late?.message}. Do not trust`);
    expect(text).toContain('pooled LATE_GENERATOR');
    expect(text).toMatch(/^pooled answers the first query .* faster than direct at p99/m);
  });
});

it('says whose connections failed once they were ready', () => {
  const header = makeVariantsHeader(['direct', 'pooled'], { arrivalCount: 12 });
  const fail = (run: SyntheticRun): void => {
    for (let index = 0; index < 2; index++) {
      const attempt = makeOk(5000);
      run.recorder.recordBegun(0, attempt.startUs, 0);
      run.recorder.recordOk(attempt);
      run.recorder.recordConnectionEnd(0, 9000, 'queryFailed', { ...REFUSED, phase: 'query' });
    }
  };
  const text = render(
    playVariants(header, [
      { variant: 'direct', round: 1, latenciesUs: range(3000), firstQuery: true },
      { variant: 'pooled', round: 1, latenciesUs: range(3000), firstQuery: true, also: fail },
    ]),
    200,
  );
  expect(text).toContain('pooled: 2 of 12 connections failed in their query (17%)');
  expect(text).toContain(
    'ready, but without a result of the first query, and ranked as the slowest there: 2 of pooled',
  );
  expect(text).not.toContain('direct: 2 of');
});
