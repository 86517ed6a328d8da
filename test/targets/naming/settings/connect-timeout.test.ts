import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/errors.ts';
import {
  type FlaggedScenario,
  followConnectTimeout,
} from '../../../../src/targets/naming/settings/connect-timeout.ts';
import { parseScenario } from '../../../support/synthetic/parse-scenario.ts';

function load(connection: Record<string, unknown>, flagged?: string[]): FlaggedScenario {
  const text = JSON.stringify({
    shows: 'a test',
    load: { executor: 'constant-arrival-rate', rate: 1, duration: '1s' },
    connection,
  });
  const scenario = parseScenario(text, 'x.json');
  return { scenario, ...(flagged === undefined ? {} : { flagged }) };
}

describe('followConnectTimeout', () => {
  it('changes nothing where the target says nothing, or the same', () => {
    const loaded = load({ timeout: '3s' });
    expect(followConnectTimeout(loaded, undefined)).toEqual([loaded]);
    expect(followConnectTimeout(loaded, 3)).toEqual([loaded]);
  });

  it("outranks the scenario's default and its file, and says so", () => {
    for (const connection of [{}, { timeout: '5s' }]) {
      const [{ scenario }, note] = followConnectTimeout(load(connection, ['load.rate']), 3);
      expect(scenario.connection.timeout).toBe('3s');
      expect(note).toMatch(/^attempts time out after 3 s, as the target's connect_timeout says/);
    }
  });

  it('is outranked by --set, and says so', () => {
    const loaded = load({ timeout: '5s' }, ['connection.timeout']);
    const [followed, note] = followConnectTimeout(loaded, 3);
    expect(followed).toBe(loaded);
    expect(note).toBe(
      'connect_timeout=3 of the target is ignored: connection.timeout is set to 5s',
    );
  });

  it('is refused where nothing would be abandoned any more', () => {
    const follow = () => followConnectTimeout(load({ close: 'abandon', abandonAfter: '4s' }), 3);
    expect(follow).toThrow(UsageError);
    expect(follow).toThrow(
      /^connect_timeout=3 of the target: connection\.abandonAfter must be below/,
    );
  });
});
