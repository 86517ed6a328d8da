// @ts-check

import { cpus, release, totalmem, type } from 'node:os';
import { describeBuild } from './build.js';
import { readPgbenchVersion } from './parties/pgbench.js';

/**
 * On what, of what and how it is measured: what no figure is worth anything without.
 *
 * @param {Pick<import('./benchmarks.js').Bench, 'build' | 'other' | 'plan' | 'pgbench'>} bench
 * @param {{ trust: string, scram: string }} servers What they are written in.
 */
export function createHeader({ build, other, plan, pgbench }, servers) {
  const processors = cpus();
  return {
    type: 'header',
    startedAt: new Date().toISOString(),
    machine: {
      cpus: processors.length,
      model: processors[0]?.model.trim() ?? 'unknown CPU',
      memoryBytes: totalmem(),
      system: `${type()} ${release()}`,
    },
    node: process.versions.node,
    pgbench: pgbench === null ? null : readPgbenchVersion(pgbench),
    build,
    otherBuild: other,
    servers,
    isQuick: plan.isQuick,
    says: plan.says,
  };
}

/** @param {ReturnType<typeof createHeader>} header */
export function renderHeader({ machine, node, pgbench, build, otherBuild, servers, says }) {
  const { trust, scram } = servers;
  return [
    `${machine.cpus} x ${machine.model}, ${machine.system}, Node ${node}, ${pgbench ?? 'no pgbench'}`,
    `connstorm: ${describeBuild(build)}`,
    ...(otherBuild === null ? [] : [`other build: ${describeBuild(otherBuild)}`]),
    `trust: against an instant server in ${trust}, SCRAM: in ${scram}, TLS: in Node; scram-lab: against the lab`,
    'figures: median (lowest-highest) of the rounds; CPU: user + system time of each further connect of the client process',
    ...says,
  ].join('\n');
}
