import { describe, expect, it } from 'vitest';
import { type Foreseen, foreseeComparison } from '../../../src/run/foresee/foresee-comparison.ts';
import { compareSchema } from '../../../src/scenario/schema/compare-schema.ts';
import { makeHeader } from '../../support/synthetic/synthetic-run.ts';

const { server } = makeHeader().target;

const DIRECT: Foreseen = {
  name: 'direct',
  spec: { connection: {} },
  queries: 1,
  isSearch: false,
  role: 'direct',
  target: { address: '127.0.0.1', sslmode: 'prefer' },
  server: { ...server, instance: 'one' },
};
const POOLED: Foreseen = {
  ...DIRECT,
  name: 'pooled',
  role: 'pooled',
  server: { ...DIRECT.server, pooler: true },
};

function foresee(variants: Foreseen[], settings: Record<string, unknown> = {}, repeat = 5) {
  return foreseeComparison(variants, { repeat, compare: compareSchema.parse(settings) });
}

function found(variant: Foreseen, findings: Partial<Foreseen['server']>): Foreseen {
  return { ...variant, server: { ...variant.server, ...findings } };
}

describe('before a comparison', () => {
  it('nothing is said where both sides are asked the same and reach the same server', () => {
    expect(foresee([DIRECT, POOLED])).toEqual([]);
    expect(foresee([DIRECT])).toEqual([]);
  });

  it.each<[string, Foreseen, string]>([
    [
      'auth method',
      found(POOLED, { auth: 'trust' }),
      'warning: no verdict on pooled: auth method differs: direct scram-sha-256, pooled trust (if you intend this, use compare.across=[auth])',
    ],
    [
      'TLS',
      found(POOLED, { tls: 'TLSv1.3' }),
      'warning: no verdict on pooled: encryption differs: direct no TLS, pooled TLS (if you intend this, use compare.across=[tls])',
    ],
    [
      'server',
      found(POOLED, { instance: 'two' }),
      'warning: no verdict on pooled: direct and pooled reach different Postgres servers (if you intend this, use compare.across=[server])',
    ],
    [
      'boundary of spawn',
      { ...POOLED, target: { ...POOLED.target, sslmode: 'disable' } },
      'warning: spawn ends with different messages on the two sides, so it will not be compared (direct: sslrequest, pooled: auth-request)',
    ],
    [
      'boundary of spawn, by a Unix socket',
      { ...POOLED, target: { ...POOLED.target, address: '/run/.s.PGSQL.6432' } },
      'warning: spawn ends with different messages on the two sides, so it will not be compared (direct: sslrequest, pooled: auth-request)',
    ],
  ])('another %s is warned of', (_what, variant, warning) => {
    expect(foresee([DIRECT, variant])).toEqual([warning]);
  });

  it('what is meant to differ is not warned of', () => {
    const variant = found(POOLED, { auth: 'trust', instance: 'two' });
    expect(foresee([DIRECT, variant], { across: ['auth', 'server'] })).toEqual([]);
  });

  it('a pooler without queries is', () => {
    expect(
      foresee([
        { ...DIRECT, queries: 0 },
        { ...POOLED, queries: 0 },
      ]),
    ).toEqual([
      "warning: a pooler may answer the logins of pooled by itself, even if the server behind it is down: so compare the time to the first query's result (connection.queries=1)",
    ]);
  });

  it('a server that does not say which it is is told of', () => {
    const { instance: _, ...silent } = POOLED.server;
    expect(foresee([DIRECT, { ...POOLED, server: silent }])).toEqual([
      'it is not known whether direct and pooled reach the same Postgres: one of them does not show which server it is',
    ]);
    // Variants of one target reach what it reaches.
    expect(foresee([DIRECT, { ...DIRECT, name: 'other', server: silent }])).toEqual([]);
  });

  it('too few rounds for a verdict are told of', () => {
    expect(foresee([DIRECT, POOLED], {}, 4)).toEqual([
      'there will be figures but no verdict: a verdict needs 5 rounds (--repeat 5)',
    ]);
  });

  it('nothing is said of searches', () => {
    const search = { ...POOLED, isSearch: true, queries: 0 };
    expect(foresee([DIRECT, search], {}, 1)).toEqual([]);
  });
});
