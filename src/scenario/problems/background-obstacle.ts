import type { BackgroundFigure } from '../background-figure.ts';
import { suggestNearest } from '../nearest.ts';
import type { ActivitySettings } from '../schema/beside/background-schema.ts';
import type { Scenario } from '../schema/schema.ts';

/** Returns why no activity of the scenario has the figure; undefined if one has it. */
export function findBackgroundObstacle(
  { activity: name, name: figure }: BackgroundFigure,
  { background = {} }: Pick<Scenario, 'background'>,
): string | undefined {
  const names = Object.keys(background);
  const activity = Object.hasOwn(background, name) ? background[name] : undefined;
  if (activity === undefined) {
    return names.length === 0
      ? `there is no background.${name}: it has no activities beside the load`
      : `there is no background.${name}: it has ${names.join(', ')}${suggestNearest(name, names)}`;
  }
  const kind = activity.activity;
  const [what] = figure.split(' ');
  if (what === 'workers') {
    return kind === 'parallel-queries' ? undefined : `${kind} launches no parallel workers`;
  }
  if (what === 'lost') {
    const keepsNone = kind === 'health-checks' || kind === 'abandons';
    return keepsNone ? `${kind} keeps no connections that could be lost` : undefined;
  }
  if (kind === 'held' && activity.touch === undefined) {
    return 'connections that are only held do nothing. Set touch';
  }
  if (what === 'latency' && isUntimed(activity)) {
    return 'a silent check lasts as long as stay says, so it has no latency';
  }
  return undefined;
}

function isUntimed(activity: ActivitySettings): boolean {
  return activity.activity === 'health-checks' && activity.kind === 'silent';
}
