import { describe, expect, it } from 'vitest';
import { parseClientLimit } from '../../../src/targets/visit/client-limit.ts';

const CONFIG = [
  { key: 'job_name', value: 'pgbouncer' },
  { key: 'max_client_conn', value: '100', default: '100', changeable: 'yes' },
];
const LISTS = [
  { list: 'free_clients', items: 49 },
  { list: 'used_clients', items: 12 },
];

describe('parseClientLimit', () => {
  it('does not count the client that asks', () => {
    expect(parseClientLimit(CONFIG, LISTS)).toEqual({ clients: { max: 100, used: 11 } });
  });

  it.each([
    [[], LISTS],
    [CONFIG, []],
    [[{ key: 'max_client_conn', value: 'many' }], LISTS],
    [[{ '?column?': 1 }], [{ '?column?': 1 }]],
  ])('says so where a pooler answers with something else: %j %j', (config, lists) => {
    expect(parseClientLimit(config, lists)).toEqual({
      unread: 'its console does not report max_client_conn',
    });
  });
});
