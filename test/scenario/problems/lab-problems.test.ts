import { expect, it } from 'vitest';
import { parseScenario } from '../../../src/scenario/file/parse.ts';
import { constantRate } from '../../support/run-storm.ts';

const BASE = `shows: a test\nload: ${JSON.stringify(constantRate(1, '1s'))}\n`;
const parse = (lab: string) => parseScenario(`${BASE}lab:\n${lab}`, 'storm.yaml');

it.each([
  ['  replicas: 2\n  replicaCpus: ["0", "1"]'],
  ['  replicas: 1\n  postgres: { settings: { wal_level: logical, max_wal_senders: 1 } }'],
  ['  postgres: { settings: { wal_level: minimal, max_wal_senders: 0 } }'],
  ['  postgres: { hugePages: on, sharedBuffers: 1GB, settings: { work_mem: 1MB } }'],
  ['  postgres: { bin: /usr/lib/postgresql/18/bin }'],
])('takes %j', (lab) => {
  expect(() => parse(lab)).not.toThrow();
});

it.each([
  [
    '  replicas: 2\n  replicaCpus: ["1"]',
    'storm.yaml:5:16 lab.replicaCpus must have one entry for each replica (lab.replicas is 2), got 1',
  ],
  ['  replicaCpus: ["1"]', 'must have one entry for each replica (lab.replicas is 0), got 1'],
  ['  replicas: 5', 'storm.yaml:4:13 lab.replicas must be at most 4, got 5'],
  [
    '  replicas: 1\n  postgres: { settings: { wal_level: minimal } }',
    'lab.postgres.settings.wal_level must be replica or logical for 1 replica (lab.replicas), got minimal',
  ],
  [
    '  replicas: 2\n  postgres: { settings: { MAX_WAL_SENDERS: 1 } }',
    'lab.postgres.settings.MAX_WAL_SENDERS must be 2 or more for 2 replicas (lab.replicas), got 1',
  ],
  [
    '  replicas: 1\n  postgres: { settings: { hot_standby: false } }',
    'lab.postgres.settings.hot_standby must be on for 1 replica (lab.replicas), got false',
  ],
  [
    '  postgres: { hugePages: on, settings: { Huge_pages: on } }',
    'lab.postgres.hugePages cannot be set together with lab.postgres.settings.Huge_pages: set one of the two',
  ],
  [
    '  postgres: { sharedBuffers: 1GB, settings: { shared_buffers: 2GB } }',
    'lab.postgres.sharedBuffers cannot be set together with lab.postgres.settings.shared_buffers',
  ],
  ['  postgres: { sharedBuffers: 1000 }', 'must be a size with its unit, such as 128MB or 1GB'],
  ['  postgres: { bin: pg/bin }', 'must be the absolute path of a folder'],
  ['  postgres: { hugePages: 1 }', 'lab.postgres.hugePages must be'],
])('refuses %j', (lab, problem) => {
  expect(() => parse(lab)).toThrow(problem);
});
