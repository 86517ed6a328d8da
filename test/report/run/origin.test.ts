import { describe, expect, it } from 'vitest';
import { describeOrigin, findOrigin } from '../../../src/report/run/origin.ts';
import { liftHeader } from '../../../src/result/lift.ts';
import { makeHeader } from '../../support/synthetic/synthetic-run.ts';

describe('where a result comes from', () => {
  it('is told to people: when, by which version, on what, and as whom', () => {
    expect(describeOrigin(liftHeader(makeHeader()), '0.1.0')).toEqual([
      'measured 2026-01-01 00:00:00 UTC by connstorm 0.1.0',
      'generated on Linux 6.1 x64, 2 CPUs (a processor), 7.45 GiB of memory, Node v20.19.0',
      'logged in as user storm, database postgres',
    ]);
  });

  it('names the version that summed up where it is another one', () => {
    expect(describeOrigin(liftHeader(makeHeader()), '0.2.0')[0]).toBe(
      'measured 2026-01-01 00:00:00 UTC by connstorm 0.1.0, summed up by connstorm 0.2.0',
    );
  });

  it('is told to programs, with the path and the label, and without a host name of the generator', () => {
    const origin = findOrigin({ ...makeHeader(), label: 'before' }, 'results/a.ndjson');
    expect(origin).toEqual({
      startedAt: '2026-01-01T00:00:00.000Z',
      connstorm: '0.1.0',
      label: 'before',
      generator: {
        os: 'Linux 6.1',
        arch: 'x64',
        cpuModel: 'a processor',
        cpuCount: 2,
        memoryBytes: 8e9,
        node: 'v20.19.0',
      },
      targets: [
        {
          role: 'direct',
          lab: true,
          host: '127.0.0.1',
          address: '127.0.0.1',
          port: 5432,
          database: 'postgres',
          user: 'storm',
          sslmode: 'prefer',
          serverVersion: '18.4',
        },
      ],
      path: 'results/a.ndjson',
    });
  });

  it('keeps what a foreign file says from the terminal', () => {
    const header = { ...makeHeader(), connstorm: '0.1\x1b[2J' };
    expect(describeOrigin(liftHeader(header), header.connstorm)[0]).toContain('0.1\\x1b[2J');
  });
});
