import { describe, expect, it } from 'vitest';
import { sumUpStorms } from '../../../src/run/prepare/storm-plan.ts';
import { type Plan, planRun } from '../../../src/scenario/plan/plan.ts';
import { describeStorm } from '../../../src/targets/visit/describe-storm.ts';
import { parseScenario } from '../../support/synthetic/parse-scenario.ts';

const HOSTS: Parameters<typeof describeStorm>[0] = [
  {
    target: {
      role: 'direct',
      host: 'db',
      address: '192.0.2.1',
      port: 5432,
      database: 'app',
      user: 'me',
      password: undefined,
      sslmode: 'prefer',
      applicationName: 'connstorm',
    },
    addresses: ['192.0.2.1'],
  },
];

function plan(load: string, rest = ''): Plan {
  return planRun(parseScenario(`shows: a\nload: ${load}\n${rest}`, 'x.yaml'));
}

function describeAll(
  plans: readonly Plan[],
  { repeat = 1, isBeyondSlots = false, warmUps = [] as readonly Plan[] } = {},
): string {
  const text = describeStorm(HOSTS, sumUpStorms(plans, { repeat, isBeyondSlots, warmUps }));
  return text.replace('db:5432 (192.0.2.1) with ', '');
}

describe('the statements that a person consents to', () => {
  const load = '{ executor: constant-arrival-rate, rate: 5, duration: 1s }';
  const own = (fields: string): Plan => plan(load, `connection: { ${fields} }`);

  it('are none, where the scenario has none of its own', () => {
    expect(describeAll([own('queries: 2')])).not.toContain('each connection');
  });

  it('are each told once, without passwords, with whether they may write', () => {
    const told = describeAll([
      own(`statements: [SELECT 1, "SELECT\\n2", SELECT 1]`),
      own(`statements: ["ALTER ROLE me PASSWORD 'hunter2'"], writes: true`),
    ]);
    expect(told).toContain(
      '; each connection runs in read-only transactions: "SELECT 1", "SELECT\\n2"' +
        `; each connection runs, and may write: "ALTER ROLE me PASSWORD '***'"`,
    );
  });
});

const FREE = 'as many in flight as its free slots allow';

describe('what a person consents to', () => {
  it.each([
    [
      'a constant rate',
      plan('{ executor: constant-arrival-rate, rate: 1400, duration: 10s, maxInFlight: 80 }'),
      'up to 1,400 connects/s; up to 80 in flight; 14,000 connects in 10 s',
    ],
    [
      'a ramp',
      plan('{ executor: ramping-arrival-rate, stages: [{ duration: 10s, target: 100 }] }'),
      `up to 100 connects/s; ${FREE}; 500 connects in 10 s`,
    ],
    [
      'a herd',
      plan('{ executor: burst, clients: 250, maxInFlight: 250 }'),
      '250 connects at once; up to 250 in flight; 250 connects in 1 s',
    ],
    [
      'one client',
      plan('{ executor: constant-clients, clients: 1, duration: 1m }'),
      `1 client that connects again and again; ${FREE}; for 60 s`,
    ],
    [
      'a herd of one',
      plan('{ executor: burst, clients: 1, maxInFlight: 1 }'),
      '1 connect at once; up to 1 in flight; 1 connect in 1 s',
    ],
    [
      'one that retries',
      plan(
        '{ executor: burst, clients: 1, window: 1s }',
        'retry: { policy: fixed, maxAttempts: 3, timeout: 5s }',
      ),
      `up to 1 connects/s; ${FREE}; 1 client that tries up to 3 times in 1 s`,
    ],
    [
      'a herd within a window',
      plan('{ executor: burst, clients: 300, window: 2s, maxInFlight: 50 }'),
      'up to 150 connects/s; up to 50 in flight; 300 connects in 2 s',
    ],
    [
      'clients',
      plan('{ executor: constant-clients, clients: 40, duration: 1m }'),
      `40 clients that connect again and again; ${FREE}; for 60 s`,
    ],
    [
      'a ramp of clients',
      plan('{ executor: ramping-clients, stages: [{ duration: 5s, target: 30 }] }'),
      `30 clients that connect again and again; ${FREE}; for 5 s`,
    ],
    [
      'a search with a highest rate',
      plan('{ executor: saturation-search, maxRate: 500, maxDuration: 5m, maxInFlight: 200 }'),
      /^rates that grow until the target falls behind, at most 500 connects\/s; up to 200 in flight; about \d+(\.\d)? s, at most 300 s$/,
    ],
    [
      'a search without one',
      plan('{ executor: saturation-search }'),
      /^rates that grow until the target falls behind; as many in flight as its free slots allow; about \d+(\.\d)? s, at most \d+ s$/,
    ],
    [
      'a search that holds its connections',
      plan('{ executor: saturation-search }', 'connection: { hold: 1s }'),
      /at most \d+ s; connections that are held \(1 s each\) do not count in flight: at 100\/s they need 100 more slots$/,
    ],
    [
      'retries',
      plan(
        '{ executor: burst, clients: 300, window: 1s }',
        'retry: { policy: fixed, maxAttempts: 20, timeout: 5s }',
      ),
      `up to 300 connects/s; ${FREE}; 300 clients that try up to 20 times each in 1 s`,
    ],
    [
      'several blocks',
      plan(`
  steady: { executor: constant-arrival-rate, rate: 5, duration: 10s }
  herd: { executor: burst, clients: 70, startTime: 5s }
  pool: { executor: constant-clients, clients: 3, duration: 10s }`),
      `up to 5 connects/s and 70 connects at once and 3 clients that connect again and again; ${FREE}; for 10 s`,
    ],
  ])('names %s', (_, one, expected) => {
    const text = describeAll([one]);
    if (typeof expected === 'string') expect(text).toBe(expected);
    else expect(text).toMatch(expected);
    expect(text).not.toMatch(/with ,|undefined|null|NaN|Infinity|∞/);
  });

  it('counts all rounds of all variants and their warm-ups, and a herd as it comes', () => {
    const herd = plan('{ executor: burst, clients: 100, duration: 2s, maxInFlight: 100 }');
    expect(describeAll([herd, herd], { repeat: 3, warmUps: [herd] })).toBe(
      '100 connects at once; up to 100 in flight; 900 connects in 18 s',
    );
  });

  it('says that the storm may go beyond the slots', () => {
    const herd = plan('{ executor: burst, clients: 500, maxInFlight: 500 }');
    expect(describeAll([herd], { isBeyondSlots: true })).toContain(
      'up to 500 in flight, even beyond its slots: it may refuse other clients;',
    );
  });
});
