// @ts-check

/**
 * The README's reference of connection fields, made from the scenario's JSON Schema.
 *
 * @typedef {object} Node What of JSON Schema zod writes for our fields.
 * @property {string} [type]
 * @property {string} [description]
 * @property {unknown} [default]
 * @property {unknown} [const]
 * @property {unknown[]} [enum]
 * @property {number} [minimum]
 * @property {number} [maximum]
 * @property {string} [pattern]
 * @property {string} [format]
 * @property {Node} [items]
 * @property {Node[]} [anyOf]
 * @property {Node[]} [oneOf]
 * @property {Record<string, Node>} [properties]
 */

const BEGIN = '<!-- reference:begin (written by npm run reference) -->\n';
const END = '<!-- reference:end -->';

/** @param {string} readme @param {Node} scenario Its JSON Schema. @returns {string} The README with a current reference. */
export function updateReference(readme, scenario) {
  const from = readme.indexOf(BEGIN);
  const to = readme.indexOf(END);
  if (from === -1 || to < from) throw new Error('README.md has no place for the reference');
  const fields = scenario.properties?.connection?.properties ?? {};
  const before = readme.slice(0, from + BEGIN.length);
  return `${before}${renderTable(fields)}${readme.slice(to)}`;
}

/** @param {Record<string, Node>} fields */
function renderTable(fields) {
  const rows = Object.entries(fields).map(([name, field]) => {
    const fallback = field.default === undefined ? '' : code(field.default);
    const cells = [code(name), describeValues(field), fallback, field.description ?? ''];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  });
  return `| field | values | default | what it does |\n|---|---|---|---|\n${rows.join('')}`;
}

/** @param {Node} field @returns {string} */
function describeValues(field) {
  const kinds = field.anyOf ?? field.oneOf;
  if (kinds !== undefined) return [...new Set(kinds.map(describeValues))].join(' or ');
  if (field.format === 'ipv4' || field.format === 'ipv6') return 'IP address';
  if (field.const !== undefined) return code(field.const);
  if (field.enum !== undefined) return field.enum.map(code).join(', ');
  if (field.type === 'array') return `list of ${describeValues(field.items ?? {})}`;
  if (field.type === 'object') return describeMap(field.properties ?? {});
  if (field.type === 'boolean') return '`true`, `false`';
  if (field.minimum !== undefined) return `${field.minimum} to ${field.maximum}`;
  // The only patterns of the schema's texts are those of durations, with `end` where it is a choice.
  if (field.pattern !== undefined) {
    return field.pattern.startsWith('^end$') ? 'duration or `end`' : 'duration';
  }
  return 'text';
}

/** @param {Record<string, Node>} fields */
function describeMap(fields) {
  const inside = Object.entries(fields).map(([name, field]) => `${name}: ${describeValues(field)}`);
  return `{ ${inside.join(', ')} }`;
}

/** @param {unknown} value */
function code(value) {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
