import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import type { AnySummary } from '../../../src/result/records/summary-records.ts';
import { ResultWriter } from '../../../src/result/write/write.ts';
import { describeRun } from '../../../src/run/describe/describe-run.ts';
import { RunJournal } from '../../../src/run/legs/journal.ts';
import { runStorms } from '../../../src/run/legs/storm.ts';
import { assignTargets } from '../../../src/run/prepare/assign-targets.ts';
import { prepareVariants } from '../../../src/run/prepare/prepare.ts';
import type { RunRequest } from '../../../src/run/request.ts';
import { parseScenario } from '../../../src/scenario/file/parse.ts';
import { planRounds } from '../../../src/scenario/plan/rounds.ts';
import { constantRate, observe } from '../../support/run-storm.ts';
import {
  type KnownServer,
  startKnownServer,
  waitForCounters,
} from '../../support/servers/known-server.ts';

let server: KnownServer;
afterEach(() => server.stop());

interface Hooks {
  warmUp?: string;
  labEnded?: Promise<string>;
  onInterval?: (leg: number) => void;
  onLegEnd?: (stop: AbortController) => void;
}

/** Two variants in one round, and what happens in between. */
async function storm(hooks: Hooks): Promise<{ summary: AnySummary; legs: string[] }> {
  server = await startKnownServer();
  const scenario = {
    shows: 'a test',
    load: constantRate(30, '500ms'),
    variants: { a: {}, b: { load: { duration: '20s' } } },
    warmUp: hooks.warmUp ?? '0s',
  };
  const stop = new AbortController();
  const legs: string[] = [];
  const observer = observe([], {
    legStarted: ({ variant }) => legs.push(variant),
    interval: () => hooks.onInterval?.(legs.length),
  });
  const file = parseScenario(JSON.stringify(scenario), 'storm.json');
  const request: RunRequest = {
    loaded: { name: 'storm', path: '', ...file },
    targets: [server.url],
    reserve: undefined,
    yes: false,
    out: undefined,
    postgresBin: undefined,
    env: {},
    stdin: new PassThrough(),
    stderr: new PassThrough(),
    stop: stop.signal,
    cancel: new AbortController().signal,
    observer,
  };
  const assigned = await assignTargets({ variants: file.variants, texts: [server.url], env: {} });
  const variants = await prepareVariants(request, assigned ?? [], { isLab: false });
  const rounds = planRounds(2, 1, 1);
  const writer = new ResultWriter({ write: () => {}, close: () => {} }, null);
  const header = describeRun(request.loaded, variants, rounds, []);
  class HookedJournal extends RunJournal {
    override legEnded(...args: Parameters<RunJournal['legEnded']>): void {
      super.legEnded(...args);
      hooks.onLegEnd?.(stop);
    }
  }
  const journal = new HookedJournal(header, writer, observer);
  const { labEnded } = hooks;
  const { summary } = await runStorms(request, { variants, rounds, journal, writer, labEnded });
  return { summary, legs };
}

describe('a run of variants', () => {
  it('ends with its leg when the lab goes, as an error that keeps what was measured', async () => {
    let tell = (_how: string): void => {};
    const labEnded = new Promise<string>((resolve) => {
      tell = resolve;
    });
    const onInterval = (leg: number): void => {
      if (leg === 2) tell("the lab's Postgres is gone: it was killed");
    };
    const { summary, legs } = await storm({ labEnded, onInterval });
    expect(legs).toEqual(['a', 'b']);
    expect(summary).toMatchObject({
      stoppedBy: 'error',
      reason: "the lab's Postgres is gone: it was killed",
      exitCode: 1,
    });
    expect(summary.variants.a?.accounting.ok).toBe(15);
    expect(summary.variants.b?.rounds).toMatchObject([{ stoppedBy: 'error' }]);
  });

  it('whose lab goes in a warm-up begins no arrival of that leg', async () => {
    let tell = (_how: string): void => {};
    const labEnded = new Promise<string>((resolve) => {
      tell = resolve;
    });
    // Of the check 2, of the first leg 15 and as many before it; then come the second's warm-up and nothing else.
    const onLegEnd = (): void => {
      const hasBegun = waitForCounters(server, ({ logins }) => logins > 2 + 15 + 15);
      void hasBegun.then(() => tell("the lab's Postgres is gone: it was killed"));
    };
    const { summary, legs } = await storm({ warmUp: '20s', labEnded, onLegEnd });
    expect(legs).toEqual(['a', 'b']);
    expect(summary).toMatchObject({ stoppedBy: 'error', exitCode: 1 });
    expect(summary.reason).toBe("the lab's Postgres is gone: it was killed");
    expect(summary.variants.b).toMatchObject({ stoppedBy: 'error', accounting: { begun: 0 } });
  });

  it('begins no leg when it is stopped between two', async () => {
    const { summary, legs } = await storm({ onLegEnd: (stop) => stop.abort() });
    expect(legs).toEqual(['a']);
    expect(summary).toMatchObject({ stoppedBy: 'signal', reason: 'interrupted', exitCode: 105 });
    expect(summary.variants.a).toMatchObject({ stoppedBy: 'end', accounting: { ok: 15 } });
    expect(summary.variants.b).toMatchObject({ stoppedBy: 'signal', rounds: [] });
  });

  it('begins no leg when it is stopped while the threads of the next one start', async () => {
    const onLegEnd = (stop: AbortController): void => {
      setImmediate(() => stop.abort());
    };
    const { summary, legs } = await storm({ onLegEnd });
    expect(legs).toEqual(['a']);
    expect(summary).toMatchObject({ stoppedBy: 'signal', exitCode: 105, accounting: { ok: 15 } });
    expect(summary.variants.b?.rounds).toEqual([]);
  });
});
