import { describe, expect, it } from 'vitest';
import { UnreachableError } from '../../../src/errors.ts';
import { resolveTarget } from '../../../src/targets/naming/resolve.ts';
import { chooseHosts } from '../../../src/targets/visit/choose-hosts.ts';
import type { Behaviour } from '../../support/servers/known-server.ts';
import { type SharedServer, serveTest } from '../../support/servers/shared-server.ts';

const PRIMARY: Behaviour = {
  parameters: { in_hot_standby: 'off', default_transaction_read_only: 'off' },
};
const STANDBY: Behaviour = {
  parameters: { in_hot_standby: 'on', default_transaction_read_only: 'off' },
};
const READ_ONLY: Behaviour = {
  parameters: { in_hot_standby: 'off', default_transaction_read_only: 'on' },
};
/** Older than PostgreSQL 14, or behind a pooler: to be asked. */
const OLD_STANDBY: Behaviour = { answers: { recovery: 'on', transaction_read_only: 'on' } };
const OLD_PRIMARY: Behaviour = { answers: { recovery: 'off', transaction_read_only: 'off' } };
const MUTE: Behaviour = {};
const STARTING: Behaviour = {
  refuseEvery: 1,
  refusal: { code: '57P03', message: 'the database system is starting up' },
};
const FULL: Behaviour = { refuseEvery: 1 };
const CLOSED: Behaviour = { fault: { at: 'connect', how: 'close' } };

let servers: SharedServer[] = [];

/** Which of the servers are chosen, by their place, and why others were left out. */
async function choose(behaviours: Behaviour[], parameters = '') {
  servers = await Promise.all(behaviours.map((behaviour) => serveTest(behaviour)));
  const ports = servers.map(({ port }) => port);
  const hosts = ports.map(() => '127.0.0.1').join(',');
  const text = `host=${hosts} port=${ports.join(',')} user=storm password=secret ${parameters}`;
  const resolved = await resolveTarget({ text, env: { PGPASSFILE: '/nonexistent' } });
  if (resolved === undefined) throw new Error('no target');
  const { chosen, leftOut } = await chooseHosts(resolved, { timeoutUs: 5_000_000 });
  const places = chosen.map(({ target }) => ports.indexOf(target.port));
  return { places, leftOut: leftOut.map(namePorts) };

  function namePorts(text: string): string {
    return ports.reduce((named, port, place) => named.replaceAll(String(port), `#${place}`), text);
  }
}

describe('chooseHosts', () => {
  it('takes the first that answers, and does not touch those behind it', async () => {
    const { places, leftOut } = await choose([CLOSED, STARTING, PRIMARY, PRIMARY]);
    expect(places).toEqual([2]);
    expect(leftOut).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:#0 accepted the connection and closed it/),
      expect.stringMatching(/^127\.0\.0\.1:#1 refused the login .*57P03/),
    ]);
    expect((await servers[3]?.counters())?.accepted).toBe(0);
  });

  it('spreads over all that can be used under load_balance_hosts=random', async () => {
    const { places, leftOut } = await choose(
      [PRIMARY, CLOSED, STANDBY],
      'load_balance_hosts=random',
    );
    expect(places).toEqual([0, 2]);
    expect(leftOut).toHaveLength(1);
  });

  it.each<[string, Behaviour[], number[]]>([
    ['any', [STANDBY, PRIMARY], [0]],
    ['primary', [STANDBY, PRIMARY], [1]],
    ['primary', [READ_ONLY, PRIMARY], [0]],
    ['standby', [PRIMARY, READ_ONLY, STANDBY], [2]],
    ['read-write', [STANDBY, READ_ONLY, PRIMARY], [2]],
    ['read-only', [PRIMARY, READ_ONLY, STANDBY], [1]],
    ['prefer-standby', [PRIMARY, STANDBY], [1]],
    ['prefer-standby', [PRIMARY, READ_ONLY], [0]],
    ['prefer-standby', [CLOSED, PRIMARY], [1]],
    ['primary', [OLD_STANDBY, OLD_PRIMARY], [1]],
    ['standby', [OLD_PRIMARY, OLD_STANDBY], [1]],
    ['read-write', [OLD_STANDBY, OLD_PRIMARY], [1]],
    ['primary', [MUTE, PRIMARY], [1]],
  ])('heeds target_session_attrs=%s', async (attrs, behaviours, expected) => {
    const { places } = await choose(behaviours, `target_session_attrs=${attrs}`);
    expect(places).toEqual(expected);
  });

  it('spreads over the standbys, or over all where there is none, under prefer-standby', async () => {
    const wish = 'target_session_attrs=prefer-standby load_balance_hosts=random';
    expect((await choose([PRIMARY, STANDBY, STANDBY], wish)).places).toEqual([1, 2]);
    await Promise.all(servers.map((server) => server.stop()));
    expect(await choose([PRIMARY, PRIMARY], wish)).toEqual({ places: [0, 1], leftOut: [] });
  });

  it.each<[string, Behaviour]>([
    ['is silent', { fault: { at: 'query', how: 'silence' } }],
    ['closes', { fault: { at: 'query', how: 'close' } }],
  ])('gives way to the next where a host takes the login, and then %s', async (_, hung) => {
    const { places, leftOut } = await choose([hung, PRIMARY]);
    expect(places).toEqual([1]);
    expect(leftOut).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:#0 logged role "storm" in, but the first query failed/),
    ]);
    await Promise.all(servers.map((server) => server.stop()));
    const spread = await choose([PRIMARY, hung, PRIMARY], 'load_balance_hosts=random');
    expect(spread.places).toEqual([0, 2]);
  });

  it('names all hosts where each takes the login and answers nothing', async () => {
    const hung: Behaviour = { fault: { at: 'query', how: 'close' } };
    await expect(choose([hung, hung])).rejects.toThrow(
      /^none of the 2 hosts can be used: .* the first query failed .*; 127\.0\.0\.1:\d+ logged/,
    );
  });

  it('ends at a refused login, as libpq does', async () => {
    const choosing = choose([FULL, PRIMARY]);
    await expect(choosing).rejects.toThrow(UnreachableError);
    await expect(choosing).rejects.toThrow(
      /53300 .*; as in libpq, that ends the search for a host$/,
    );
  });

  it('names every host, in one line, where none can be used', async () => {
    const choosing = choose([CLOSED, STANDBY], 'target_session_attrs=primary');
    await expect(choosing).rejects.toThrow(UnreachableError);
    await expect(choosing).rejects.toThrow(
      /^none of the 2 hosts can be used: 127\.0\.0\.1:\d+ accepted .*; 127\.0\.0\.1:\d+ is a standby \(target_session_attrs=primary\)$/,
    );
  });

  it('says what a single host is not', async () => {
    const choosing = choose([MUTE], 'target_session_attrs=standby');
    await expect(choosing).rejects.toThrow(
      /^127\.0\.0\.1:\d+ does not report whether it is a standby \(target_session_attrs=standby\)$/,
    );
  });
});
