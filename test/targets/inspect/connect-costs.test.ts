import { describe, expect, it } from 'vitest';
import { listConnectCosts } from '../../../src/targets/inspect/connect-costs.ts';
import {
  readDurationSetting,
  readSizeSetting,
} from '../../../src/targets/inspect/setting-values.ts';

/** As a server has them that nobody has changed. */
const CHEAP = {
  log_connections: '',
  log_disconnections: 'off',
  log_hostname: 'off',
  pre_auth_delay: '0',
  authentication_timeout: '1min',
  shared_preload_libraries: '',
  session_preload_libraries: '',
  local_preload_libraries: '',
  huge_pages: 'try',
  huge_pages_status: 'off',
  shared_buffers: '128MB',
};

const judge = (settings: Record<string, string>) =>
  listConnectCosts({
    settings: { ...CHEAP, ...settings },
    tls: null,
    loginTriggers: [],
    isPooled: false,
  });

describe('listConnectCosts', () => {
  it('finds nothing where nothing was changed, and says what it looked at', () => {
    const { costs, cheap, unseen } = judge({});
    expect({ costs, unseen }).toEqual({ costs: [], unseen: [] });
    expect(cheap).toContain('log_hostname');
  });

  it.each([
    ['log_connections', 'on', /server log/],
    ['log_connections', 'receipt,setup_durations', /server log/],
    ['log_disconnections', 'on', /close/],
    ['log_hostname', 'on', /reverse DNS/],
    ['pre_auth_delay', '5s', /sleeps/],
    ['authentication_timeout', '10min', /keeps a backend/],
    ['authentication_timeout', '5s', /cuts off/],
    ['shared_preload_libraries', 'auth_delay', /hooks/],
    ['session_preload_libraries', 'auto_explain', /loads them/],
    ['local_preload_libraries', 'x', /loads them/],
  ])('tells what %s = %s costs', (name, value, why) => {
    const { costs, cheap } = judge({ [name]: value });
    expect(costs).toEqual([{ name, value, why: expect.stringMatching(why) }]);
    expect(cheap).not.toContain(name);
  });

  it.each([
    [{ shared_buffers: '8GB' }, true],
    [{ shared_buffers: '8GB', huge_pages_status: 'on' }, false],
    [{ shared_buffers: '1000MB' }, false],
    [{ shared_buffers: '8GB', huge_pages_status: 'unknown' }, false],
  ])('minds huge pages that are known not to be used for much memory: %o', (settings, minds) => {
    const names = judge(settings).costs.map(({ name }) => name);
    expect(names).toEqual(minds ? ['huge_pages'] : []);
  });

  it('takes huge_pages = try of a server without a status for neither', () => {
    const { huge_pages_status: _, ...older } = { ...CHEAP, shared_buffers: '8GB' };
    const base = { tls: null, loginTriggers: null, isPooled: false };
    expect(listConnectCosts({ settings: older, ...base }).costs).toEqual([]);
    const off = { ...older, huge_pages: 'off' };
    expect(listConnectCosts({ settings: off, ...base }).costs).toHaveLength(1);
  });

  it('adds login triggers and TLS, and names what it could not see', () => {
    const { costs, unseen } = listConnectCosts({
      settings: { log_hostname: 'off' },
      tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384',
      loginTriggers: ['audit', 'limit'],
      isPooled: false,
    });
    expect(costs.map(({ name, value }) => `${name} = ${value}`)).toEqual([
      'login triggers = audit, limit',
      'TLS = TLSv1.3 TLS_AES_256_GCM_SHA384',
    ]);
    expect(unseen).toContain('shared_preload_libraries');
    expect(unseen).not.toContain('log_hostname');
  });

  it('leaves to a pooler what makes its own connects dear, and says nothing of how it does TLS', () => {
    const { costs } = listConnectCosts({
      settings: { ...CHEAP, pre_auth_delay: '1s' },
      tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384',
      loginTriggers: ['audit'],
      isPooled: true,
    });
    expect(costs).toEqual([
      expect.objectContaining({ name: 'pre_auth_delay', behindPooler: true }),
      expect.objectContaining({ name: 'login triggers', behindPooler: true }),
      expect.not.objectContaining({ behindPooler: true }),
    ]);
    expect(costs[2]?.why).toBe('each connect is a full handshake with the pooler');
  });
});

it.each([
  ['1min', 60],
  ['30s', 30],
  ['500ms', 0.5],
  ['2h', 7200],
  ['0', undefined],
  ['soon', undefined],
])('%s is %s seconds', (text, seconds) => {
  expect(readDurationSetting(text)).toBe(seconds);
});

it.each([
  ['128MB', 134_217_728],
  ['1GB', 1_073_741_824],
  ['8kB', 8192],
  ['x', undefined],
])('%s is %s bytes', (text, bytes) => {
  expect(readSizeSetting(text)).toBe(bytes);
});
