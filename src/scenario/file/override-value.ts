import { type Document, isNode, isScalar, type Node, parseDocument, visit } from 'yaml';
import { describeAliasFault, listAliasFaults } from './document.ts';
import { findExcess } from './excess.ts';

/** What an override sets a field to. */
export interface OverrideValue {
  data: unknown;
  /**
   * The value as a YAML node, which keeps how each number was written. Absent if no other document can contain the
   * node.
   */
  node?: Node;
}

/**
 * Parses a scalar, or a list or map in brackets. A text that would be a block map (`a: b`), an alias or a comment in a
 * file is taken as plain text, because on a command line nothing else is meant.
 */
export function parseValue(text: string): OverrideValue | { fault: string } {
  if (text.trim() === '') return { data: null };
  const excess = findExcess(text);
  if (excess !== undefined) return { fault: excess.text };
  const yaml = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  const isBracketed = /^\s*[[{]/.test(text);
  if (!isBracketed && !isScalar(yaml.contents)) return { data: text };
  const fault = [...yaml.errors, ...yaml.warnings][0];
  if (fault !== undefined) return { fault: `not a YAML value: ${fault.message}` };
  const [loose] = listAliasFaults(yaml);
  if (loose !== undefined)
    return { fault: loose.text.replace('not valid YAML', 'not a YAML value') };
  return convertValue(yaml);
}

/** Converts the value. Only here does yaml report aliases that multiply. */
function convertValue(yaml: Document): OverrideValue | { fault: string } {
  try {
    const data: unknown = yaml.toJS();
    const node = transplant(yaml);
    return { data, ...(node === undefined ? {} : { node }) };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return { fault: `not a YAML value: ${describeAliasFault(error)}` };
  }
}

/**
 * Returns the document's nodes without their positions, which have no meaning in another document. Undefined if aliases
 * bind them to their own document.
 */
function transplant(yaml: Document): Node | undefined {
  let isBound = false;
  visit(yaml, {
    Alias: () => {
      isBound = true;
    },
    Node: (_key, node) => {
      node.range = null;
    },
  });
  return isBound || !isNode(yaml.contents) ? undefined : yaml.contents;
}
