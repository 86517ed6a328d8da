import { execFileSync } from 'node:child_process';
import { arch, cpus, release, totalmem, type } from 'node:os';
import type { HeaderRecord } from '../result/header.ts';
import { readText } from './proc-text.ts';

/** The machine that generates the load, for the header of a result. */
export function describeEnvironment(): HeaderRecord['environment'] {
  const processors = cpus();
  return {
    node: process.version,
    os: `${type()} ${release()}`,
    arch: arch(),
    cpuModel: processors[0]?.model.trim() ?? 'unknown',
    cpuCount: processors.length,
    memoryBytes: totalmem(),
    descriptorLimit: readDescriptorLimit(),
    localPorts: readLocalPorts(),
  };
}

/** The soft limit, which Node raises to the hard one at its start; null where the system does not say. */
function readDescriptorLimit(): number | null {
  const limits = readText('/proc/self/limits');
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1] ?? askShellForLimit();
  const limit = Number(soft);
  return Number.isSafeInteger(limit) && limit > 0 ? limit : null;
}

function askShellForLimit(): string | undefined {
  try {
    return execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return undefined;
  }
}

function readLocalPorts(): [number, number] | null {
  const match = /^(\d+)\s+(\d+)/.exec(readText('/proc/sys/net/ipv4/ip_local_port_range'));
  return match === null ? null : [Number(match[1]), Number(match[2])];
}
