import { expect, it } from 'vitest';
import { type Asked, AskedProbe } from '../../../src/probes/server/asked-probe.ts';

/** A probe of a server that answers as it is told, under a clock of our own. */
async function startProbe() {
  const server = { opened: 0, stopped: 0, refuses: false, answer: async () => 'fine' };
  const log: string[] = [];
  const clock = { us: 0 };
  const probe = await AskedProbe.start<string>({
    open: async (): Promise<Asked<string>> => {
      if (server.refuses) throw new Error('refused');
      server.opened++;
      return {
        sample: () => server.answer(),
        stop: async () => {
          server.stopped++;
        },
      };
    },
    onSample: (figures, tookUs) => log.push(`${figures} after ${tookUs}`),
    onLost: (reason) => log.push(`lost: ${reason}`),
    onBack: () => log.push('back'),
    now: () => clock.us,
  });
  /** Lets what can be answered be answered. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const askAt = async (us: number): Promise<void> => {
    clock.us = us;
    probe.ask();
    await settle();
  };
  return { server, log, clock, probe, settle, askAt };
}

const SECOND = 1_000_000;

it('asks no second question while the first is not answered', async () => {
  const { server, log, clock, probe, settle, askAt } = await startProbe();
  let resolve = (_: string): void => {};
  server.answer = () =>
    new Promise((answer) => {
      resolve = answer;
    });
  await askAt(0);
  server.answer = async () => 'a second one';
  await askAt(10);
  expect(log).toEqual([]);
  clock.us = 40;
  resolve('late');
  await settle();
  await askAt(50);
  expect(log).toEqual(['late after 40', 'a second one after 0']);
  await probe.stop();
});

it('comes back when the server takes it again, and pesters nobody meanwhile', async () => {
  const { server, log, askAt } = await startProbe();
  server.answer = async () => Promise.reject(new Error('cut'));
  server.refuses = true;
  await askAt(0);
  expect(log).toEqual(['lost: cut']);
  expect(server).toMatchObject({ opened: 1, stopped: 1 });
  await askAt(SECOND);
  server.refuses = false;
  server.answer = async () => 'fine';
  await askAt(SECOND + 10);
  expect(server.opened).toBe(1);
  await askAt(2 * SECOND);
  await askAt(3 * SECOND);
  expect(log).toEqual(['lost: cut', 'back', 'fine after 0']);
});

it('tells nothing more once it is stopped', async () => {
  const { server, log, probe, askAt } = await startProbe();
  let reject = (_: Error): void => {};
  server.answer = () =>
    new Promise((_, fail) => {
      reject = fail;
    });
  await askAt(0);
  await probe.stop();
  reject(new Error('its connection was ended'));
  await askAt(10);
  expect(log).toEqual([]);
  expect(server).toMatchObject({ opened: 1, stopped: 1 });
});

it('says why it cannot work', async () => {
  const open = async (): Promise<Asked<string>> => Promise.reject(new Error('not allowed'));
  const starting = AskedProbe.start({
    open,
    onSample: () => {},
    onLost: () => {},
    onBack: () => {},
    now: () => 0,
  });
  await expect(starting).rejects.toThrow('not allowed');
});

it('that is to look asks once more than is under way, and waits for that answer', async () => {
  const { server, log, clock, probe, settle, askAt } = await startProbe();
  const answers: ((text: string) => void)[] = [];
  server.answer = () => new Promise((answer) => answers.push(answer));
  await askAt(0);
  let hasLooked = false;
  const looking = probe.look().then(() => {
    hasLooked = true;
  });
  await settle();
  expect(answers).toHaveLength(1);
  clock.us = 10;
  answers[0]?.('asked before');
  await settle();
  expect([answers.length, hasLooked]).toEqual([2, false]);
  clock.us = 30;
  answers[1]?.('asked for');
  await looking;
  expect(log).toEqual(['asked before after 10', 'asked for after 20']);
  await probe.stop();
  await probe.look();
  expect(answers).toHaveLength(2);
});
