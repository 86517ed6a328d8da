import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Reached from src/ and from dist/ alike, in a checkout and in an installed package. */
const FOLDER = new URL('../../../scenarios/', import.meta.url);

/** A scenario that comes with connstorm. */
export interface BuiltIn {
  name: string;
  /** Absolute. */
  path: string;
}

/** By name. */
export function listBuiltIns(): BuiltIn[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort()
    .map((name) => ({ name, path: fileURLToPath(new URL(`${name}.yaml`, FOLDER)) }));
}

export function findBuiltIn(name: string): BuiltIn | undefined {
  return listBuiltIns().find((builtIn) => builtIn.name === name);
}
