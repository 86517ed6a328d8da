import { describe, expect, it } from 'vitest';
import { createSummary } from '../../src/analysis/summary.ts';
import type { Failure } from '../../src/model/measures.ts';
import { renderReport } from '../../src/report/terminal.ts';
import type { HeaderRecord, StepRecord } from '../../src/result/records/header.ts';
import type { ResultRecord } from '../../src/result/records/records.ts';
import type { GeneratorSample } from '../../src/result/records/samples.ts';
import {
  makeAttempt,
  makeHeader,
  makeOk,
  makeSteps,
  REFUSED,
  SECOND_US,
  SyntheticRun,
  TIMEOUT,
} from '../support/synthetic/synthetic-run.ts';

function render(
  records: ResultRecord[],
  options: { colour?: boolean; columns?: number; explain?: boolean } = {},
) {
  const header = records[0] as HeaderRecord;
  const fold = createSummary(header);
  for (const record of records) fold.add(record);
  return renderReport(
    { summary: fold.finish(), header },
    {
      columns: 80,
      colour: false,
      resultPath: 'results/20260101T000000Z-steady.ndjson',
      ...options,
    },
  );
}

/** Five steps: 200 attempts each, some refused, some timed out; the last one is late. */
function playRamp(): ResultRecord[] {
  const steps = makeSteps(5);
  const run = new SyntheticRun(steps);
  for (let i = 0; i < 1000; i++) {
    const step = Math.floor(i / 200);
    const scheduledUs = step * SECOND_US + (i % 200) * 1000;
    const latenessUs = step === 4 ? 150_000 : 150;
    run.ok(makeOk(2000 + i * 300 + latenessUs, { step, index: i, scheduledUs, latenessUs }));
  }
  run.dropped(12, 4);
  const message = `sorry, too many clients\x1b[2J ${'long '.repeat(40)}`;
  for (let i = 0; i < 40; i++) {
    run.ended(makeAttempt({ step: 3, atUs: 3_500_000 }), 'failed', { ...REFUSED, message });
  }
  run.ended(makeAttempt({ step: 4, atUs: 4_500_000 }), 'failed', TIMEOUT);
  run.recorder.recordFirstQuery(0, 10, { scheduledUs: 4000, startUs: 3900, readyUs: 300 });
  const records = run.records(makeHeader({ steps, tls: 'TLSv1.3' }), {
    scram: { derivations: 2, salts: 1, cache: true, shortestUs: 3000, meanUs: 3500 },
  });
  const cpu = { cpuUs: 12, hostBusyUs: 95, hostTotalUs: 100 };
  const sample = { type: 'sample', probe: 'generator', atUs: 0, elapsedUs: 1, ...cpu } as const;
  return records.toSpliced(1, 0, sample);
}

describe('connections that failed once they were ready', () => {
  /** 90 connects, of which 37 got an answer; 49 failed in the query and 4 were cut. */
  function playStopped(how: Partial<Failure> = {}): ResultRecord[] {
    const run = new SyntheticRun(makeSteps(1));
    const failure: Failure = { ...TIMEOUT, phase: 'query', ...how };
    for (let index = 0; index < 90; index++) {
      const attempt = makeOk(10_000 + index);
      run.recorder.recordBegun(0, attempt.startUs, 0);
      run.recorder.recordOk(attempt);
      if (index < 37) {
        const { scheduledUs, startUs } = attempt;
        const since = { scheduledUs, startUs, readyUs: attempt.atUs };
        run.recorder.recordFirstQuery(0, attempt.atUs + 2000, since);
      }
      const outcome = index < 37 ? 'closed' : index < 86 ? 'queryFailed' : 'cut';
      run.recorder.recordConnectionEnd(0, attempt.atUs + 3000, outcome, failure);
    }
    return run.records(makeHeader());
  }

  it('are told as those of the pooler behind which there is no server', () => {
    const message = 'server login has been failing, try again later (server_login_retry)';
    const said = 'the pooler could not reach or log in to its server: 90 failures say so';
    const text = render(playStopped({ layer: 'server', code: '08P01', message }), { columns: 200 });
    expect(text.split('\n\n')[0]).toContain(`\n${said}`);
    expect(text).toContain(`; ${said}\n`);
    expect(render(playStopped(), { columns: 200 })).not.toContain('the pooler could not');
  });

  it('are told before the figures are read, and in the verdict', () => {
    const text = render(playStopped(), { columns: 200 });
    const [head = ''] = text.split('\n\n');
    expect(head).toContain('49 of 90 connections failed in their query (54%), see errors');
    expect(head).toContain('4 of 90 connections were cut (4.4%), see errors');
    expect(text).toMatch(
      /\nverdict: valid; offered 90.0\/s, achieved 90.0\/s over 1 s; 49 of 90 connections failed in their query \(54%\); 4 of 90 connections were cut/,
    );
  });

  it('have no first query, which is told with what the bounds are', () => {
    const text = render(playStopped(), { columns: 200 });
    expect(text).toMatch(/first query +37 +unknown/);
    expect(text).toContain(
      '53 more connections have no result of their first query, and rank as the slowest in first query; ≥ is a lower bound',
    );
    expect(text.match(/is a lower bound/g)).toHaveLength(1);
  });

  it('are not spoken of where there are none', () => {
    const run = new SyntheticRun(makeSteps(1)).ok(makeOk(1000));
    expect(render(run.records(makeHeader()))).not.toMatch(/failed|cut|lower bound/);
  });
});

describe('renderReport', () => {
  it('shows a plain run', () => {
    const run = new SyntheticRun(makeSteps(1));
    for (let i = 0; i < 100; i++) run.ok(makeOk((i + 1) * 1000, { latenessUs: 100 }));
    expect(render(run.records(makeHeader()))).toMatchInlineSnapshot(`
      "direct 127.0.0.1:5432 (lab), PostgreSQL 18.4, scram-sha-256, no TLS, wire
        driver
      steady: constant-arrival-rate, 100 arrivals in 1 s, seed 7, 2 workers, at most
        100 in flight
      valid

                    count      p50      p90      p99    p99.9      max
      latency         100  50.0 ms  90.0 ms  99.0 ms   100 ms   100 ms
      service time    100  49.9 ms  89.9 ms  98.9 ms  99.9 ms  99.9 ms
        tcp           100  4.99 ms  8.99 ms  9.89 ms  9.99 ms  9.99 ms
        spawn         100  25.0 ms  45.0 ms  49.5 ms  50.0 ms  50.0 ms
        auth          100  4.99 ms  8.99 ms  9.89 ms  9.99 ms  9.99 ms
        ready         100  15.0 ms  27.0 ms  29.7 ms  30.0 ms  30.0 ms
      lateness        100   100 µs   100 µs   100 µs   100 µs   100 µs
      --explain explains the figures

      slowest 1 % (1; 100 ms or more) spent their time in lateness 0.1%, tcp 10%,
        spawn 50%, auth 10%, ready 30%

      offered 100/s, achieved 100/s over 1 s

      arrivals: 100 due = 100 begun
      attempts: 100 started = 100 ok
      connections: 100 opened = 100 closed
      the lab's server runs on this machine with lower priority than connstorm (nice
        10)
      measured 2026-01-01 00:00:00 UTC by connstorm 0.1.0
      generated on Linux 6.1 x64, 2 CPUs (a processor), 7.45 GiB of memory, Node
        v20.19.0
      logged in as user storm, database postgres

      verdict: valid; offered 100/s, achieved 100/s over 1 s
      result: results/20260101T000000Z-steady.ndjson
      "
    `);
  });

  it('says what it was warmed up by, and what connects cost others', () => {
    const header = makeHeader();
    const [, ...records] = new SyntheticRun(makeSteps(1)).ok(makeOk(5000)).records(header);
    const plan = { ...header.plan, arrivalCount: 1, warmUpUs: 2 * SECOND_US };
    const on = { type: 'probe', atUs: 0, probe: 'host', state: 'on' } as const;
    const figures = { elapsedUs: 2 * SECOND_US, serverCpuUs: 1_234_000, backends: 12 };
    const sample = { type: 'sample', probe: 'host', atUs: 1_990_000, ...figures } as const;
    const text = render([{ ...header, plan }, on, sample, ...records]);
    expect(text).toContain(
      '\nwarm-up: 2 s of the same load ran before the load; it is not measured\n',
    );
    expect(text.replaceAll('\n  ', ' ')).toContain(
      "\na connect cost 1.23 s of the server's CPU; at most 12 backends (with their other work in that time and the queries of the probes)\n",
    );
    const { serverCpuUs: _, ...counted } = sample;
    expect(
      render([{ ...header, plan }, on, counted, ...records]).replaceAll('\n  ', ' '),
    ).toContain('\nat most 12 backends (those of the probes included)\n');
    const cold = render(new SyntheticRun(makeSteps(1)).ok(makeOk(5000)).records(header));
    expect(cold).not.toMatch(/warm|a connect cost/);
  });

  it('names a Unix socket by its path, and several servers with what they differ in', () => {
    const header = makeHeader();
    const { target } = header;
    const { server } = target;
    const socket = { ...target, host: '/tmp', address: '/tmp/.s.PGSQL.5432' };
    expect(render([{ ...header, target: socket }])).toMatch(
      /^direct \/tmp\/\.s\.PGSQL\.5432 \(lab\), PostgreSQL 18\.4, scram/,
    );
    const standby = { ...server, version: '15.18', serverRole: 'standby' } as const;
    const hosts = {
      ...target,
      lab: false,
      hosts: [target, { ...target, host: '::1', server: standby }],
    };
    expect(render([{ ...header, target: hosts }], { columns: 200 })).toMatch(
      /^direct 127\.0\.0\.1:5432, \[::1\]:5432 in turn, PostgreSQL 18\.4 \/ PostgreSQL 15\.18 \(standby\), scram-sha-256, no/,
    );
  });

  it.each([
    ['primary', ' (primary),'],
    ['standby', ' (standby),'],
    ['unknown', ','],
    [undefined, ','],
    ['\u001b[31m', ','],
  ])('says of a server that is %j', (serverRole, said) => {
    const header = makeHeader();
    const server = { ...header.target.server, serverRole } as typeof header.target.server;
    const target = { ...header.target, server };
    expect(render([{ ...header, target }])).toContain(
      `(lab), PostgreSQL 18.4${said} scram-sha-256`,
    );
  });

  it.each([
    [1, "the lab's PgBouncer 1.18.0: session pooling, at most 20 server connections"],
    [
      2,
      "the lab's PgBouncer 1.18.0: session pooling, at most 20 server connections for each of 2 processes",
    ],
  ])("tells of the lab's pooler of %i processes how it pools", (processes, line) => {
    const header = makeHeader();
    const labPooler = { version: '1.18.0', poolMode: 'session', poolSize: 20, processes };
    const pooled = { ...header, target: { ...header.target, labPooler } };
    expect(render([pooled], { columns: 200 }).split('\n')).toContain(line);
    expect(render([header])).not.toContain('PgBouncer');
  });

  it.each([
    ['at once', [], 'burst, 3 at once, seed'],
    ['within a window', [100, 100], 'burst, 3 within 30 ms, seed'],
  ])('tells of a herd that comes %s how many came and when, and no rate', (_, rates, load) => {
    const [startRatePerSecond, endRatePerSecond] = rates;
    const offered = rates.length === 0 ? {} : { startRatePerSecond, endRatePerSecond };
    const steps = makeSteps(1).map(({ index, fromUs, toUs }) => {
      return { index, fromUs, toUs, ...offered } as StepRecord;
    });
    const made = makeHeader({ steps, arrivalCount: 3 });
    const header = { ...made, plan: { ...made.plan, executor: 'burst' } };
    const run = new SyntheticRun(steps);
    for (let i = 0; i < 3; i++) run.ok(makeOk(1000));
    const text = render([header, ...run.records(header).slice(1)]);
    expect(text).toContain(load);
    expect(text).not.toMatch(/offered|achieved/);
  });

  it('tells of a closed loop its clients, and cycles instead of arrivals', () => {
    const steps = makeSteps(1).map(({ index, fromUs, toUs }) => {
      return { index, fromUs, toUs, loop: 'closed' as const, startClients: 4, endClients: 4 };
    });
    const made = makeHeader({ steps });
    const plan = { executor: 'constant-clients', arrivalCount: null, clientCount: 4 };
    const header = { ...made, plan: { ...made.plan, ...plan } };
    const run = new SyntheticRun(steps);
    for (let i = 0; i < 6; i++) run.ok(makeOk(1000));
    const text = render([header, ...run.records(header).slice(1)]);
    expect(text).toContain('constant-clients, 4 clients for 1 s');
    expect(text).toMatch(/^cycles: 6 due = 6 begun$/m);
    expect(text).toMatch(/^4 clients, achieved 6\.00\/s over 1 s$/m);
  });

  it('shows a ramp with errors, an invalid step and lower bounds', () => {
    expect(render(playRamp(), { explain: true })).toMatchInlineSnapshot(`
      "direct 127.0.0.1:5432 (lab), PostgreSQL 18.4, scram-sha-256, TLSv1.3, wire
        driver
      steady: constant-arrival-rate, 1,053 arrivals in 5 s, seed 7, 2 workers, at
        most 100 in flight
      valid
      41 of 1,041 attempts failed (3.9%), see errors

      what gives out: connection slots (proven)
           40  connects refused because no slot was free
        1,041  connects tried
      what would help:
        - let clients hold connections for less time, or have fewer of them
        - put a pooler in front of the server, so that clients reuse open
          connections
        - raise max_connections, or the limit of the role or database, as memory
          allows

                      count      p50      p90       p99      p99.9       max
      latency         1,000   154 ms   425 ms  ≥ 449 ms   ≥ 452 ms  ≥ 4.50 s
      service time    1,000   152 ms   272 ms    299 ms     302 ms  ≥ 4.50 s
      first query         1  unknown  unknown   unknown  ≥ 4.00 ms  ≥ 4.50 s
      start to query      1  unknown  unknown   unknown  ≥ 3.90 ms  ≥ 4.50 s
        tcp           1,000  15.2 ms  27.2 ms   29.9 ms    30.1 ms   30.2 ms
        spawn         1,000  75.9 ms   136 ms    149 ms     151 ms    151 ms
        auth          1,000  15.2 ms  27.2 ms   29.9 ms    30.1 ms   30.2 ms
        ready         1,000  45.5 ms  81.5 ms   89.7 ms    90.4 ms   90.5 ms
        query             1   300 µs   300 µs    300 µs     300 µs    300 µs
      failed latency     41   3.50 s   3.50 s    4.50 s     4.50 s    4.50 s
      lateness        1,053   150 µs   150 ms    150 ms     150 ms    150 ms
      13 more arrivals have no latency (timed out or dropped) and rank as the
        slowest; ≥ is a lower bound
      999 more connections have no result of their first query, and rank as the
        slowest in first query
      spawn ends with the server's answer to SSLRequest
      latency counts from the scheduled arrival; connstorm started attempts 28.6 ms
        late on average (lateness) over 5 s

      slowest 1 % (10; 449 ms or more) spent their time in lateness 33%, tcp 6.7%,
        spawn 33%, auth 6.7%, ready 20%

      window  offered  achieved   ok      p50       p99           valid
      0-1 s     200/s     200/s  200  31.9 ms   61.3 ms             yes
      1-2 s     200/s     200/s  200  91.9 ms    121 ms             yes
      2-3 s     200/s     200/s  200   152 ms    181 ms             yes
      3-4 s     240/s     200/s  200   212 ms    241 ms             yes
      4-5 s     213/s     200/s  200   424 ms  ≥ 452 ms  LATE_GENERATOR

      errors
      40  server/ready 53300: sorry, too many clients\\x1b[2J long long long long long
          long long long long long long long long long long long long long long long
          long long long long long long long long long long long long long long lo
       1  timeout/spawn TIMEOUT: no answer within 10 s

      arrivals: 1,053 due = 1,041 begun + 12 dropped
      attempts: 1,041 started = 1,000 ok + 41 failed
      connections: 1,000 opened = 1,000 closed
      connstorm took 12% of its host's CPU; the host was 95% busy
      the lab's server runs on this machine with lower priority than connstorm (nice
        10)
      SCRAM: the salted password was derived 2 times; a client without such a cache
        needs some ms of CPU for each connect
      TLS: encrypted, certificate not verified
      measured 2026-01-01 00:00:00 UTC by connstorm 0.1.0
      generated on Linux 6.1 x64, 2 CPUs (a processor), 7.45 GiB of memory, Node
        v20.19.0
      logged in as user storm, database postgres

      what the figures mean
      valid: connstorm itself kept up, so that the figures are those of the target;
        INVALID says why they are not
      proven, inferred: proven: connstorm saw directly what gives out. inferred: it
        follows from other figures
      offered: arrivals per second, whether or not their attempts were started
      achieved: connections that became ready, per second
      count: the number of values that the row is computed from
      p50, p90, p99, p99.9: percentiles. p50: half of the values are at most this
        long; p99: all but one in a hundred are
      max: the longest value
      ≥: at least: the true percentile is this or more, because it falls among
        attempts without a value (timed out, dropped and so on). unknown means that
        not even a lower bound is known
      latency: from the moment an attempt was due until the server was ready for
        queries. Only attempts that became ready have it; those that timed out, were
        given up or were never started rank behind them. Latency includes the time by
        which connstorm started late
      service time: from the actual start of the attempt until the server was ready
        for queries; the sum of the phases tcp to ready
      first query: from the moment an attempt was due (in a closed loop: its start)
        until its first query's result
      start to query: from the actual start of the attempt until its first query's
        result
      tcp: phase: the TCP handshake, which the kernel does without the server's
        process
      spawn: phase: from the end of tcp until the server's first byte: the wait in
        the accept queue (of the server, and of a proxy in front of it), the start of
        a process, and one round trip
      auth: phase: from the end of the phase before until the client's last message
        of authentication is written
      ready: phase: from the end of the phase before until the server is ready for
        queries: it checks the password and prepares the session
      query: from ready until the first query's result; not a part of service time
      failed latency: from the moment an attempt was due until it failed. An attempt
        that timed out also ranks in latency, as "at least" this time; other failures
        do not
      lateness: from the moment an attempt was due until connstorm started it:
        connstorm's own fault, not the target's
      slowest 1 %: where the slowest of the attempts that became ready spent their
        time
      window: a part of the time of the load
      errors: each line has a count, the layer that failed and its phase, the code
        and the message
      due, begun: arrivals whose moment came, and those of them whose attempt was
        started
      dropped: arrivals whose attempt was never started, because too many were in
        flight or open already, or because the run was ended at once
      failed: ended by an error or a timeout before it was ready
      opened, closed: connections that became ready, and those of them that
        connstorm closed normally
      busy: how busy the CPUs of connstorm's host were, with all processes together

      verdict: valid; offered 211/s, achieved 200/s over 5 s; 41 of 1,041 attempts
        failed (3.9%)
      result: results/20260101T000000Z-steady.ndjson
      "
    `);
  });

  it("shows the server's own times beneath the phases, and says which of them they explain", () => {
    const run = new SyntheticRun(makeSteps(1));
    const times = { serverSetupUs: 600, serverForkUs: 100, serverAuthUs: 200 };
    for (let i = 0; i < 10; i++) run.ok({ ...makeOk(2000), ...times });
    run.recorder.recordBackendAge(0, 5000, { elapsedUs: 4000, tcpUs: 200, serverUs: 3000 });
    const text = render(run.records(makeHeader()), { explain: true });
    expect(
      text.slice(text.indexOf('queue wait'), text.indexOf('latency counts')),
    ).toMatchInlineSnapshot(`
      "queue wait        10  1.00 ms  1.00 ms  1.00 ms  1.00 ms  1.00 ms
      queue+fork ≈       1   600 µs   600 µs   600 µs   600 µs   600 µs
      server setup      10   600 µs   600 µs   600 µs   600 µs   600 µs
        server fork     10   100 µs   100 µs   100 µs   100 µs   100 µs
        server auth     10   200 µs   200 µs   200 µs   200 µs   200 µs
      lateness          10     0 µs     0 µs     0 µs     0 µs     0 µs
      spawn ends with the server's answer to SSLRequest
      queue wait: the first part of spawn, until the server accepted the connection.
        server setup: the rest of the connect, by the server's own clock. Of this,
        server fork lies in spawn; server auth lies in auth and the start of ready.
        queue+fork ≈ is an estimate of queue wait + server fork, from the ages of some
        backends
      "
    `);
  });

  it.each([60, 80, 100, 132])('keeps every line within %d columns', (columns) => {
    for (const line of render(playRamp(), { columns }).split('\n')) {
      expect(line.length).toBeLessThanOrEqual(columns);
    }
  });

  it('has no escape code without colour, and the same text with it', () => {
    const plain = render(playRamp());
    expect(plain).not.toContain('\x1b');
    const coloured = render(playRamp(), { colour: true });
    expect(coloured).toContain('\x1b[');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
    expect(coloured.replace(/\x1b\[\d+m/g, '').replace(/ +$/gm, '')).toBe(plain);
  });

  it('shows how long the server took to end connections, and which it did not end', () => {
    const run = new SyntheticRun(makeSteps(1));
    for (let i = 0; i < 100; i++) run.ok(makeOk(1000, { scheduledUs: i }));
    for (let i = 0; i < 98; i++) run.recorder.recordClose(0, 10, 2_000, true);
    for (let i = 0; i < 2; i++) run.recorder.recordClose(0, 10, 10_000_000, false);
    const report = render(run.records(makeHeader()));
    expect(report).toMatch(/^ {2}close +98 +2\.00 ms +2\.00 ms +≥ 10\.0 s/m);
    expect(report).toContain('2 more connections were not closed by the server (FIN)');
  });

  it('says why a run is invalid and what to change', () => {
    const run = new SyntheticRun(makeSteps(1));
    for (let i = 0; i < 100; i++) run.ok(makeOk(20_000, { latenessUs: 9000 }));
    expect(render(run.records(makeHeader())).replace(/\s+/g, ' ')).toContain(
      'INVALID LATE_GENERATOR: connstorm started attempts late: p50 of lateness was 9.00 ms, ' +
        'and p50 of latency was 20.0 ms; lower the rate',
    );
  });

  it.each([
    ['prefer', 'certificate not verified'],
    ['require', 'certificate not verified'],
    ['verify-ca', 'certificate verified, host name not verified'],
    ['verify-full', 'certificate and host name verified'],
  ])('says what sslmode=%s has made sure of', (sslmode, made) => {
    const header = makeHeader({ tls: 'TLSv1.3' });
    const run = new SyntheticRun(makeSteps(1)).ok(makeOk(1000));
    const target = { ...header.target, sslmode };
    expect(render(run.records({ ...header, target }))).toContain(`TLS: encrypted, ${made}\n`);
  });

  it.each([
    ['the lab', true, { forkCostMs: 60 }, true],
    ['a lab that was left as it is', true, {}, false],
    ['a target that was given: the lab was not started', false, { forkCostMs: 60 }, false],
  ])('says that forks were made dear on purpose: %s', (_, lab, postgres, isSaid) => {
    const header = makeHeader();
    const run = new SyntheticRun(makeSteps(1)).ok(makeOk(1000));
    const target = { ...header.target, lab };
    const spec = { ...header.spec, lab: { postgres } };
    const text = render(run.records({ ...header, target, spec })).replaceAll(/\s+/g, ' ');
    const said = "each fork cost the lab's postmaster 60 ms more CPU, on purpose";
    expect(text.includes(said)).toBe(isSaid);
    expect(text.includes('forkCostMs')).toBe(isSaid);
  });

  it('says that a file was cut off', () => {
    const run = new SyntheticRun(makeSteps(1)).ok(makeOk(1000));
    expect(render(run.records(makeHeader()).slice(0, -1))).toContain(
      'interrupted: connstorm was cut off, so the file has no end; the load ran for 1',
    );
  });

  it('shows the errors of a run without one ok attempt', () => {
    const run = new SyntheticRun(makeSteps(1)).ended(makeAttempt({ atUs: 9 }), 'failed', REFUSED);
    const text = render(run.records(makeHeader()));
    expect(text).toContain('INVALID NO_DATA: no connect succeeded');
    expect(text).toContain('1  server/ready 53300: sorry, too many clients already');
  });

  it('shows warnings beside a valid run, and what connstorm saw of its workers', () => {
    const run = new SyntheticRun(makeSteps(1));
    for (let i = 0; i < 100; i++) run.ok(makeOk((i + 1) * 1000, { latenessUs: 100 }));
    const header = makeHeader();
    header.environment.pinned = { generator: '0', server: '1' };
    const records = run.records(header);
    const worker = { worker: 0, utilisation: 0.6, loopDelayUs: 900, arrivals: 100 };
    const times = { latenessP99Us: 100, latenessMaxUs: 100, cpuUs: 300_000, cpuWaitUs: 250_000 };
    const sample: GeneratorSample = {
      type: 'sample',
      probe: 'generator',
      atUs: SECOND_US,
      elapsedUs: SECOND_US,
      cpuUs: 320_000,
      hostBusyUs: SECOND_US,
      hostTotalUs: 2 * SECOND_US,
      descriptors: 1000,
      workers: [{ ...worker, ...times }],
    };
    const report = render(records.toSpliced(1, 0, sample), {
      columns: 400,
    });
    expect(report).toContain('\nvalid\nwarning GENERATOR_STARVED: ');
    expect(report).toContain(
      '\nwarning NEAR_DESCRIPTORS: 1000 descriptors were open at once, and this process may open 1024: ',
    );
    expect(report).toContain(
      'the event loop of its busiest worker was busy or waited for a CPU 60% of the time; the worker that waited most for a CPU waited 25% of the time',
    );
    expect(report).toContain("pinned: connstorm to CPU 0, the lab's server to CPU 1");
  });
});
