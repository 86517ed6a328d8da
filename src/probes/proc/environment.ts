import { arch, cpus, release, totalmem, type } from 'node:os';
import type { HeaderRecord } from '../../result/records/header.ts';
import { readDescriptorLimit } from './descriptor-limit.ts';
import { readText } from './proc-text.ts';

/** Describes the machine that generates the load, for the header of a result. */
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

function readLocalPorts(): [number, number] | null {
  const match = /^(\d+)\s+(\d+)/.exec(readText('/proc/sys/net/ipv4/ip_local_port_range'));
  return match === null ? null : [Number(match[1]), Number(match[2])];
}
