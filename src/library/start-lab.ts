import { type Lab, type LabOptions, startLab as startForPeople } from '../lab/lab.ts';
import { AUTH_METHODS } from '../lab/postgres/storm-role.ts';
import { checkFields, FIELD } from '../options.ts';
import { nameOptionsInError } from './option-names.ts';

/**
 * Starts a Postgres that only this machine can reach, in a folder that only the server's account can read. It needs no
 * cleaning up: however this process ends, even by kill -9, the server ends and the folder is removed.
 *
 * @throws UsageError `BAD_OPTIONS` for options of another kind, and other codes if there is no Postgres to start, or if
 * it refuses the settings; ConnstormError `INTERRUPTED` if `stop` is aborted before it is up
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  checkFields('startLab', options, KINDS);
  try {
    return await startForPeople(options);
  } catch (error) {
    throw nameOptionsInError(error);
  }
}

const KINDS = {
  settings: FIELD.data,
  postgresBin: FIELD.text,
  auth: FIELD.oneOf(AUTH_METHODS),
  tls: FIELD.flag,
  forkCostMs: FIELD.amount,
  cpus: FIELD.text,
  socketFolder: FIELD.text,
  template: FIELD.data,
  stop: FIELD.signal,
} satisfies Record<keyof LabOptions, object>;
