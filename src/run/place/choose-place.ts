import { UsageError } from '../../errors.ts';
import { checkLabSettings, collectSettings } from '../../lab/check-lab.ts';
import { checkPrograms } from '../../lab/postgres/binaries.ts';
import { checkHugePages, type HugePagesWish } from '../../lab/postgres/huge-pages.ts';
import { findServerAccount } from '../../lab/process/server-account.ts';
import type { LoadedScenario } from '../../scenario/file/read.ts';
import { findCommands } from '../../scenario/file/trust.ts';
import { chooseLab, type LabChoice } from '../../targets/naming/choose-lab.ts';
import { checkLocalAddresses } from '../../targets/visit/local-addresses.ts';
import { blameVariant, blameVariantOf } from '../blame-variant.ts';
import { refuseOnTarget, refuseSharedPromotion } from '../events/check-events.ts';
import type { RunRequest } from '../request.ts';
import { checkCommands, checkTrust } from './check-trust.ts';
import { groupByLab } from './group-by-lab.ts';
import { excuseHugePages } from './needs.ts';
import {
  checkFieldCpus,
  checkPinsHere,
  type FieldCpus,
  type Pins,
  readPinningGround,
} from './pinning.ts';
import { settleRunLab } from './run-lab.ts';

/** What decides the place of a run. */
export type PlaceRequest = Pick<
  RunRequest,
  'loaded' | 'targets' | 'env' | 'pins' | 'postgresBin' | 'trustScenario' | 'observer'
>;

/**
 * Checks that connections can be made from the scenario's local addresses. Throws UsageError, which names the variant.
 */
export async function checkAddresses({ variants }: LoadedScenario): Promise<void> {
  for (const { name, scenario } of variants) {
    const checking = checkLocalAddresses(scenario.connection.localAddresses ?? []);
    await blameVariantOf(name, checking);
  }
}

/**
 * Returns the choice of the lab, or undefined if the target is a server. The lab can then be started, as far as that
 * can be known without starting one. A run and a dry run both use it.
 *
 * Throws UsageError for whatever keeps the run from its place, and for flags of the lab that would have no effect.
 */
export async function choosePlace(request: PlaceRequest): Promise<LabChoice | undefined> {
  const { loaded, targets: texts, env, pins = {}, postgresBin, observer } = request;
  const isTrusted = request.trustScenario === true;
  const choice = chooseLab({ texts, env, hasBudgets: loaded.budgets.length > 0 });
  checkPinsHere(pins, choice !== undefined);
  checkCommands(loaded, isTrusted);
  if (choice === undefined) {
    if (postgresBin !== undefined) throw new UsageError('FLAGS_CLASH', NO_LAB_TO_START);
    refuseOnTarget(loaded.variants);
    const trustsNothing = isTrusted && findCommands(loaded.variants).length === 0;
    for (const text of listIdleFlags(trustsNothing, loaded.flagged)) observer.note(text, 'warning');
    return undefined;
  }
  checkTrust(loaded, isTrusted);
  refuseSharedPromotion(loaded);
  checkLabCpus(loaded, pins);
  settleRunLab(loaded.variants, choice);
  for (const { name, scenario } of loaded.variants) {
    blameVariant(name, () => checkLabSettings(scenario.lab));
  }
  findServerAccount();
  await checkBins(loaded, postgresBin);
  await checkHugePages(listHugePages(loaded, postgresBin)).catch((error: unknown) => {
    throw excuseHugePages(error, loaded);
  });
  // A user who meant a server must not take the lab's figures for those of the server.
  if (choice.note !== undefined) observer.note(choice.note, 'warning');
  return choice;
}

const NO_LAB_TO_START =
  '--postgres-bin is for the lab, and the target is another server: leave one of them out, or give --target lab';

/**
 * Returns the flags for a lab that is not started, one line each. `--pin server=` is refused together with the pins.
 */
function listIdleFlags(trustsNothing: boolean, flagged: readonly string[] = []): string[] {
  const idle = flagged.find((path) => LAB_FIELD.test(path));
  return [
    ...(trustsNothing ? [TRUSTED_NOTHING] : []),
    ...(idle === undefined ? [] : [`${idle} has no effect: the target is not the lab`]),
  ];
}

const LAB_FIELD = /^(?:variants\.[^.]+\.)?lab(?:\.|$)/;
const TRUSTED_NOTHING =
  '--trust-scenario has no effect: it allows settings of the lab and commands of events, but the target is not the lab, and no event runs a command';

/** Checks the CPUs that the scenario gives to servers of the lab, unless a flag overrides them. */
function checkLabCpus({ variants }: LoadedScenario, pins: Pins): void {
  for (const { name, scenario } of variants) {
    const { postgres, replicaCpus = [] } = scenario.lab ?? {};
    const server = pins.server === undefined ? postgres?.cpus : undefined;
    const fields: FieldCpus[] = [
      ...(server === undefined ? [] : [{ field: 'lab.postgres.cpus', cpus: server }]),
      ...replicaCpus.map((cpus, index) => ({ field: `lab.replicaCpus[${index}]`, cpus })),
    ];
    if (fields.length === 0) continue;
    blameVariant(name, () => checkFieldCpus(fields, pins, readPinningGround(true)));
  }
}

/**
 * Checks that there are programs to start each lab with. A flag overrides the scenario.
 *
 * @throws UsageError if a folder has none, or if a flag would make variants of several versions run the same one
 */
async function checkBins({ variants }: LoadedScenario, flag: string | undefined): Promise<void> {
  const bins = new Map(variants.map(({ name, scenario }) => [scenario.lab?.postgres?.bin, name]));
  if (flag !== undefined) {
    if (bins.size > 1) throw new UsageError('FLAGS_CLASH', ONE_FOR_ALL);
    return checkPrograms(flag);
  }
  for (const [bin, name] of bins) {
    await blameVariantOf(name, checkPrograms(bin, 'lab.postgres.bin'));
  }
}

/** Returns the labs of the run, by what they may need of huge pages. */
function listHugePages({ variants }: LoadedScenario, flag: string | undefined): HugePagesWish[] {
  return groupByLab(variants).map(([{ scenario }]) => {
    const { postgres, replicas = 0 } = scenario.lab ?? {};
    const postgresBin = flag ?? postgres?.bin;
    return { settings: collectSettings(postgres), postgresBin, servers: replicas + 1 };
  });
}

const ONE_FOR_ALL =
  '--postgres-bin would replace the lab.postgres.bin of all variants, and they name different folders: leave the flag out';
