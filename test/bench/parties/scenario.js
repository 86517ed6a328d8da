// @ts-check

/**
 * The built-in scenario of a storm and what is set in it.
 *
 * @param {import('./connstorm.js').Storm} storm
 * @returns {{ name: string, set: Record<string, unknown>, dispensable: string[] }} `dispensable`: the paths of `set` that
 *   only keep connstorm from something. A build that does not know one does not do it.
 */
export function createScenario(storm) {
  const { ratePerSecond, clients, sslmode, scramCache = true, maxInFlight } = storm;
  const pace =
    clients === undefined
      ? { 'load.rate': ratePerSecond }
      : { 'load.clients': clients, 'load.think.min': '0s', 'load.think.max': '0s' };
  const off = {
    // No rival asks the server for its times.
    'connection.serverTimes': false,
    killSwitch: false,
  };
  return {
    name: clients === undefined ? 'steady' : 'clients',
    set: {
      ...pace,
      'connection.sslmode': sslmode ?? 'disable',
      'connection.queries': 0,
      'connection.scramCache': scramCache,
      ...off,
      ...storm.set,
      ...(maxInFlight === undefined ? {} : { 'load.maxInFlight': maxInFlight }),
    },
    dispensable: Object.keys(off),
  };
}
