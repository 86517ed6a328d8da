import { describe, expect, it } from 'vitest';
import { GeneratorEvidence } from '../../../src/analysis/validity/generator-evidence.ts';
import type { GeneratorSample, WorkerSample } from '../../../src/result/records/samples.ts';

const SECOND_US = 1_000_000;

/** A second of two CPUs and one worker. */
function makeSample(
  worker: Partial<WorkerSample> = {},
  over: Partial<GeneratorSample> = {},
): GeneratorSample {
  return {
    type: 'sample',
    probe: 'generator',
    atUs: SECOND_US,
    elapsedUs: SECOND_US,
    cpuUs: 300_000,
    hostBusyUs: SECOND_US,
    hostTotalUs: 2 * SECOND_US,
    workers: [
      {
        worker: 0,
        utilisation: 0.3,
        loopDelayUs: 1000,
        arrivals: 100,
        latenessP99Us: 900,
        latenessMaxUs: 1000,
        cpuUs: 250_000,
        cpuWaitUs: 10_000,
        ...worker,
      },
    ],
    ...over,
  };
}

/** The same without some fields of the worker. */
function leaveOut(sample: GeneratorSample, ...fields: (keyof WorkerSample)[]): GeneratorSample {
  const isLeft = ([field]: [string, unknown]) => !(fields as string[]).includes(field);
  const workers = (sample.workers ?? []).map((worker) =>
    Object.fromEntries(Object.entries(worker).filter(isLeft)),
  );
  return { ...sample, workers: workers as unknown as WorkerSample[] };
}

const LATE = { latenessP99Us: 50_000, latenessMaxUs: 60_000 };

function gather(...samples: GeneratorSample[]): GeneratorEvidence {
  const evidence = new GeneratorEvidence();
  for (const sample of samples) evidence.add(sample);
  return evidence;
}

const codesOf = (reasons: { code: string }[]): string[] => reasons.map(({ code }) => code);

describe('what explains lateness', () => {
  it.each<[string, Partial<WorkerSample>, Partial<GeneratorSample>, string[]]>([
    ['nothing that was seen', {}, {}, []],
    ['the wait for a CPU', { cpuWaitUs: 400_000, utilisation: 0.7 }, {}, ['GENERATOR_STARVED']],
    ['a loop always busy', { cpuUs: 970_000, utilisation: 0.99 }, {}, ['WORKER_SATURATED']],
    // Its share of a CPU was half, and it used all of that.
    [
      'a loop always busy on a busy machine',
      { cpuUs: 500_000, cpuWaitUs: 490_000, utilisation: 1 },
      {},
      ['GENERATOR_STARVED', 'WORKER_SATURATED'],
    ],
    // Busy only because it waits: more workers would wait too.
    [
      'a loop that is busy waiting for a CPU',
      { cpuUs: 100_000, cpuWaitUs: 850_000, utilisation: 0.95 },
      {},
      ['GENERATOR_STARVED'],
    ],
    ['a stop', {}, { stoppedUs: 500_000 }, ['GENERATOR_STOPPED']],
    ['the hypervisor', {}, { hostStolenUs: 400_000 }, ['HOST_STOLEN']],
  ])('is %s', (_, worker, sample, codes) => {
    const evidence = gather(makeSample({ ...LATE, ...worker }, sample));
    expect(codesOf(evidence.explainLateness())).toEqual(codes);
  });

  it('of event loops is looked for in the seconds in which they were delayed', () => {
    const calm = makeSample({ ...LATE, cpuWaitUs: 400_000 });
    const delayed = makeSample({ loopDelayUs: 90_000, cpuUs: 970_000, utilisation: 0.99 });
    expect(codesOf(gather(calm, delayed).explainDelays())).toEqual(['WORKER_SATURATED']);
    expect(gather(calm).explainDelays()).toEqual([]);
  });

  it('is looked for in the late seconds of the late worker', () => {
    const evidence = gather(
      makeSample({ cpuUs: 970_000, utilisation: 0.99 }),
      makeSample({ ...LATE, cpuWaitUs: 300_000 }),
    );
    expect(codesOf(evidence.explainLateness())).toEqual(['GENERATOR_STARVED']);
  });

  it('is told where the system has no account of threads', () => {
    const evidence = new GeneratorEvidence();
    const { workers = [], ...rest } = makeSample({ ...LATE, utilisation: 0.97 });
    const bare = workers.map(({ cpuUs: _, cpuWaitUs: __, ...worker }) => worker);
    evidence.add({ ...rest, workers: bare });
    expect(codesOf(evidence.explainLateness())).toEqual(['WORKER_SATURATED']);
  });

  it('comes with its numbers', () => {
    const [reason] = gather(makeSample({ ...LATE, cpuWaitUs: 400_000 })).explainLateness();
    expect(reason?.message).toContain('waited 400 ms of each second for a CPU');
    expect(reason?.evidence).toEqual([
      { text: 'waited for a CPU, of each second', value: 400, unit: 'ms' },
    ]);
  });
});

describe('a stop without lateness', () => {
  const seconds = (count: number) => Array.from({ length: count }, () => makeSample());

  it.each([
    { beside: 4, codes: ['GENERATOR_STOPPED'] },
    { beside: 99, codes: [] },
  ])('of 500 ms among $beside other seconds is judged $codes', ({ beside, codes }) => {
    const evidence = gather(makeSample({}, { stoppedUs: 500_000 }), ...seconds(beside));
    expect(codesOf(evidence.judgeStops())).toEqual(codes);
    expect(codesOf(evidence.warn())).toEqual(['GENERATOR_STOPPED']);
  });

  it('does not count where most of its sample belongs elsewhere', () => {
    const evidence = gather(makeSample());
    evidence.add(makeSample({}, { stoppedUs: 500_000 }), false);
    expect(evidence.judgeStops()).toEqual([]);
    expect(codesOf(evidence.explainLateness())).toEqual(['GENERATOR_STOPPED']);
  });
});

describe('a stop in a second with steal', () => {
  const LONG = { stoppedUs: 500_000 };
  const SHORT = { stoppedUs: 65_000 };

  it.each<[string, Partial<GeneratorSample>, string[]]>([
    ['less steal than a tick', { ...SHORT, hostStolenUs: 0 }, ['stopped for 65 ms']],
    ['as much steal as stop', { ...SHORT, hostStolenUs: 65_000 }, []],
    ['more steal than stop', { ...SHORT, hostStolenUs: 100_000 }, []],
    ['so much steal that a timer explains the rest', { ...SHORT, hostStolenUs: 20_000 }, []],
    ['some steal in a long stop', { ...LONG, hostStolenUs: 100_000 }, ['stopped for 400 ms']],
  ])('is told without what steal explains: %s', (_, over, told) => {
    const evidence = gather(makeSample(LATE, over));
    const tell = (reasons: { code: string; message: string }[]): string[] =>
      reasons
        .filter(({ code }) => code === 'GENERATOR_STOPPED')
        .map(({ message }) => /stopped for \d+ ms/.exec(message)?.[0] ?? message);
    expect(tell(evidence.judgeStops())).toEqual(told);
    expect(tell(evidence.warn())).toEqual(told);
    expect(tell(evidence.explainLateness())).toEqual(told);
  });

  it('leaves lateness to the steal', () => {
    const evidence = gather(makeSample(LATE, { ...SHORT, hostStolenUs: 150_000 }));
    expect(codesOf(evidence.explainLateness())).toEqual(['HOST_STOLEN']);
  });

  it('is not explained by the steal of another second', () => {
    const evidence = gather(makeSample({}, { hostStolenUs: 500_000 }), makeSample({}, LONG));
    expect(codesOf(evidence.judgeStops())).toEqual(['GENERATOR_STOPPED']);
  });
});

it('warns of a worker at its limit, and of one that waits much', () => {
  expect(gather(makeSample()).warn()).toEqual([]);
  const busy = gather(makeSample({ cpuUs: 970_000, utilisation: 0.99 }));
  expect(codesOf(busy.warn())).toEqual(['WORKER_SATURATED']);
  expect(codesOf(gather(makeSample({ cpuWaitUs: 250_000 })).warn())).toEqual(['GENERATOR_STARVED']);
});

it('sums up the busiest worker, and the one that waited most', () => {
  const evidence = gather(makeSample({ utilisation: 0.2 }), makeSample({ utilisation: 0.4 }));
  const { workerUtilisation, cpuWaitShare, longestLoopDelayUs } = evidence.summarise();
  expect(workerUtilisation).toBeCloseTo(0.3);
  expect(cpuWaitShare).toBeCloseTo(0.01);
  expect(longestLoopDelayUs).toBe(1000);
});

it('has nothing to say of samples without workers, as older files have them', () => {
  const { workers: _, ...old } = makeSample();
  expect(gather(old).summarise()).toEqual({});
  expect(gather(old).explainLateness()).toEqual([]);
});

describe('a use of exactly 1', () => {
  const idle = makeSample({ utilisation: 0.05, cpuUs: 50_000 });

  it.each([
    ['on little CPU', makeSample({ utilisation: 1, cpuUs: 46_000, cpuWaitUs: 44_000 })],
    [
      'with the CPU time of this thread gone',
      leaveOut(makeSample({ utilisation: 1 }), 'cpuUs', 'cpuWaitUs'),
    ],
  ])('is no reading %s, as older files have it of a thread that ends', (_, last) => {
    const evidence = gather(idle, last);
    expect(evidence.summarise().workerUtilisation).toBeCloseTo(0.05);
  });

  it.each<[string, Partial<WorkerSample>, Partial<GeneratorSample>]>([
    ['by its CPU time', { cpuUs: 970_000 }, {}],
    ['by its wait for a CPU', { cpuUs: 300_000, cpuWaitUs: 690_000 }, {}],
    ['by what the hypervisor took', { cpuUs: 300_000 }, { hostStolenUs: 600_000 }],
    ['by a stop', { cpuUs: 300_000 }, { stoppedUs: 600_000 }],
  ])('is believed if it is accounted for %s', (_, worker, over) => {
    const evidence = gather(makeSample({ ...worker, utilisation: 1 }, over));
    expect(evidence.summarise().workerUtilisation).toBe(1);
  });

  it('is believed where the system reports no CPU times', () => {
    const untold = leaveOut(makeSample({ utilisation: 1 }), 'cpuUs', 'cpuWaitUs');
    const evidence = gather(untold, untold);
    expect(evidence.summarise().workerUtilisation).toBe(1);
    expect(codesOf(evidence.warn())).toEqual(['WORKER_SATURATED']);
  });
});

it('has no figure of a use that was never read', () => {
  const unread = leaveOut(makeSample(), 'utilisation');
  const evidence = gather(unread);
  expect(evidence.summarise()).not.toHaveProperty('workerUtilisation');
  const half = gather(makeSample({ utilisation: 0.4 }), unread);
  expect(half.summarise().workerUtilisation).toBeCloseTo(0.4);
});
