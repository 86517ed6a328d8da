import { UsageError } from '../../errors.ts';
import { checkLabSettings } from '../../lab/check-lab.ts';
import { checkPrograms } from '../../lab/postgres/binaries.ts';
import { findServerAccount } from '../../lab/process/server-account.ts';
import type { LoadedScenario } from '../../scenario/file/read.ts';
import { findCommands } from '../../scenario/file/trust.ts';
import { chooseLab, type LabChoice } from '../../targets/naming/choose-lab.ts';
import { checkLocalAddresses } from '../../targets/visit/local-addresses.ts';
import { blameVariant, blameVariantOf } from '../blame-variant.ts';
import { refuseOnTarget } from '../events/check-events.ts';
import type { RunRequest } from '../request.ts';
import { checkCommands, checkTrust } from './check-trust.ts';
import { checkPinsHere } from './pinning.ts';
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
  checkLabPins(loaded);
  settleRunLab(loaded.variants, choice);
  for (const { name, scenario } of loaded.variants) {
    blameVariant(name, () => checkLabSettings(scenario.lab));
  }
  findServerAccount();
  await checkPrograms(postgresBin);
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
  '--trust-scenario has no effect: it allows settings of the lab and commands of events; the target is another server, and no event runs a command';

function checkLabPins({ variants }: LoadedScenario): void {
  for (const { scenario } of variants) {
    const server = scenario.lab?.postgres?.cpus;
    if (server !== undefined) checkPinsHere({ server }, true);
  }
}
