import type { Preflight } from '../../targets/visit/preflight.ts';
import type { TurnHost, Visited } from './prepared.ts';

/** Returns a variant with each of its visited servers changed, wherever it stands. */
export function changeVisits(visited: Visited, change: (one: Preflight) => Preflight): Visited {
  const { found, turns } = visited;
  const changeTurn = (host: TurnHost): TurnHost =>
    host.visited === undefined ? host : { ...host, visited: change(host.visited) };
  const [first, ...rest] = found;
  const [one, ...others] = turns ?? [];
  return {
    ...visited,
    found: [change(first), ...rest.map(change)],
    ...(one === undefined ? {} : { turns: [changeTurn(one), ...others.map(changeTurn)] }),
  };
}
