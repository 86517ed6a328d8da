import { UsageError } from '../../errors.ts';
import { checkLabSettings } from '../../lab/check-lab.ts';
import { checkPrograms } from '../../lab/postgres/binaries.ts';
import { findServerAccount } from '../../lab/process/server-account.ts';
import type { LoadedScenario } from '../../scenario/file/read.ts';
import { chooseLab, type LabChoice } from '../../targets/naming/choose-lab.ts';
import { checkLocalAddresses } from '../../targets/visit/local-addresses.ts';
import { blameVariant, blameVariantOf } from '../blame-variant.ts';
import type { RunRequest } from '../request.ts';
import { checkTrust } from './check-trust.ts';
import { checkPinsHere } from './pinning.ts';
import { settleRunLab } from './run-lab.ts';

/** What connects from addresses of this machine can do so. Throws UsageError, which names the variant. */
export async function checkAddresses({ variants }: LoadedScenario): Promise<void> {
  for (const { name, scenario } of variants) {
    const checking = checkLocalAddresses(scenario.connection.localAddresses ?? []);
    await blameVariantOf(name, checking);
  }
}

/**
 * Whether the run is against a lab, which is known to be startable then, as far as that can be told without starting one;
 * undefined: its target is a server. The same for a run and a dry run.
 *
 * Throws UsageError for whatever keeps the run from its place, and for flags of the lab that would do nothing.
 */
export async function choosePlace(request: RunRequest): Promise<LabChoice | undefined> {
  const { loaded, targets: texts, env, pins = {} } = request;
  const choice = chooseLab({ texts, env, hasBudgets: loaded.budgets.length > 0 });
  checkPinsHere(pins, choice !== undefined);
  if (choice === undefined) {
    refuseLabFlags(request);
    return undefined;
  }
  checkTrust(loaded, request.trustScenario === true);
  checkLabPins(loaded);
  settleRunLab(loaded.variants, choice);
  for (const { name, scenario } of loaded.variants) {
    blameVariant(name, () => checkLabSettings(scenario.lab));
  }
  findServerAccount();
  await checkPrograms(request.postgresBin);
  // Whoever meant a server must not take the lab's figures for its own.
  if (choice.note !== undefined) request.observer.note(choice.note, 'warning');
  return choice;
}

/** A lab that somebody described by flags, and that is not started, is a mistake. `--pin server=` is refused with the pins. */
function refuseLabFlags({ loaded, postgresBin, trustScenario, observer }: RunRequest): void {
  if (postgresBin !== undefined) {
    const message =
      '--postgres-bin is for the lab, and the target is another server: leave one of them out, or give --target lab';
    throw new UsageError('FLAGS_CLASH', message);
  }
  if (trustScenario === true) observer.note(TRUSTED_NOTHING, 'warning');
  const idle = loaded.flagged?.find((path) => LAB_FIELD.test(path));
  if (idle !== undefined)
    observer.note(`${idle} has no effect: the target is not the lab`, 'warning');
}

const LAB_FIELD = /^(?:variants\.[^.]+\.)?lab(?:\.|$)/;
const TRUSTED_NOTHING =
  '--trust-scenario has no effect: it allows settings of the lab, and the target is another server';

function checkLabPins({ variants }: LoadedScenario): void {
  for (const { scenario } of variants) {
    const server = scenario.lab?.postgres?.cpus;
    if (server !== undefined) checkPinsHere({ server }, true);
  }
}
