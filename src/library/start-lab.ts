import { type Lab, type LabOptions, startLab as startForPeople } from '../lab/lab.ts';
import { AUTH_METHODS } from '../lab/postgres/storm-role.ts';
import { checkFields, FIELD } from '../options.ts';
import { tellProgram } from './option-names.ts';

/**
 * Starts a Postgres that only this machine can reach, in a folder that only the server's account can read.
 * It needs no care: however this process ends, kill -9 included, the server ends and the folder goes.
 *
 * @throws UsageError `BAD_OPTIONS` for options of another kind, and where there is no Postgres to start, or where it refuses the settings;
 *   ConnstormError `INTERRUPTED` where `stop` is aborted before it is up
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  checkFields('startLab', options, KINDS);
  try {
    return await startForPeople(options);
  } catch (error) {
    throw tellProgram(error);
  }
}

const KINDS = {
  settings: FIELD.data,
  postgresBin: FIELD.text,
  auth: FIELD.oneOf(AUTH_METHODS),
  forkCostMs: FIELD.amount,
  socketFolder: FIELD.text,
  template: FIELD.data,
  stop: FIELD.signal,
} satisfies Record<keyof LabOptions, object>;
