import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** This path is right from src/ and from dist/, in a checkout and in an installed package. */
const FOLDER = new URL('../../../scenarios/', import.meta.url);

/** The folders of the built-in scenarios, in the order in which they are listed, and what each is for. */
export const GROUPS: Readonly<Record<string, string>> = {
  limits: 'how much a server takes',
  storms: 'what happens when many clients come together',
  causes: 'what makes connecting cost as much as it does',
  cures: 'what helps, and how much',
  checks: 'short runs that a pipeline can judge',
};

/** A scenario that comes with connstorm. */
export interface BuiltIn {
  /** Unique over all folders, because `connstorm run NAME` takes no folder. */
  name: string;
  /** The folder of its file, which is named after the kind of question that the scenario answers. */
  folder: string;
  /** The file's absolute path. */
  path: string;
}

/** Returns all built-in scenarios, sorted by name. */
export function listBuiltIns(): BuiltIn[] {
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => listFolder(entry.name))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function listFolder(folder: string): BuiltIn[] {
  return readdirSync(new URL(`${folder}/`, FOLDER))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => ({
      name: file.slice(0, -'.yaml'.length),
      folder,
      path: fileURLToPath(new URL(`${folder}/${file}`, FOLDER)),
    }));
}

export function findBuiltIn(name: string): BuiltIn | undefined {
  return listBuiltIns().find((builtIn) => builtIn.name === name);
}
