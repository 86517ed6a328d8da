import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { parseScenario } from '../../support/synthetic/parse-scenario.ts';

/** What parsing `text` as the file `x.yaml` complains about, a line a problem. */
function listProblems(text: string): string[] {
  try {
    parseScenario(text, 'x.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    expect(error).toMatchObject({ code: 'SCENARIO_INVALID', exit: 'usage' });
    return error.message.split('\n');
  }
}

const LOAD = 'load: { executor: constant-arrival-rate, rate: 5, duration: 10s }';
const HEAD = 'shows: a\n';
const RAMP = `${HEAD}load:\n  executor: ramping-arrival-rate\n`;
const CONSTANT = `${HEAD}load:\n  executor: constant-arrival-rate\n`;

describe('a sound scenario', () => {
  it('gets every default', () => {
    expect(parseScenario(`${HEAD}${LOAD}`, 'x.yaml')).toEqual({
      shows: 'a',
      seed: 1,
      load: {
        executor: 'constant-arrival-rate',
        rate: 5,
        duration: '10s',
        startTime: '0s',
        timeUnit: '1s',
        arrivals: 'uniform',
        gracefulStop: '30s',
      },
      connection: {
        driver: 'wire',
        queries: 0,
        hold: '0s',
        close: 'terminate',
        timeout: '10s',
        scramCache: true,
        serverTimes: true,
      },
    });
  });

  it('keeps every field that it sets', () => {
    const text = `
shows: Everything.
load:
  executor: ramping-arrival-rate
  startRate: 0.5
  timeUnit: 1m
  stages:
    - { duration: 0s, target: 10 }
    - { duration: 1m30s, target: 100.5 }
  arrivals: poisson
  maxInFlight: 40
  gracefulStop: 0s
connection:
  driver: wire
  sslmode: require
  queries: 3
  hold: end
  timeout: 500ms
  scramCache: false
workers: 2
seed: 4294967295
lab:
  postgres:
    settings: { max_connections: 300, huge_pages: "off", fsync: false, auto_explain.log_timing: on }
    auth: md5
  pgbouncer: { poolMode: session, poolSize: 5, processes: 2, settings: { server_lifetime: 60 } }
`;
    const scenario = parseScenario(text, 'x.yaml');
    expect(scenario.load).toMatchObject({ startRate: 0.5, timeUnit: '1m', maxInFlight: 40 });
    expect(scenario.connection).toMatchObject({ sslmode: 'require', hold: 'end' });
    expect(scenario).toMatchObject({ workers: 2, seed: 4_294_967_295 });
    expect(scenario.lab?.postgres).toEqual({
      settings: {
        max_connections: 300,
        huge_pages: 'off',
        fsync: false,
        'auto_explain.log_timing': 'on',
      },
      auth: 'md5',
    });
    expect(scenario.lab?.pgbouncer).toEqual({
      poolMode: 'session',
      poolSize: 5,
      processes: 2,
      settings: { server_lifetime: 60 },
    });
  });

  it.each([
    ['JSON', `{"shows":"a","load":{"executor":"constant-arrival-rate","rate":5,"duration":"10s"}}`],
    ['JSON indented by tabs', `{\n\t"shows": "a",\n\t${LOAD.replace('load', '"load"')}\n}`],
    ['Windows line ends', `${HEAD}${LOAD}\n`.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\uFEFF${HEAD}${LOAD}`],
    ['anchors', `shows: &text a\nlab: &lab {}\n${LOAD}`],
    ['comments and a document mark', `# c\n---\n# d\n${HEAD}${LOAD} # e\n`],
  ])('may be written as, or with, %s', (_kind, text) => {
    expect(parseScenario(text, 'x.yaml')).toMatchObject({ shows: 'a', load: { rate: 5 } });
  });

  it.each([0.001, 97, 1_000_000])('may ask for %d arrivals a second', (rate) => {
    const text = `${CONSTANT}  rate: ${rate}\n  duration: 1000s`;
    expect(parseScenario(text, 'x.yaml')).toMatchObject({ load: { rate } });
  });
});

describe('what is not a scenario at all', () => {
  it.each([
    ['nothing', '', ['x.yaml:1:1 the file is empty']],
    ['comments alone', '# c\n', ['x.yaml:1:1 the file is empty']],
    ['a word', 'hello', ['x.yaml:1:1 the scenario must be a map of fields, got "hello"']],
    ['a list', '\n- a', ['x.yaml:2:1 the scenario must be a map of fields, got a list']],
    [
      'two documents',
      `${HEAD}${LOAD}\n---\na: 1`,
      ['x.yaml:3:1 a second document begins: expected one scenario a file'],
    ],
    ['brackets without end', '['.repeat(200_000), ['x.yaml:1:51 nested too deeply for a scenario']],
    ['maps in maps', `a: ${'{a: '.repeat(60)}`, ['x.yaml:1:204 nested too deeply for a scenario']],
    ['lists in lists', `\n${'- '.repeat(90_000)}`, ['x.yaml:2:1 nested too deeply for a scenario']],
  ])('refuses %s', (_kind, text, problems) => {
    expect(listProblems(text)).toEqual(problems);
  });

  it('refuses aliases that multiply', () => {
    const levels = Array.from({ length: 8 }, (_, i) => {
      const refs = Array.from({ length: 9 }, () => `*l${i}`).join(', ');
      return `l${i + 1}: &l${i + 1} [${refs}]`;
    });
    const text = ['l0: &l0 [a]', ...levels].join('\n');
    expect(listProblems(text)).toEqual(['x.yaml:1:1 has too many aliases for a scenario']);
  });
});

describe('YAML that cannot be read', () => {
  it.each([
    ['shows: "a', 'x.yaml:1:10 not valid YAML: Missing closing "quote'],
    ['load:\n\trate: 1', 'x.yaml:2:1 not valid YAML: Tabs are not allowed as indentation'],
    ['a: b: c', 'x.yaml:1:4 not valid YAML: Nested mappings are not allowed in compact mappings'],
    [
      'load: [1, 2',
      'x.yaml:1:12 not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['shows: !!foo 1', 'x.yaml:1:8 not valid YAML: Unresolved tag: tag:yaml.org,2002:foo'],
    [`shows: *x\n${LOAD}`, 'x.yaml:1:8 not valid YAML: no anchor &x before this'],
  ])('%j is told with its place', (text, problem) => {
    expect(listProblems(text)).toContain(problem);
  });

  it('hides no second fault behind the first', () => {
    expect(listProblems('a: b: c\nd: "x" y')).toHaveLength(2);
  });

  it('still has its fields checked where a field is only there twice', () => {
    expect(listProblems(`${HEAD}${LOAD}\nworkers: 0\n"workers": 65`)).toEqual([
      'x.yaml:4:1 field `workers` is given twice',
      'x.yaml:4:12 workers must be at most 64, got 65',
    ]);
  });
});

describe('fields that are missing', () => {
  it.each([
    [LOAD, ['x.yaml:1:1 shows is missing: it must be text']],
    [`# c\n\n${LOAD}`, ['x.yaml:3:1 shows is missing: it must be text']],
    [HEAD, ['x.yaml:1:1 load is missing: it must be a map of fields']],
    [
      `${HEAD}load: {}`,
      [
        'x.yaml:2:1 load.executor is missing: it must be constant-arrival-rate, ramping-arrival-rate, burst, constant-clients, ramping-clients or saturation-search',
      ],
    ],
    [
      CONSTANT,
      [
        'x.yaml:2:1 load.rate is missing: it must be a number',
        'x.yaml:2:1 load.duration is missing: it must be a duration such as 500ms, 10s or 1m30s',
      ],
    ],
    [RAMP, ['x.yaml:2:1 load.stages is missing: it must be a list']],
    [
      `${RAMP}  stages:\n    - target: 5\n    - duration: 5s\n    - {}`,
      [
        'x.yaml:5:7 load.stages[0].duration is missing: it must be a duration such as 500ms, 10s or 1m30s',
        'x.yaml:6:7 load.stages[1].target is missing: it must be a number',
        'x.yaml:7:7 load.stages[2].duration is missing: it must be a duration such as 500ms, 10s or 1m30s',
        'x.yaml:7:7 load.stages[2].target is missing: it must be a number',
      ],
    ],
  ])('%j is told at the parent', (text, problems) => {
    expect(listProblems(text)).toEqual(problems);
  });
});

describe('fields that nobody knows', () => {
  const constant =
    'executor, rate, duration, timeUnit, arrivals, startTime, maxInFlight, maxOpen, gracefulStop';
  it.each([
    [`shws: b\n${HEAD}${LOAD}`, 'x.yaml:1:1 unknown field `shws`; did you mean `shows`?'],
    [
      `${HEAD}${LOAD}\npooling: x`,
      'x.yaml:3:1 unknown field `pooling`; known: shows, load, connection, background, retry, stop, killSwitch, events, probes, target, workers, seed, lab, variants, repeat, warmUp, taste, compare, budgets, answer, needs, run',
    ],
    [
      `${CONSTANT}  rate: 5\n  duration: 1s\n  rat: 5`,
      'x.yaml:6:3 load: unknown field `rat`; did you mean `rate`?',
    ],
    [
      `${CONSTANT}  rate: 5\n  duration: 1s\n  stages: []`,
      `x.yaml:6:3 load: unknown field \`stages\`; known: ${constant}`,
    ],
    [
      `${RAMP}  stages: [{ duration: 1s, target: 9, tagret: 5 }]`,
      'x.yaml:4:39 load.stages[0]: unknown field `tagret`; did you mean `target`?',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { time_out: 5s }`,
      'x.yaml:3:15 connection: unknown field `time_out`; did you mean `timeout`?',
    ],
    [
      `${HEAD}${LOAD}\nlab: { postgres: { setting: {} } }`,
      'x.yaml:3:20 lab.postgres: unknown field `setting`; did you mean `settings`?',
    ],
    [
      `${HEAD}${LOAD}\nlab: { pg: {} }`,
      'x.yaml:3:8 lab: unknown field `pg`; known: postgres, pgbouncer, replicas, replicaCpus',
    ],
    [`${HEAD}${LOAD}\n__proto__: 1`, 'x.yaml:3:1 `__proto__` cannot be used as a name'],
    [
      `${HEAD}${LOAD}\nlab: { postgres: { settings: { __proto__: 1 } } }`,
      'x.yaml:3:32 lab.postgres.settings: `__proto__` cannot be used as a name',
    ],
    [
      `${HEAD}${LOAD}\nvariants: { __proto__: { seed: 1 }, a: {} }`,
      'x.yaml:3:13 variants: `__proto__` cannot be used as a name',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { __proto__: { queries: 1 } }`,
      'x.yaml:3:15 connection: `__proto__` cannot be used as a name',
    ],
  ])('%j is told at the name', (text, problem) => {
    expect(listProblems(text)).toEqual([problem]);
  });
});

describe('a scenario in JSON that is none', () => {
  const tell = (text: string, fileName = 'x.json'): string => {
    try {
      parseScenario(text, fileName);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const NOT_JSON = 'not valid JSON:';

  it.each([
    ['{\n  "shows": "x"\n  "load": {}\n}', `3:3 ${NOT_JSON} expected a comma or }, got "load"`],
    ['{\n  "shows": "x"\n', `3:1 ${NOT_JSON} expected a comma or }, got the end of the file`],
    ['{\n  "shows": @\n}', `2:12 ${NOT_JSON} expected a value, got "@"`],
    ['{\n  // why\n  "shows": "x"\n}', `2:3 ${NOT_JSON} JSON has no comments`],
    ['{\n  "shows": "x\n}', `2:12 ${NOT_JSON} the text in double quotes has no end`],
    ['{ shows: "x" "seed": 1 }', `1:3 ${NOT_JSON} expected a name in double quotes, got "shows"`],
  ])('%j: %s', (text, told) => {
    expect(tell(text)).toBe(`x.json:${told}`);
  });

  it('is known by its name or by its beginning', () => {
    expect(tell('{ "shows": "x" "seed": 1 }', 'x.yaml')).toMatch(/^x\.yaml:1:16 not valid JSON/);
    expect(tell('{ shows: "x" "seed": 1 }', 'x.yaml')).toMatch(/^x\.yaml:1:\d+ not valid YAML/);
  });

  it('may take the liberties that YAML takes', () => {
    expect(
      tell(
        `{ "shows": "x", "load": { "executor": "constant-arrival-rate", "rate": 5, "duration": "1s", }, # why\n}`,
      ),
    ).toBe('');
  });
});

describe('values that a field refuses', () => {
  const inLoad = (line: string) => `${CONSTANT}  ${line}\n`;
  it.each([
    [inLoad('rate: 0'), '4:9 load.rate must be above 0, got 0'],
    [inLoad('rate: -5'), '4:9 load.rate must be above 0, got -5'],
    [inLoad('rate: .nan'), '4:9 load.rate must be a finite number, got .nan'],
    [inLoad('rate: .inf'), '4:9 load.rate must be a finite number, got .inf'],
    [inLoad('rate: 1e400'), '4:9 load.rate must be a finite number, got 1e400'],
    [
      inLoad(`rate: ${'9'.repeat(400)}`),
      `4:9 load.rate must be a finite number, got ${'9'.repeat(40)}...`,
    ],
    [inLoad('duration: 1e400'), '4:13 load.duration must be a duration from 1ms to 7d, got 1e400'],
    [
      inLoad('maxInFlight: 12345678901234567890'),
      '4:16 load.maxInFlight must be at most 1000000, got 12345678901234567890',
    ],
    [
      inLoad('maxInFlight: 0x1ffffffff'),
      '4:16 load.maxInFlight must be at most 1000000, got 0x1ffffffff',
    ],
    [inLoad('rate: &r 1e400'), '4:12 load.rate must be a finite number, got 1e400'],
    [inLoad('rate: fast'), '4:9 load.rate must be a number, got "fast"'],
    [inLoad('rate: "5"'), '4:9 load.rate must be a number, got "5"; write 5'],
    [inLoad('rate:'), '4:8 load.rate must be a number, got nothing'],
    [inLoad('rate: [5]'), '4:9 load.rate must be a number, got a list'],
    [inLoad('rate: 1e10'), '4:9 load.rate must be at most 1000000000, got 1e10'],
    [inLoad('duration: 10'), '4:13 load.duration must have a unit (10s or 10ms?), got 10'],
    [
      inLoad('duration: ten'),
      '4:13 load.duration must be a duration such as 500ms, 10s or 1m30s, got "ten"',
    ],
    [
      inLoad('duration: -1s'),
      '4:13 load.duration must be a duration such as 500ms, 10s or 1m30s, got "-1s"',
    ],
    [inLoad('duration: 0s'), '4:13 load.duration must be at least 1ms, got "0s"'],
    [inLoad('duration: 8d'), '4:13 load.duration must be at most 7d, got "8d"'],
    [inLoad('timeUnit: 0s'), '4:13 load.timeUnit must be at least 1ms, got "0s"'],
    [inLoad('arrivals: even'), '4:13 load.arrivals must be uniform or poisson, got "even"'],
    [
      inLoad('arrivals: poison'),
      '4:13 load.arrivals must be uniform or poisson, got "poison"; did you mean `poisson`?',
    ],
    [inLoad('maxInFlight: 0'), '4:16 load.maxInFlight must be at least 1, got 0'],
    [inLoad('maxInFlight: 1.5'), '4:16 load.maxInFlight must be a whole number, got 1.5'],
    [inLoad('gracefulStop: 2h'), '4:17 load.gracefulStop must be at most 1h, got "2h"'],
    [`shows: ""\n${LOAD}`, '1:8 shows must not be empty, got ""'],
    [`shows: 5\n${LOAD}`, '1:8 shows must be text, got 5'],
    [
      `shows: ${'a'.repeat(501)}\n${LOAD}`,
      `1:8 shows must have at most 500 characters, got "${'a'.repeat(40)}..."`,
    ],
    [`${HEAD}load: 5`, '2:7 load must be a map of fields, got 5'],
    [`${HEAD}load: []`, '2:7 load must be a map of fields, got an empty list'],
    [
      `${HEAD}load: { executor: per-vu }`,
      '2:19 load.executor must be constant-arrival-rate, ramping-arrival-rate, burst, constant-clients, ramping-clients or saturation-search, got "per-vu"',
    ],
    [`${RAMP}  stages: []`, '4:11 load.stages must not be empty, got an empty list'],
    [`${RAMP}  stages: { a: 1 }`, '4:11 load.stages must be a list, got a map'],
    [`${RAMP}  stages: [5]`, '4:12 load.stages[0] must be a map of fields, got 5'],
    [`${RAMP}  startRate: -1`, '4:14 load.startRate must be at least 0, got -1'],
    [
      `${RAMP}  stages:\n    - duration: 5s\n      target: -1`,
      '6:15 load.stages[0].target must be at least 0, got -1',
    ],
    [
      `${RAMP}  stages: [${'{ duration: 1s, target: 1 }, '.repeat(101)}]`,
      '4:11 load.stages must have at most 100 entries, got a list',
    ],
    [`${HEAD}${LOAD}\nconnection:`, '3:12 connection must be a map of fields, got nothing'],
    [
      `${HEAD}${LOAD}\nconnection: { driver: libpq }`,
      '3:23 connection.driver must be wire or pg, got "libpq"',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { sslmode: allow }`,
      '3:24 connection.sslmode must be disable, prefer, require, verify-ca, verify-full, got "allow"; allow would try without TLS first and then with it, but an attempt has only one socket: use prefer or disable',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { queries: -1 }`,
      '3:24 connection.queries must be at least 0, got -1',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { queries: 1001 }`,
      '3:24 connection.queries must be at most 1000, got 1001',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { hold: forever }`,
      '3:21 connection.hold must be a duration such as 500ms, 10s or 1m30s, or end, got "forever"',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { hold: 0 }`,
      '3:21 connection.hold must have a unit (0s or 0ms?), got 0',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { hold: true }`,
      '3:21 connection.hold must be a duration such as 500ms, 10s or 1m30s, a map of min and max, or end, got true',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { hold: { min: 1s } }`,
      '3:15 connection.hold.max is missing: it must be a duration such as 500ms, 10s or 1m30s',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { hold: { min: 1, max: 2s } }`,
      '3:28 connection.hold.min must have a unit (1s or 1ms?), got 1',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { hold: { min: 2s, max: 8d } }`,
      '3:37 connection.hold.max must be at most 7d, got "8d"',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { hold: { min: 2s, max: 3s, mx: 4s } }`,
      '3:41 connection.hold: unknown field `mx`; did you mean `max`?',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { hold: { min: 2s, max: 1s } }`,
      '3:28 connection.hold.min must be at most connection.hold.max (1s), got 2s',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { close: abandon }`,
      '3:22 connection.close must come with connection.abandonAfter, the time after which an attempt is given up, got "abandon" alone',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { abandonAfter: 1s }`,
      '3:29 connection.abandonAfter can be set only with connection.close abandon, got close terminate',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { close: abandon, abandonAfter: 3s, timeout: 3s }`,
      '3:45 connection.abandonAfter must be below connection.timeout (3s), or no attempt is abandoned, got 3s',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { driver: pg, close: reset }`,
      '3:34 connection.close must be terminate with connection.driver pg, got reset: use the wire driver',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { driver: pg, localAddresses: [127.0.0.1] }`,
      '3:43 connection.localAddresses must be left out with connection.driver pg: use the wire driver',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { close: reste }`,
      '3:22 connection.close must be terminate, server-first, reset or abandon, got "reste"; did you mean `reset`?',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { localAddresses: [127.0.0.1, localhost] }`,
      '3:43 connection.localAddresses[1] must be an IP address, got "localhost"',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { localAddresses: ["::1", 5] }`,
      '3:39 connection.localAddresses[1] must be an IP address, got 5',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { localAddresses: [] }`,
      '3:31 connection.localAddresses must not be empty, got an empty list',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { timeout: 11m }`,
      '3:24 connection.timeout must be at most 10m, got "11m"',
    ],
    [
      `${HEAD}${LOAD}\nconnection: { scramCache: no }`,
      '3:27 connection.scramCache must be true or false, got "no"',
    ],
    [`${HEAD}${LOAD}\nworkers: 65`, '3:10 workers must be at most 64, got 65'],
    [`${HEAD}${LOAD}\nworkers: two`, '3:10 workers must be a number, got "two"'],
    [`${HEAD}${LOAD}\nseed: -1`, '3:7 seed must be at least 0, got -1'],
    [
      `${HEAD}${LOAD}\nseed: 9007199254740993`,
      '3:7 seed must be at most 4294967295, got 9007199254740993',
    ],
    [inLoad('duration: 0'), '4:13 load.duration must be a duration from 1ms to 7d, got 0'],
    [`${HEAD}${LOAD}\nseed: 4294967296`, '3:7 seed must be at most 4294967295, got 4294967296'],
    [
      `${HEAD}${LOAD}\nlab: { postgres: { auth: scram } }`,
      '3:26 lab.postgres.auth must be scram-sha-256, md5, password or trust, got "scram"',
    ],
    [
      `${HEAD}${LOAD}\nlab: { pgbouncer: { poolMode: statement } }`,
      '3:31 lab.pgbouncer.poolMode must be transaction or session, got "statement"',
    ],
    [
      `${HEAD}${LOAD}\nlab: { pgbouncer: { processes: 0 } }`,
      '3:32 lab.pgbouncer.processes must be at least 1, got 0',
    ],
    [
      `${HEAD}${LOAD}\nlab: { postgres: { settings: { "a b": 1 } } }`,
      '3:32 lab.postgres.settings.a b is not a setting name',
    ],
    [
      `${HEAD}${LOAD}\nlab: { postgres: { settings: { a: [1] } } }`,
      '3:35 lab.postgres.settings.a must be a string of one line, a number, true or false, got a list',
    ],
    [
      `${HEAD}${LOAD}\nlab: { postgres: { settings: { a: "x\\ny" } } }`,
      '3:35 lab.postgres.settings.a must be one line, got "x\\ny"',
    ],
  ])('%j is told at the value', (text, problem) => {
    expect(listProblems(text)).toContain(`x.yaml:${problem}`);
  });
});

describe('schedules that cannot be run', () => {
  it.each([
    [
      `${CONSTANT}  rate: 0.05\n  duration: 10s`,
      '4:9 load.rate must make at least one arrival, got 0.05 per 1s for 10s',
    ],
    [
      `${RAMP}  stages: [{ duration: 10s, target: 0 }]`,
      '4:11 load.stages must make at least one arrival in all, got none',
    ],
    [
      `${RAMP}  startRate: 50\n  stages: [{ duration: 0s, target: 100 }]`,
      '5:11 load.stages must make at least one arrival in all, got none',
    ],
    [
      `${CONSTANT}  rate: 1000001\n  duration: 10s`,
      '4:9 load.rate must be at most 1000000 per second, got 1000001 per 1s',
    ],
    [
      `${CONSTANT}  rate: 1001\n  timeUnit: 1ms\n  duration: 10s`,
      '4:9 load.rate must be at most 1000000 per second, got 1001 per 1ms',
    ],
    [
      `${RAMP}  stages: [{ duration: 1s, target: 5 }, { duration: 1s, target: 2000000 }]`,
      '4:65 load.stages[1].target must be at most 1000000 per second, got 2000000 per 1s',
    ],
    [
      `${CONSTANT}  rate: 100000\n  duration: 4h`,
      '4:9 load.rate must make at most 1000000000 arrivals in all, got 1440000000',
    ],
    [
      `${RAMP}  stages: [{ duration: 6d, target: 1 }, { duration: 6d, target: 1 }]`,
      '4:11 load.stages must take at most 7d in all',
    ],
  ])('%j is told with the field to blame', (text, problem) => {
    expect(listProblems(text)).toEqual([`x.yaml:${problem}`]);
  });

  it('are told beside problems elsewhere', () => {
    expect(listProblems(`seed: x\n${CONSTANT}  rate: 0.05\n  duration: 10s`)).toEqual([
      'x.yaml:1:7 seed must be a number, got "x"',
      'x.yaml:5:9 load.rate must make at least one arrival, got 0.05 per 1s for 10s',
    ]);
  });
});

describe('many problems', () => {
  it('are told all at once, in the order of the file', () => {
    const text = `
workers: 0
shws: a
load:
  gracefulStop: 5
  executor: constant-arival-rate
  rat: 5
  rate: -1
connection:
  hold: ende
`;
    expect(listProblems(text)).toEqual([
      'x.yaml:2:1 shows is missing: it must be text',
      'x.yaml:2:10 workers must be at least 1, got 0',
      'x.yaml:3:1 unknown field `shws`; did you mean `shows`?',
      'x.yaml:4:1 load.duration is missing: it must be a duration such as 500ms, 10s or 1m30s',
      'x.yaml:5:17 load.gracefulStop must have a unit (5s or 5ms?), got 5',
      'x.yaml:6:13 load.executor must be constant-arrival-rate, ramping-arrival-rate, burst, constant-clients, ramping-clients or saturation-search, got "constant-arival-rate"; did you mean `constant-arrival-rate`?',
      'x.yaml:7:3 load: unknown field `rat`; did you mean `rate`?',
      'x.yaml:8:9 load.rate must be above 0, got -1',
      'x.yaml:10:9 connection.hold must be a duration such as 500ms, 10s or 1m30s, or end, got "ende"',
    ]);
  });

  it('have the places of JSON too', () => {
    const text = `{\n  "shows": "a",\n  "load": {\n    "executor": "constant-arrival-rate",\n    "rate": 0\n  }\n}`;
    expect(listProblems(text)).toEqual([
      'x.yaml:3:3 load.duration is missing: it must be a duration such as 500ms, 10s or 1m30s',
      'x.yaml:5:13 load.rate must be above 0, got 0',
    ]);
  });

  it('are cut off after a hundred', () => {
    const unknown = Array.from({ length: 150 }, (_, i) => `unknown${i}: 1`).join('\n');
    const problems = listProblems(`${HEAD}${LOAD}\n${unknown}`);
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)).toBe('... and 50 more problems');
  });

  it.each([
    ['load: &a {executor: burst, clients: 5, x: *a}', '1:43', 'a'],
    ['variants: {a: &v {connection: *v}}', '1:31', 'v'],
    ['shows: &s [*s]', '1:12', 's'],
    ['budgets:\n- &b [[*b]]', '2:8', 'b'],
    ['? &k [*k]\n: x', '1:7', 'k'],
    ['shows: &s [&s [*s]]', '1:16', 's'],
  ])('refuses an alias inside of what it stands for: %s', (text, place, name) => {
    const fault = `an alias may not contain itself: *${name} is inside &${name}`;
    expect(listProblems(text)).toEqual([`x.yaml:${place} ${fault}`]);
  });

  it.each([
    ['a map', `${HEAD}load: {<<: {executor: burst}, clients: 5}`, '2:8'],
    ['an anchor', `${HEAD}x: &l {a: 1}\nload:\n  <<: *l\n  executor: burst`, '4:3'],
  ])('says that %s is not merged', (_kind, text, place) => {
    const fault = 'merge keys (`<<`) are not supported: write the fields themselves';
    expect(listProblems(text)).toEqual([`x.yaml:${place} ${fault}`]);
  });

  it('takes a quoted << for the name that it is', () => {
    const fault = listProblems(`${HEAD}${LOAD}\n"<<": 1`).join();
    expect(fault).toMatch(/^x\.yaml:\d+:1 unknown field `<<`/);
  });
});
