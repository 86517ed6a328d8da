import { describeEnvironment } from '../../probes/proc/environment.ts';
import { countDescriptors, readThreadTimes } from '../../probes/proc/own-process.ts';
import { countBegun, findCapWarnings } from '../../scenario/plan/cap-warnings.ts';
import { findSlots } from '../../targets/visit/limits.ts';
import { isLocal } from '../../targets/visit/safety.ts';
import type { Notes } from '../notes.ts';
import type { Prepared } from '../prepare/prepared.ts';
import { type Demand, foreseeLimits, type Supply } from './foresee-limits.ts';

/** What the limits of a variant depend on. */
type Limited = Pick<Prepared, 'name' | 'plan' | 'maxInFlight' | 'inFlightCure' | 'turns'> & {
  found: readonly {
    target: Pick<Prepared['found'][0]['target'], 'address'>;
    server: Pick<Prepared['found'][0]['server'], 'pooler' | 'slots' | 'clients'>;
  }[];
};

/**
 * Warns of limits that the variants will run into, before anything is started. It never refuses a run. It also notes if
 * this system does not report how long threads wait for a CPU.
 */
export function noteLimits(prepared: readonly Limited[], notes: Notes): void {
  const machine = readMachine();
  const found = prepared.map((variant) => ({
    name: variant.name,
    texts: foreseeLimits(readDemand(variant), { ...machine, ...readSlots(variant) }),
  }));
  for (let index = 0; found.some(({ texts }) => index < texts.length); index++) {
    notes.warnEach(found.map(({ name, texts }) => [name, texts[index]]));
  }
  if (readThreadTimes(process.pid) === undefined) notes.note(UNSEEN);
}

const UNSEEN =
  'this system does not report how long threads wait for a CPU: if connstorm gets too little CPU, only its lateness shows it';

function readMachine(): Pick<Supply, 'descriptors' | 'localPorts'> {
  const { descriptorLimit, localPorts } = describeEnvironment();
  const inUse = countDescriptors() ?? 0;
  return {
    descriptors: descriptorLimit === null ? null : { limit: descriptorLimit, inUse },
    localPorts: localPorts === null ? null : localPorts[1] - localPorts[0] + 1,
  };
}

function readDemand({ plan, found, turns, maxInFlight, inFlightCure: cure }: Limited): Demand {
  const { close, holdUs, localAddresses } = plan.connection;
  const addresses = found.map(({ target }) => target.address);
  return {
    ratePerSecond: plan.peakRatePerSecond ?? 0,
    arrivalCount: sum(plan.blocks.map((block) => countBegun(block, maxInFlight))),
    clientCount: plan.clientCount ?? 0,
    close,
    holdUs,
    maxInFlight,
    maxOpen: sum(plan.blocks.map((block) => block.maxOpen ?? Number.POSITIVE_INFINITY)),
    isCapShort: findCapWarnings(plan, { maxInFlight, cure }).length > 0,
    isTcp: addresses.some((address) => !address.startsWith('/')),
    isLoopback: addresses.every(isLocal),
    localAddresses: localAddresses.length,
    // Clients that choose their host may all end up at the same one.
    hosts: turns === undefined ? found.length : 1,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Returns the free slots of the host that has the fewest; null unless those of each are known. */
function readSlots({ found }: Limited): Pick<Supply, 'freeSlots' | 'slotLimit'> {
  const known = found.map(({ server }) => (server.pooler === null ? null : findSlots(server)));
  const [fewest] = known.filter((slots) => slots !== null).sort((a, b) => a.free - b.free);
  if (fewest === undefined || known.includes(null)) return { freeSlots: null, slotLimit: 'server' };
  return { freeSlots: fewest.free, slotLimit: fewest.lower?.of ?? fewest.of ?? 'server' };
}
