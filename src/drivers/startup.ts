import type { ConnectionPlan, Endpoint } from './driver.ts';

/** The parameters of every attempt's StartupMessage. */
export function createStartup(
  endpoint: Endpoint,
  { serverTimes }: ConnectionPlan,
): Record<string, string> {
  const { user, database, applicationName } = endpoint;
  const options = joinOptions(endpoint.options, serverTimes.options);
  return {
    user,
    database,
    application_name: applicationName,
    ...(options === undefined ? {} : { options }),
  };
}

/** Command-line options for the backend, from whoever has some to give; where two set the same, the later holds. */
function joinOptions(...parts: (string | undefined)[]): string | undefined {
  const given = parts.filter((part) => part !== undefined && part !== '');
  return given.length === 0 ? undefined : given.join(' ');
}
