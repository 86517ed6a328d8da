import { describe, expect, it } from 'vitest';
import type { Preflight } from '../../../src/targets/visit/preflight.ts';
import { settleSslMode } from '../../../src/targets/visit/settle-sslmode.ts';
import { localEndpoint } from '../../support/synthetic/open-attempt.ts';

function found(tls: string | null, over: Partial<Preflight['target']> = {}): Preflight {
  return {
    target: { role: 'direct', ...localEndpoint(5432), ...over },
    server: { version: '18.4', tls, auth: 'trust', settings: {}, slots: null, pooler: null },
    limits: null,
    postmasterPid: null,
    session: { readOnly: null, standby: null },
  };
}

describe('settleSslMode', () => {
  it('leaves prefer to the wire driver', () => {
    const preflight = found('TLSv1.3');
    expect(settleSslMode(preflight, 'wire')).toEqual([preflight]);
  });

  it.each([
    [null, 'disable'],
    ['TLSv1.3', 'require'],
  ])('takes for pg what the first login found: %s means %s', (tls, sslmode) => {
    const [settled, reason] = settleSslMode(found(tls), 'pg');
    expect(settled.target.sslmode).toBe(sslmode);
    expect(reason).toContain(sslmode);
  });

  it('refuses for pg what it would quietly do without', () => {
    const bound = found('TLSv1.3', { sslmode: 'require', channelBinding: 'require' });
    expect(() => settleSslMode(bound, 'pg')).toThrow(/channel_binding=require.*wire driver/);
  });
});
