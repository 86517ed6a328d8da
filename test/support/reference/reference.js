// @ts-check

/**
 * The README's reference of a scenario's fields, made from the scenario's JSON Schema.
 *
 * @typedef {object} Node What of JSON Schema zod writes for our fields.
 * @property {string} [type]
 * @property {string} [description]
 * @property {unknown} [default]
 * @property {unknown} [const]
 * @property {unknown[]} [enum]
 * @property {number} [minimum]
 * @property {number} [exclusiveMinimum]
 * @property {number} [maximum]
 * @property {string} [pattern]
 * @property {string} [format]
 * @property {Node} [items]
 * @property {Node[]} [anyOf]
 * @property {Node[]} [oneOf]
 * @property {Record<string, Node>} [properties]
 */

/** What the README has a place for, and what is written there. */
const SECTIONS = {
  connection: renderFields,
  load: renderLoad,
  retry: renderFields,
  stop: renderFields,
};

/** @param {string} readme @param {Node} scenario Its JSON Schema. @returns {string} The README with a current reference. */
export function updateReference(readme, scenario) {
  return Object.entries(SECTIONS).reduce((text, [name, render]) => {
    const field = scenario.properties?.[name];
    if (field === undefined) throw new Error(`the scenario has no ${name}`);
    return replacePart(text, name, render(field));
  }, readme);
}

/** @param {string} readme @param {string} name @param {string} content */
export function replacePart(readme, name, content) {
  const begin = `<!-- reference:${name} (written by npm run reference) -->\n`;
  const end = `<!-- reference:${name}:end -->`;
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from === -1 || to < from) throw new Error(`README.md has no place for the fields of ${name}`);
  return `${readme.slice(0, from + begin.length)}${content}${readme.slice(to)}`;
}

/** @param {Node} field */
function renderFields(field) {
  return renderTable(field.properties ?? {});
}

/** The fields of each executor, then those that all of them have. @param {Node} load */
function renderLoad(load) {
  const executors = load.anyOf?.[0]?.oneOf ?? [];
  const all = executors.map(({ properties = {} }) => properties);
  const [first = {}] = all;
  const common = Object.keys(first).filter(
    (name) => name !== 'executor' && all.every((fields) => name in fields),
  );
  const parts = executors.map(({ description, properties = {} }) => {
    const own = Object.entries(properties).filter(
      ([name]) => !common.includes(name) && name !== 'executor',
    );
    const name = code(properties.executor?.const);
    return `${name}: ${description}\n\n${renderTable(Object.fromEntries(own))}\n`;
  });
  const shared = Object.fromEntries(common.map((name) => [name, first[name] ?? {}]));
  return `${parts.join('')}Every executor:\n\n${renderTable(shared)}`;
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
  if (field.type === 'number' || field.type === 'integer') return describeRange(field);
  // The only patterns of the schema's texts are those of durations, with `end` where it is a choice.
  if (field.pattern !== undefined) {
    return field.pattern.startsWith('^end$') ? 'duration or `end`' : 'duration';
  }
  throw new Error(`nothing is known of the values of ${JSON.stringify(field)}`);
}

/** @param {Node} field @returns {string} */
function describeRange({ minimum, exclusiveMinimum, maximum }) {
  if (maximum === undefined) throw new Error('a number has no maximum');
  if (exclusiveMinimum !== undefined) return `above ${exclusiveMinimum}, to ${maximum}`;
  if (minimum === undefined) throw new Error('a number has no minimum');
  return `${minimum} to ${maximum}`;
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
