import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ABSENT, type Attempt, type ConnectionPlan } from '../../../src/drivers/driver.ts';
import { closedByServer, isEndUnheard } from '../../../src/drivers/failure.ts';
import type { Stage } from '../../../src/drivers/lifecycle/stage.ts';
import { MOST_NOTICES } from '../../../src/drivers/protocol/notice.ts';
import {
  connect,
  fakeTime,
  LifecycleProbe,
  logIn,
  pass,
  reachStage,
  SAMPLED,
  serverSays,
  TIMEOUT_MS,
} from '../../support/synthetic/lifecycle-probe.ts';

beforeEach(fakeTime);

describe('what comes after the login', () => {
  it.each<[string, Partial<ConnectionPlan>, string[]]>([
    ['the hold', {}, ['ready']],
    ['the end, without a hold', { holdUs: 0 }, ['ready', 'leave', 'drop', 'closed']],
    ['a query', { queries: 1 }, ['ready', 'ask query', 'first query']],
    [
      'three queries',
      { queries: 3 },
      ['ready', 'ask query', 'first query', 'ask query', 'ask query'],
    ],
    ['the question for the age', { serverTimes: SAMPLED }, ['ready', 'ask age', 'age 7']],
    [
      'a query, the question, and the end',
      { queries: 1, serverTimes: SAMPLED, holdUs: 0 },
      ['ready', 'ask query', 'first query', 'ask age', 'age 7', 'leave', 'drop', 'closed'],
    ],
  ])('is %s', (_, plan, told) => {
    const probe = new LifecycleProbe(plan);
    logIn(probe);
    for (let answers = 0; answers < 5; answers++) {
      probe.life.ageTold(7);
      probe.life.ready();
    }
    expect(probe.take()).toEqual(told);
  });

  it('is the end, once what was asked is answered, for one that was told to close', () => {
    const probe = reachStage('querying');
    probe.live.closeConnections();
    probe.life.answered();
    expect(probe.take()).toEqual(['first query', 'leave', 'drop', 'closed']);
  });

  it('is each statement in turn, and then the news that the connection is usable', async () => {
    const probe = new LifecycleProbe({ queries: 3, tellsUsable: true });
    logIn(probe);
    for (let answers = 0; answers < 3; answers++) {
      await pass(1);
      probe.life.ready();
    }
    const asking = ['ask query', 'first query', 'ask query', 'ask query', 'usable 3000'];
    expect(probe.take()).toEqual(['ready', ...asking]);
    expect(probe.asked).toEqual([0, 1, 2]);
    const { queriedUs, usableUs } = probe.life.attempt;
    expect({ queriedUs, usableUs }).toEqual({ queriedUs: 1_000, usableUs: 3_000 });
  });

  it('is the rest of the statements, for one that was told to close and tells when it is usable', () => {
    const probe = reachStage('querying', { tellsUsable: true });
    probe.live.closeConnections();
    probe.life.answered();
    expect(probe.take()).toEqual(['first query', 'ask query']);
    probe.life.answered();
    expect(probe.take()).toEqual(['usable 0', 'leave', 'drop', 'closed']);
  });

  it('is no further statement after one that failed', () => {
    const probe = reachStage('querying', { queries: 3, tellsUsable: true });
    probe.life.answered();
    probe.take();
    probe.life.serverError(serverSays('ERROR', '42601', probe));
    expect(probe.take()).toEqual(['drop', 'queryFailed server query 42601']);
    expect(probe.asked).toEqual([0, 1]);
    expect(probe.life.attempt.usableUs).toBe(ABSENT);
  });

  it('is the hold, where a backend does not tell its age', () => {
    const probe = reachStage('sampling');
    probe.life.ageTold(undefined);
    probe.life.answered();
    expect(probe.take()).toEqual([]);
    expect(probe.life.stage).toBe('holding');
  });

  it('is one more query, each time a held connection is to ask again', () => {
    const probe = reachStage('holding');
    for (let times = 0; times < 2; times++) {
      expect(probe.life.askAgain()).toBe(true);
      expect(probe.life.askAgain()).toBe(false);
      probe.life.answered();
      expect(probe.take()).toEqual(['ask query', 'first query']);
    }
  });

  it('ends with the hold', async () => {
    const probe = reachStage('holding', { holdUs: 30_000 });
    await pass(29);
    expect(probe.take()).toEqual([]);
    await pass(1);
    expect(probe.take()).toEqual(['leave', 'drop', 'closed']);
  });
});

describe("the server's FIN", () => {
  it('ends a connection that has waited for it, and is stamped', async () => {
    const probe = reachStage('closing');
    await pass(40);
    probe.life.serverEnded(false);
    expect(probe.take()).toEqual(['drop', 'closed']);
    const { terminatedUs, closedUs } = probe.life.attempt;
    expect(closedUs - terminatedUs).toBe(40_000);
  });

  it.each([
    ["may follow TLS's own end", (probe: LifecycleProbe) => probe.life.serverEnded(true)],
    ["is not waited for long behind TLS's own end", () => pass(100)],
  ])('%s', async (_, follow) => {
    const probe = reachStage('closing');
    probe.life.serverEnded(true);
    const { closedUs } = probe.life.attempt;
    await pass(50);
    expect(probe.take()).toEqual([]);
    await follow(probe);
    expect(probe.take()).toEqual(['drop', 'closed']);
    expect(probe.life.attempt.closedUs).toBe(closedUs);
  });
});

describe('the stamps', () => {
  it('are taken as it happens, each once', async () => {
    const probe = new LifecycleProbe({ queries: 1, close: 'server-first' });
    const { life } = probe;
    const steps: [keyof Attempt, () => void][] = [
      ['establishedUs', () => connect(probe, 'ssl-reply')],
      ['spawnedUs', () => life.spawned('sslrequest')],
      [
        'encryptedUs',
        () => {
          life.enter('handshake');
          life.encrypted();
        },
      ],
      [
        'authenticatedUs',
        () => {
          life.enter('login');
          life.authRequested();
          life.authenticated();
        },
      ],
      [
        'readyUs',
        () => {
          life.accepted();
          life.ready();
        },
      ],
      ['queriedUs', () => life.answered()],
      ['terminatedUs', () => life.close()],
      ['closedUs', () => life.serverEnded(false)],
    ];
    for (const [stamp, step] of steps) {
      expect(life.attempt[stamp], stamp).toBe(ABSENT);
      await pass(10);
      step();
    }
    const taken = steps.map(([stamp]) => life.attempt[stamp]);
    expect(taken).toEqual(steps.map((_, at) => (at + 1) * 10_000));
    expect(life.attempt.boundary).toBe('sslrequest');
  });

  it('have the first request for the first byte, unless something came before it', async () => {
    const plain = reachStage('login');
    await pass(10);
    plain.life.authRequested();
    await pass(10);
    plain.life.authRequested();
    expect(plain.life.attempt).toMatchObject({ spawnedUs: 10_000, boundary: 'auth-request' });
  });

  it.each(['connected', 'encrypted', 'authenticated'] as const)(
    'are not taken late: %s',
    (event) => {
      const probe = reachStage('over');
      const before = { ...probe.life.attempt };
      probe.life[event]();
      expect(probe.life.attempt).toEqual(before);
    },
  );
});

describe('the time of an attempt', () => {
  it.each<[string, Partial<ConnectionPlan>, derivingUs: number | undefined, string[]]>([
    ['ours to give, over', { abandonAfterUs: 900_000 }, 3_000, ['drop', 'abandoned']],
    [
      'ours to give, over in our keys',
      { abandonAfterUs: 900_000 },
      300_000,
      ['noteAbandoned', 'drop', 'abandoned'],
    ],
    ['over', { timeoutUs: 900_000 }, 3_000, ['drop', 'failed timeout spawn TIMEOUT']],
    ['over in our keys', { timeoutUs: 900_000 }, 300_000, ['drop', 'failed local auth SCRAM_CPU']],
  ])('is %s', async (_, plan, derivingUs, told) => {
    const probe = reachStage('login', plan);
    probe.derivingUs = derivingUs;
    await pass(900);
    expect(probe.take()).toEqual(told);
  });

  it('is not over where the answer is read with the timer', async () => {
    const probe = reachStage('login');
    probe.life.accepted();
    vi.advanceTimersToNextTimer();
    probe.life.ready();
    await pass(TIMEOUT_MS);
    expect(probe.take()).toEqual(['ready']);
  });

  it('begins anew with each query', async () => {
    const probe = reachStage('querying');
    await pass(TIMEOUT_MS - 1);
    probe.life.answered();
    await pass(TIMEOUT_MS - 1);
    expect(probe.take()).toEqual(['first query', 'ask query']);
    await pass(1);
    expect(probe.take()).toEqual(['drop', 'queryFailed timeout query TIMEOUT']);
  });
});

describe('what was said before', () => {
  it('explains an end: an ERROR in the hold, or a WARNING that announces it', () => {
    const idle = reachStage('holding');
    idle.life.serverError(serverSays('ERROR', '08006', idle));
    idle.life.broken(closedByServer('hold'));
    expect(idle.take()).toEqual(['drop', 'cut server hold 08006']);
    const asking = reachStage('querying');
    asking.life.noticed({ code: '57P02', message: 'another backend crashed', severity: 'WARNING' });
    asking.life.broken(closedByServer('query'));
    expect(asking.take()).toEqual(['notice query 57P02', 'drop', 'queryFailed server query 57P02']);
  });

  it.each<[Stage, hasHeard: boolean, isUnheard: boolean]>([
    ['connecting', false, false],
    ['ssl-reply', false, true],
    ['ssl-reply', true, false],
    ['login', false, true],
    ['login', true, false],
  ])('at %s, with a byte read: %s; an end says that there was none: %s', (stage, heard, said) => {
    const probe = reachStage(stage);
    probe.hasHeard = heard;
    probe.life.broken(closedByServer(probe.life.phase));
    expect(probe.failures.map(isEndUnheard)).toEqual([said]);
  });

  it('is not known of a handshake of direct TLS', () => {
    const probe = new LifecycleProbe({});
    probe.hasHeard = false;
    probe.life.connected();
    probe.life.enter('handshake');
    probe.life.broken(closedByServer(probe.life.phase));
    expect(probe.failures.map(isEndUnheard)).toEqual([false]);
  });

  it('is told as notices until the first answer, and so many of them', () => {
    const probe = reachStage('login');
    const notice = { code: '01000', message: 'hm', severity: 'WARNING' as const };
    for (let count = 0; count < MOST_NOTICES + 2; count++) probe.life.noticed(notice);
    expect(probe.take()).toEqual(Array(MOST_NOTICES).fill('notice spawn 01000'));
    const held = reachStage('holding');
    held.life.noticed(notice);
    expect(held.take()).toEqual([]);
  });
});
