import { dirname, join, normalize } from 'node:path/posix';
import { ALLOWED, FOUNDATION } from './layer-table.js';

/** One import statement: `from` and `to` are files relative to src/, or `to` is a package. */
export interface ImportEdge {
  from: string;
  to: string;
  /** Erased by the compiler: `import type`, or nothing but `type` names. */
  typeOnly: boolean;
}

/** The words of the record stream: types of these may be named anywhere, they vanish in the build. */
const SHARED_TYPES = [
  'result/records/background',
  'result/records/end',
  'result/records/header',
  'result/records/intervals',
  'result/records/records',
  'result/records/samples',
  'result/records/target',
];

/** Packages that belong to these parts of src/ alone. */
export const OWNERS: Record<string, readonly string[]> = {
  'hdr-histogram-js': ['model/histogram'],
  'cli-table3': ['report/terminal'],
  yargs: ['cli', 'commands'],
  zod: ['scenario'],
  yaml: ['scenario'],
  pg: ['drivers', 'lab', 'probes', 'targets'],
  'pg-protocol': ['drivers'],
  'node:net': ['drivers', 'lab', 'probes', 'targets'],
  'node:tls': ['drivers', 'lab', 'probes', 'targets'],
};

/** Every static and dynamic import, and every re-export, of a file; `source` is formatted as Biome does it. */
export function listImports(file: string, source: string): ImportEdge[] {
  const statements = stripComments(source).matchAll(
    /^(?:import|export)\s+(?:(type\s)?([^'";]*?)\s*from\s*)?'([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return [...statements].map(([, type, names = '', specifier, dynamic]) => ({
    from: file,
    to: resolveSpecifier(file, specifier ?? dynamic ?? ''),
    typeOnly: type !== undefined || isTypesOnly(names),
  }));
}

/** The code alone. */
export function stripComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

/** Whether the import breaks the layers: what is wrong, or undefined. */
export function findViolation({ from, to, typeOnly }: ImportEdge): string | undefined {
  if (!to.endsWith('.ts')) return findPackageViolation(from, to);
  const source = stripEnding(from);
  const target = stripEnding(to);
  const layer = layerOf(source);
  if (typeOnly && SHARED_TYPES.includes(target)) return undefined;
  if (layer === layerOf(target) || FOUNDATION.includes(layerOf(target))) return undefined;
  if (ALLOWED[layer]?.some((name) => isWithin(target, name))) return undefined;
  const allowed = [...(ALLOWED[layer] ?? []), ...FOUNDATION].join(', ');
  return `${from} must not import ${to}: ${layer} may use ${allowed}`;
}

/** The layer of a module (`metrics/recorder`); a module that no layer holds is one of its own. */
export function layerOf(module: string): string {
  const fitting = [...Object.keys(ALLOWED), ...FOUNDATION].filter((name) => isWithin(module, name));
  return fitting.sort((a, b) => b.length - a.length)[0] ?? module;
}

function findPackageViolation(from: string, to: string): string | undefined {
  const owners = OWNERS[to];
  if (owners === undefined || owners.some((owner) => isWithin(stripEnding(from), owner))) return;
  return `${from} must not import ${to}: it belongs to ${owners.join(', ')}`;
}

function resolveSpecifier(file: string, specifier: string): string {
  return specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier;
}

function isTypesOnly(names: string): boolean {
  const listed = /^\{([^}]*)\}$/.exec(names.trim())?.[1]?.split(',') ?? [];
  const named = listed.map((name) => name.trim()).filter((name) => name !== '');
  return named.length > 0 && named.every((name) => name.startsWith('type '));
}

/**
 * The circles of imports, types included: each is a list of files in which every file imports the next, and the last
 * imports the first.
 */
export function findCircles(edges: readonly ImportEdge[]): string[][] {
  const below = new Map<string, string[]>();
  for (const { from, to } of edges) below.set(from, [...(below.get(from) ?? []), to]);
  const done = new Set<string>();
  const circles: string[][] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) circles.push(path.slice(start));
    if (start >= 0 || done.has(file)) return;
    for (const next of below.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of below.keys()) visit(file, []);
  return circles;
}

export function stripEnding(file: string): string {
  return file.replace(/\.ts$/, '');
}

export function isWithin(module: string, name: string): boolean {
  return module === name || module.startsWith(`${name}/`);
}
