import { formatCounted } from '../../counted.ts';
import type { ScheduleProblem } from '../plan/schedule.ts';
import type { Lab } from '../schema/lab-schema.ts';

/** The checks of `lab`, each with the fields that it looks at, as paths below `lab`. */
export const LAB_CHECKS: readonly {
  fields: readonly (readonly string[])[];
  find: (lab: Lab) => ScheduleProblem[];
}[] = [
  { fields: [['replicas'], ['replicaCpus']], find: findReplicaCpusProblems },
  { fields: [['replicas'], ['postgres', 'settings']], find: findReplicationProblems },
  {
    fields: [
      ['postgres', 'settings'],
      ['postgres', 'hugePages'],
    ],
    find: (lab) => findTwice(lab, 'hugePages', 'huge_pages'),
  },
  {
    fields: [
      ['postgres', 'settings'],
      ['postgres', 'sharedBuffers'],
    ],
    find: (lab) => findTwice(lab, 'sharedBuffers', 'shared_buffers'),
  },
  {
    fields: [
      ['postgres', 'settings'],
      ['postgres', 'tls'],
    ],
    find: (lab) =>
      ['ssl', 'ssl_cert_file', 'ssl_key_file'].flatMap((name) => findTwice(lab, 'tls', name)),
  },
];

function findReplicaCpusProblems({ replicas = 0, replicaCpus }: Lab): ScheduleProblem[] {
  if (replicaCpus === undefined || replicaCpus.length === replicas) return [];
  const text = `must have one entry for each replica (lab.replicas is ${replicas}), got ${replicaCpus.length}`;
  return [{ path: ['lab', 'replicaCpus'], text }];
}

/** Finds settings under which the server has no replicas. Postgres would only say so when one is started. */
function findReplicationProblems({ replicas = 0, postgres }: Lab): ScheduleProblem[] {
  if (replicas === 0) return [];
  const count = formatCounted(replicas, 'replica');
  return Object.entries(postgres?.settings ?? {}).flatMap(([name, value]) => {
    const wanted = describeWanted(name.toLowerCase(), value, replicas);
    if (wanted === undefined) return [];
    const text = `must be ${wanted} for ${count} (lab.replicas), got ${value}`;
    return [{ path: ['lab', 'postgres', 'settings', name], text }];
  });
}

/** Returns what a setting must be if its value rules out that many replicas. */
function describeWanted(name: string, value: unknown, replicas: number): string | undefined {
  const text = String(value).toLowerCase();
  switch (name) {
    case 'wal_level':
      return text === 'minimal' ? 'replica or logical' : undefined;
    case 'hot_standby':
      return OFF.has(text) ? 'on' : undefined;
    case 'max_wal_senders':
      return Number(text) < replicas ? `${replicas} or more` : undefined;
    default:
      return undefined;
  }
}

const OFF: ReadonlySet<string> = new Set([
  'off',
  'of',
  'false',
  'fals',
  'fal',
  'fa',
  'f',
  'no',
  'n',
  '0',
]);

function findTwice(
  { postgres }: Lab,
  field: 'hugePages' | 'sharedBuffers' | 'tls',
  setting: string,
): ScheduleProblem[] {
  if (postgres?.[field] === undefined) return [];
  const names = Object.keys(postgres.settings ?? {});
  const twice = names.find((name) => name.toLowerCase() === setting);
  if (twice === undefined) return [];
  const text = `cannot be set together with lab.postgres.settings.${twice}: set one of the two`;
  return [{ path: ['lab', 'postgres', field], text }];
}
