import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/result/records/comparison.ts';
import type { EndRecord } from '../../src/result/records/end.ts';
import type { VariantsHeaderRecord } from '../../src/result/records/header.ts';
import type { ResultRecord } from '../../src/result/records/records.ts';
import { runInProcess } from '../support/cli/cli-in-process.ts';
import { planSearch } from '../support/synthetic/synthetic-capacity.ts';
import { makeHeader, makeOk, makeSteps, SyntheticRun } from '../support/synthetic/synthetic-run.ts';
import { makeVariantsHeader, playVariants } from '../support/synthetic/synthetic-variants.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'connstorm-compare-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function save(name: string, records: readonly ResultRecord[]): string {
  const path = join(folder, `${name}.ndjson`);
  writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return path;
}

interface Play {
  rounds?: number;
  latenessUs?: number;
  /** Over the header. */
  change?: (header: VariantsHeaderRecord) => void;
}

/** Every variant with attempts around its latency, a little other each round. */
function play(
  latenciesUs: Record<string, number>,
  { rounds = 5, latenessUs = 0, change }: Play = {},
): ResultRecord[] {
  const header = makeVariantsHeader(Object.keys(latenciesUs), { rounds, arrivalCount: 10 });
  change?.(header);
  const legs = header.rounds.flatMap(({ round, order }) =>
    order.map((variant) => {
      const us = (latenciesUs[variant] ?? 0) * (1 + round / 500);
      return {
        variant,
        round,
        latenciesUs: Array.from({ length: 10 }, (_, index) => Math.round(us + index)),
        firstQuery: true,
        latenessUs,
      };
    }),
  );
  return playVariants(header, legs);
}

const compare = (...args: string[]) => runInProcess(['compare', ...args]);

describe('connstorm compare', () => {
  it('tells of the variants of one result how much faster the others are than the first', async () => {
    const path = save('pooled', play({ direct: 100_000, pooled: 20_000 }));
    const { code, stdout, stderr } = await compare(path);
    expect(stderr).toBe('');
    expect(stdout).toMatchInlineSnapshot(`
      "pooled: steady, 5 rounds, 2026-01-01T00:00:00.000Z, PostgreSQL 18.4, connstorm
        0.1.0

      pooled answers the first query 4.81x faster than direct at p99 (4.78-4.84x, n
        = 5)

      by rounds                       ok   median  times  95 % interval
      start to query p99 *  direct  100%   102 ms
                            pooled  100%  21.1 ms   0.21           0.21
      start to query p50    direct  100%   102 ms
                            pooled  100%  21.1 ms   0.21           0.21
      first query p50       direct  100%   102 ms
                            pooled  100%  21.1 ms   0.21           0.21
      first query p99       direct  100%   102 ms
                            pooled  100%  21.1 ms   0.21           0.21
      latency p50           direct  100%   101 ms
                            pooled  100%  20.1 ms   0.20           0.20
      latency p99           direct  100%   101 ms
                            pooled  100%  20.1 ms   0.20           0.20
      service time p50      direct  100%   101 ms
                            pooled  100%  20.1 ms   0.20           0.20
      service time p99      direct  100%   101 ms
                            pooled  100%  20.1 ms   0.20           0.20
      spawn p50             direct  100%  50.3 ms
                            pooled  100%  10.1 ms   0.20           0.20
      spawn p99             direct  100%  50.3 ms
                            pooled  100%  10.1 ms   0.20           0.20
      * the figure to judge by, the others are for information only; median: the
        median of the rounds; times: how many times the baseline's time, estimated
        from all pairs of rounds (Hodges-Lehmann, exact interval)
      ok: the share of all attempts (dropped arrivals included) that have this
        figure

              rounds  offered  achieved  started  ok  failed  ok of due  dropped
      direct  5 of 5   10.0/s    10.0/s       50  50      0%       100%        0
      pooled  5 of 5   10.0/s    10.0/s       50  50      0%       100%        0
      "
    `);
    expect(code).toBe(0);
  });

  it('tells of a result against an earlier one, and of a regression by its exit code', async () => {
    const before = save('before', play({ base: 20_000 }));
    const after = save('after', play({ base: 26_000 }));
    const worse = await compare(before, after);
    expect(worse.stdout).toContain(
      'after answers the first query in 29% more time than before at p99 (27.8-29.3%,',
    );
    expect(worse.code).toBe(112);
    const better = await compare(after, before);
    expect(better.stdout).toContain('before answers the first query in 22% less time than after');
    expect(better.code).toBe(0);
  });

  it('says so where two files hold the same run', async () => {
    const once = save('once', play({ base: 20_000 }));
    const same = 'twice is the same run as once: no difference can be seen between the two';
    const twice = await compare(once, save('twice', play({ base: 20_000 })));
    expect(twice.stdout).toContain(same);
    const other = await compare(once, save('other', play({ base: 20_001 })));
    expect(other.stdout).not.toContain('is the same run');
  });

  it('compares variants of several results by their names', async () => {
    const before = save('main', play({ direct: 100_000, pooled: 20_000 }));
    const after = save('branch', play({ direct: 100_000, pooled: 40_000 }));
    const { code, stdout } = await compare(before, after);
    expect(stdout).toContain('branch direct answers the first query as fast as main direct at p99');
    expect(stdout).toContain('branch pooled answers the first query 1.95x slower than main pooled');
    expect(code).toBe(112);
  });

  it('shows three results as a table against the first', async () => {
    const paths = [20_000, 26_000, 15_000].map((us, index) =>
      save(`r${index}`, play({ base: us })),
    );
    const { stdout } = await compare(...paths);
    expect(stdout).toContain('r1 answers the first query in 29% more time than r0');
    expect(stdout).toContain('r2 answers the first query in 24% less time than r0');
  });

  it('says so where rounds are too few, and fails where a verdict is required', async () => {
    const [before, after] = [
      save('b3', play({ base: 20_000 }, { rounds: 3 })),
      save('a3', play({ base: 90_000 }, { rounds: 3 })),
    ];
    const { code, stdout } = await compare(before, after);
    expect(stdout).toContain(
      'no verdict on a3 against b3: there are 3 rounds, but a verdict needs 5\n  (--repeat 5)',
    );
    expect(code).toBe(0);
    expect((await compare(before, after, '--require-verdict')).code).toBe(113);
  });

  it('compares single runs without a verdict', async () => {
    const run = (us: number): ResultRecord[] => {
      const storm = new SyntheticRun(makeSteps(1));
      for (let i = 0; i < 10; i++) storm.ok(makeOk(us + i));
      return storm.records(makeHeader());
    };
    const { code, stdout } = await compare(save('one', run(1000)), save('two', run(9000)));
    expect(stdout).toContain(
      'no verdict on two against one: there is one round, but a verdict needs 5',
    );
    expect(code).toBe(0);
  });

  it('judges by other margins and another figure where flags say so', async () => {
    const [before, after] = [
      save('m1', play({ base: 20_000 })),
      save('m2', play({ base: 26_000 })),
    ];
    const wide = await compare(before, after, '--absolute', '10ms');
    expect(wide.stdout).toContain('too small a difference to matter');
    expect(wide.code).toBe(0);
    const relative = await compare(before, after, '--relative', '0.5');
    expect(relative.code).toBe(0);
    const { stdout } = await compare(before, after, '--primary', 'spawn p(50)', '--json');
    const { comparison } = JSON.parse(stdout) as { comparison: Comparison[] };
    expect(comparison[0]).toMatchObject({ metric: 'spawn', aggregation: 'p(50)', primary: true });
  });

  it('prints the comparison alone as JSON', async () => {
    const path = save('json', play({ direct: 100_000, pooled: 20_000 }));
    const { stdout } = await compare(path, '--json');
    const record = JSON.parse(stdout) as { comparison: Comparison[] };
    expect(record).toMatchObject({
      type: 'comparison',
      version: 1,
      exitCode: 0,
      capacity: [],
      sides: [
        { name: 'direct', roundsPlanned: 5, accounting: { due: 50, ok: 50 }, capacity: null },
        { name: 'pooled', roundsPlanned: 5, accounting: { due: 50, ok: 50 }, capacity: null },
      ],
    });
    expect(record.comparison[0]).toMatchObject({
      metric: 'firstQueryServiceTime',
      a: 'pooled',
      b: 'direct',
      verdict: 'faster',
      n: 5,
      aShare: 1,
      bShare: 1,
    });
  });

  it('tells the label, time, target and version of each result, and its path in JSON', async () => {
    const labelled = (label: string): ResultRecord[] => {
      const [header, ...records] = play({ base: 20_000 });
      if (header?.type !== 'header') throw new Error('a header comes first');
      return [{ ...header, label }, ...records];
    };
    const paths = ['old', 'new'].map((name) => save(name, labelled(`${name}\u001b[31m`)));
    const { stdout } = await compare(...paths);
    expect(stdout).toMatch(/^new: \w+, label new\\x1b\[31m, 5 rounds, 20\d\d-/m);
    const { results } = JSON.parse((await compare(...paths, '--json')).stdout);
    const connstorm = expect.any(String);
    expect(results).toMatchObject([
      { name: 'old', measured: { label: 'old\u001b[31m', path: paths[0], connstorm } },
      { name: 'new', measured: { label: 'new\u001b[31m', path: paths[1], targets: [{}] } },
    ]);
  });

  it('shows the figures of single runs', async () => {
    const { stdout } = await compare(
      save('once', play({ base: 20_000 }, { rounds: 1 })),
      save('twice', play({ base: 40_000 }, { rounds: 1 })),
    );
    expect(stdout).toMatch(
      /^start to query p99 \* +once +100% +21\.0 ms\n +twice +100% +41\.1 ms +1\.95/m,
    );
  });

  it('calls files with long names by letters, and says which is which', async () => {
    const names = ['20260101T000000Z-pooled-vs-direct', '20260102T000000Z-pooled-vs-direct'];
    const variant = 'v'.repeat(32);
    const paths = names.map((name) => save(name, play({ direct: 90_000, [variant]: 20_000 })));
    const { stdout } = await compare(...paths);
    expect(stdout.replaceAll('\n  ', ' ')).toMatch(
      /^a: \S+20260101T000000Z-pooled-vs-direct\.ndjson/m,
    );
    expect(stdout).toContain('b direct answers the first query as fast as a direct');
    const widths = stdout.split('\n').map((line) => [...line].length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
  });

  it('fits 80 columns, whatever the names are', async () => {
    const path = save('wide', play({ ['d'.repeat(20)]: 100_000, ['p'.repeat(20)]: 20_000 }));
    const { stdout } = await compare(path);
    const widths = stdout.split('\n').map((line) => [...line].length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
  });
});

describe('what connstorm compare refuses', () => {
  const differ = ({ variants }: { variants: { spec: Record<string, unknown> }[] }): void => {
    for (const variant of variants) {
      variant.spec = { ...variant.spec, connection: { driver: 'pg', queries: 0 } };
    }
  };

  it('is results of different scenarios, but by force, and then they are marked', async () => {
    const [before, after] = [
      save('s1', play({ base: 20_000 })),
      save('s2', play({ base: 26_000 }, { change: differ })),
    ];
    const refused = await compare(before, after);
    expect(refused).toMatchObject({ code: 104, stdout: '' });
    expect(refused.stderr).toBe(
      'connstorm: their scenarios differ in connection.driver wire / pg\n' +
        'connstorm: they are not compared; --force compares them in spite of this, and marks the comparison\n',
    );
    const forced = await compare(before, after, '--force');
    expect(forced.code).toBe(112);
    expect(forced.stdout).toContain(
      'judged in spite of this (--force): their scenarios differ in connection.driver',
    );
  });

  it('is an invalid result, which no budget could pass either', async () => {
    const before = save('i1', play({ base: 20_000 }));
    const records = play({ base: 20_000 });
    // A leg's arrivals are not those of the plan.
    const header = records[0];
    if (header?.type !== 'header' || header.version !== 2) throw new Error('a header comes first');
    for (const { plan } of header.variants) plan.arrivalCount = 11;
    const { code, stderr } = await compare(before, save('i2', records));
    expect(code).toBe(111);
    expect(stderr).toContain('i2 is invalid: ACCOUNTING');
  });

  it('is one that was warmed up otherwise', async () => {
    const warm = ({ variants }: { variants: { plan: { warmUpUs?: number } }[] }): void => {
      for (const { plan } of variants) plan.warmUpUs = 2_000_000;
    };
    const [before, after] = [
      save('cold', play({ base: 20_000 })),
      save('warm', play({ base: 20_000 }, { change: warm })),
    ];
    const { code, stderr } = await compare(before, after);
    expect(stderr).toContain('their scenarios differ in warmUp 0s / 2s');
    expect(code).toBe(104);
  });

  it('is another auth method or server, where nobody says that it is meant', async () => {
    const elsewhere = ({ variants }: Pick<VariantsHeaderRecord, 'variants'>): void => {
      for (const variant of variants) {
        const { server } = variant.target;
        variant.target = {
          ...variant.target,
          lab: false,
          host: 'ci-7',
          server: { ...server, auth: 'trust' },
        };
      }
    };
    const before = save('here', play({ base: 20_000 }));
    const after = save('there', play({ base: 20_000 }, { change: elsewhere }));
    const { code, stderr } = await compare(before, after);
    expect(stderr).toContain(
      'auth method differs: here scram-sha-256, there trust (if you intend this, use --across auth)',
    );
    expect(stderr).toContain('their servers differ');
    expect(code).toBe(104);
    const meant = await compare(before, after, '--across', 'auth,server');
    expect(meant.stderr).toBe('');
    expect(meant.stdout).toContain('there answers the first query as fast as here');
  });

  it('is a file that has a variant more, whichever comes first', async () => {
    const two = save('two', play({ direct: 20_000, pooled: 9000 }));
    const three = save('three', play({ direct: 20_000, pooled: 9000, session: 9000 }));
    for (const paths of [
      [two, three],
      [three, two],
    ]) {
      const { code, stderr } = await compare(...paths);
      expect(stderr).toContain('three has a variant session, and two has only direct, pooled: ');
      expect(code).toBe(104);
    }
  });

  it('is another scenario, and no more than that, though connstorm was late with one of them', async () => {
    const before = save('quick', play({ base: 20_000 }));
    const late = play({ base: 20_000 }, { change: differ, latenessUs: 9000 });
    const { code, stderr } = await compare(before, save('late', late));
    expect(stderr).not.toContain('invalid');
    expect(stderr).toContain('their scenarios differ');
    expect(code).toBe(104);
  });

  it.each([
    [[], /name at least one file/],
    [['only'], /only has only one variant: give a second result/],
    [
      ['only', 'pair'],
      /pair has a variant direct, and only has only base \(a run without variants counts as one called base\): compare runs of the same variants, or give only one file/,
    ],
    [
      ['pair', 'only'],
      /only has a variant base, and pair has only direct, pooled \(a run without variants counts as one called base\): compare runs of the same variants/,
    ],
    [['only', 'missing'], /missing.ndjson/],
    [
      ['only', 'other', '--primary', 'speed p(99)'],
      /--primary must be a figure such as firstQuery p\(99\), got "speed p\(99\)": the metric must be one of/,
    ],
    [['only', 'other', '--relative', 'x'], /--relative must be a share from 0 to 10/],
    [
      ['only', 'other', '--across', 'luck'],
      /--across must be some of auth, tls, server, got "luck"/,
    ],
    [['only', 'other', '--absolute', '5'], /--absolute must be a duration such as 1ms, got "5"/],
    [['only', 'other', '--absolute', '5ms', '--absolute', '6ms'], /--absolute must be given once/],
  ])('is %j', async (args, message) => {
    save('only', play({ base: 20_000 }));
    save('other', play({ base: 20_000 }));
    save('pair', play({ direct: 100_000, pooled: 20_000 }));
    const files = args.map((arg) =>
      ['only', 'other', 'pair', 'missing'].includes(arg) ? join(folder, `${arg}.ndjson`) : arg,
    );
    const { code, stdout, stderr } = await compare(...files);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(code).toBe(104);
  });
});

describe('what was cut off', () => {
  const withoutEnd = (records: readonly ResultRecord[]): ResultRecord[] =>
    records.filter(({ type }) => type !== 'end');
  const withoutLastLeg = (records: readonly ResultRecord[]): ResultRecord[] => {
    const last = records.findLastIndex(({ type }) => type === 'leg');
    return records.slice(0, last);
  };
  const search = (over: Partial<Extract<ResultRecord, { type: 'end' }>> = {}): ResultRecord[] => {
    const header = makeHeader();
    const plan = planSearch(header.plan);
    return [
      { ...header, plan },
      { type: 'end', atUs: 0, stoppedBy: 'end', ...over },
    ];
  };

  it('is compared by the rounds that are whole, and ends as interrupted', async () => {
    const whole = save('w', play({ direct: 100_000, pooled: 20_000 }, { rounds: 6 }));
    expect((await compare(whole)).code).toBe(0);
    const cut = withoutLastLeg(play({ direct: 100_000, pooled: 20_000 }, { rounds: 6 }));
    const { code, stdout } = await compare(save('cut', cut));
    expect(code).toBe(105);
    expect(stdout).toContain('pooled answers the first query 4.8');
    expect(stdout).toMatch(/^cut: .*interrupted$/ms);
    expect((await compare(save('cut', cut), '--json')).stdout).toContain('"exitCode":105');
    expect((await compare(save('cut', cut), '--force')).code).toBe(105);
  });

  /** One whole round of two variants, of five. */
  const afterOne = (
    stoppedBy: EndRecord['stoppedBy'],
    latenciesUs: Record<string, number> = { base: 20_000 },
  ) => {
    const records = play(latenciesUs);
    const second = records.findIndex((record) => record.type === 'leg' && record.round === 2);
    const end = records.findLast((record) => record.type === 'leg' && record.round === 1);
    const atUs = end?.type === 'leg' ? end.fromUs + 2_000_000 : 0;
    return [...records.slice(0, second), { type: 'end', atUs, stoppedBy } satisfies EndRecord];
  };

  it('shows the same table by rounds as the report of an interrupted run of variants', async () => {
    const path = save('early', afterOne('signal', { direct: 20_000, pooled: 5000 }));
    const [ofFile, ofRun] = await Promise.all([compare(path), runInProcess(['report', path])]);
    const pickTable = ({ stdout }: { stdout: string }): string | undefined =>
      stdout.split('\n\n').find((block) => block.startsWith('by rounds'));
    expect(pickTable(ofFile)).toContain('pooled');
    expect(pickTable(ofRun)).toBe(pickTable(ofFile));
  });

  it.each<[EndRecord['stoppedBy'], string, number]>([
    ['signal', 'was interrupted', 105],
    ['condition', 'was stopped by a condition', 108],
    ['error', 'was ended by an error', 1],
  ])(
    'says how many rounds there are of a run that a %s ended, and ends as it did',
    async (stoppedBy, cut, exit) => {
      const [whole, part] = [
        save('whole', play({ base: 20_000 })),
        save('part', afterOne(stoppedBy)),
      ];
      const { code, stdout } = await compare(whole, part);
      const told = stdout.replaceAll('\n  ', ' ');
      expect(told).toMatch(new RegExp(`^part: .*, 1 of 5 rounds, .*, ${cut}$`, 'm'));
      expect(told).toContain(
        `no verdict on part against whole: 1 of part's 5 rounds is whole and valid (the run ${cut}), but a verdict needs 5`,
      );
      expect(code).toBe(exit);
      expect((await runInProcess(['report', part])).code).toBe(exit);
    },
  );

  it.each<[EndRecord['stoppedBy'], number]>([
    ['signal', 105],
    ['condition', 108],
    ['error', 1],
  ])('is compared by force too, and ends as what a %s ended: %i', async (stoppedBy, exit) => {
    const whole = save('all', play({ base: 20_000 }));
    const part = save('some', afterOne(stoppedBy));
    const { code, stdout } = await compare(whole, part, '--force');
    expect(stdout).toMatch(/^start to query p99 /m);
    expect(code).toBe(exit);
    expect((await compare(whole, part, '--force', '--json')).stdout).toContain(
      `"exitCode":${exit}`,
    );
  });

  it('is interrupted first, and invalid only then', async () => {
    const records = afterOne('signal');
    const header = records[0];
    if (header?.type !== 'header' || header.version !== 2) throw new Error('a header comes first');
    for (const { plan } of header.variants) plan.arrivalCount = 3;
    const part = save('both', records);
    const { code, stderr } = await compare(save('sound', play({ base: 20_000 })), part);
    expect(stderr).toContain('both is invalid: ACCOUNTING');
    expect(code).toBe(105);
    expect((await runInProcess(['report', part])).code).toBe(105);
  });

  it.each<[string, ResultRecord[], RegExp, number]>([
    ['by a crash', withoutEnd(search()), /the search of b was interrupted: run it again/, 105],
    ['by Ctrl-C', search({ stoppedBy: 'signal' }), /the search of b was interrupted/, 105],
    [
      'by a stop condition',
      search({ stoppedBy: 'condition' }),
      /the search of b was stopped by a condition: run it again/,
      108,
    ],
  ])(
    'is refused where it is a search that was ended %s, but by force',
    async (_, records, message, code) => {
      const [whole, cut] = [save('a', search()), save('b', records)];
      const refused = await compare(whole, cut);
      expect(refused.stderr).toMatch(message);
      expect(refused.stderr).toContain('--force compares them in spite of this');
      expect(refused).toMatchObject({ code, stdout: '' });
      const forced = await compare(whole, cut, '--force');
      expect(forced).toMatchObject({ code, stderr: '' });
      expect(forced.stdout).toMatch(
        /no verdict on which of b and a sustains more connects a second: /,
      );
    },
  );
});

describe('what is compared by force', () => {
  const lateEach = (latenciesUs: number): ResultRecord[] => {
    const records = play({ base: latenciesUs });
    // A leg's arrivals are not those of the plan: every round is invalid.
    const header = records[0];
    if (header?.type !== 'header' || header.version !== 2) throw new Error('a header comes first');
    for (const { plan } of header.variants) plan.arrivalCount = 11;
    return records;
  };

  it('has its figures though all rounds are invalid, a verdict, and a mark for each reason', async () => {
    const [before, after] = [save('f1', lateEach(20_000)), save('f2', lateEach(40_000))];
    expect((await compare(before, after)).code).toBe(111);
    const { code, stdout, stderr } = await compare(before, after, '--force');
    expect(stderr).toBe('');
    expect(code).toBe(112);
    expect(stdout).toContain('f2 answers the first query 1.95x slower than f1');
    expect(stdout).toMatch(/^start to query p99 \* +f1 +100% +21\.1 ms\n +f2 +100% +41\.2 ms/m);
    expect(stdout).toContain('judged in spite of this (--force): f2 is invalid: ACCOUNTING');
    expect(stdout).toContain(
      "judged in spite of this (--force): 5 of f2's 5 rounds are invalid or were cut\n  short, and were compared all the same\n",
    );
  });

  it('has its figures though it is one run that is invalid, and no verdict of one round', async () => {
    const run = (us: number): ResultRecord[] => {
      const storm = new SyntheticRun(makeSteps(1));
      for (let i = 0; i < 10; i++) storm.ok(makeOk(us + i));
      const records = storm.records(makeHeader());
      const header = records[0];
      if (header?.type === 'header' && header.version === 1) header.plan.arrivalCount = 11;
      return records;
    };
    const [one, two] = [save('one', run(1000)), save('two', run(9000))];
    const { code, stdout } = await compare(one, two, '--force');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^service time p99 \* +one +100% +1\.01 ms\n +two +100% +9\.01 ms/m);
  });

  it('is a search beside a storm, with the figures there are and no verdict', async () => {
    const header = makeHeader();
    const searched: ResultRecord[] = [
      { ...header, plan: planSearch(header.plan) },
      { type: 'end', atUs: 0, stoppedBy: 'end' },
    ];
    const storm = new SyntheticRun(makeSteps(1)).ok(makeOk(1000)).records(makeHeader());
    const { stdout, code } = await compare(save('sea', searched), save('sto', storm), '--force');
    expect(code).toBe(0);
    expect(stdout.replaceAll('\n  ', ' ')).toContain('sea was a search, which chose its own rates');
  });
});
