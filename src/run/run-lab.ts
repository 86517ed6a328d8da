import { type Lab, startLab } from '../lab/lab.ts';
import type { RunRequest } from './request.ts';
import { unlessStopped } from './unless-stopped.ts';

/** Runs `use` with a lab of the run's own, which is gone when it resolves or throws. */
export async function withRunLab<T>(
  request: RunRequest,
  use: (lab: Lab) => Promise<T>,
): Promise<T> {
  const starting = startRunLab(request);
  const lab = await unlessStopped(request.stop, starting).catch((error: unknown) => {
    void starting.then((started) => started.stop()).catch(() => {});
    throw error;
  });
  try {
    return await use(lab);
  } finally {
    await lab.stop();
  }
}

async function startRunLab({ postgresBin, loaded, observer }: RunRequest): Promise<Lab> {
  // All variants have the same.
  const [{ scenario }] = loaded.variants;
  const { settings, auth, forkCostMs } = scenario.lab?.postgres ?? {};
  observer.note('no target given: starting a Postgres of our own');
  return startLab({
    ...(settings === undefined ? {} : { settings }),
    ...(auth === undefined ? {} : { auth }),
    ...(forkCostMs === undefined ? {} : { forkCostMs }),
    ...(postgresBin === undefined ? {} : { postgresBin }),
  });
}
