import type { Override } from '../file/overrides.ts';
import { type LoadBlock, listBlocks } from '../schema/load-schema.ts';
import type { Scenario } from '../schema/schema.ts';

/**
 * Settings for a search in under 45 s: shorter steps, fewer trials, a wider interval. Any other setting takes
 * precedence.
 */
export const QUICK_SEARCH: readonly Override[] = [
  ['load.stepDuration', '2s'],
  ['load.tolerance', '0.1'],
  ['load.trials', '3'],
  ['load.maxDuration', '45s'],
].map(([path = '', value = '']) => ({ path, value, source: '--quick' }));

export function isSearch({ load }: Pick<Scenario, 'load'>): boolean {
  return listBlocks<LoadBlock>(load).some(({ block }) => block.executor === 'saturation-search');
}
