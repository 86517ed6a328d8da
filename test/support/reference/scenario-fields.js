// @ts-check

/**
 * The reference of a scenario's fields, made from the scenario's JSON Schema.
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
 * @property {number} [maxLength]
 * @property {string} [pattern]
 * @property {string} [format]
 * @property {Node} [items]
 * @property {Node[]} [anyOf]
 * @property {Node[]} [oneOf]
 * @property {Record<string, Node>} [properties]
 * @property {string[]} [required]
 * @property {Node | false} [additionalProperties]
 */

/** Fields of the scenario that are explained by a section of prose instead of a table. */
const IN_PROSE = ['variants'];

/**
 * The generated parts of the page about scenarios: `scenario` has all fields of the first level, and each field that
 * is a map has a part of its own.
 *
 * @param {Node} scenario Its JSON Schema.
 * @returns {Record<string, string>} Markdown by the part's name.
 */
export function renderScenarioParts(scenario) {
  const fields = scenario.properties ?? {};
  const maps = Object.entries(fields).filter(([name, field]) => isMap(name, field));
  /** @type {Record<string, string>} */
  const parts = { scenario: renderFirstLevel(fields, scenario) };
  for (const [name, field] of Object.entries(fields)) {
    const kinds = kindsOf(field);
    if (kinds.length > 0) parts[name] = renderKinds(kinds, 'do', 'Every event');
  }
  for (const [name, field] of maps) {
    parts[name] =
      name === 'load' ? renderLoad(field) : renderTable(flatten(mapOf(field)), requiredOf(field));
  }
  return parts;
}

/** @param {string} name @param {Node} field Whether its own fields have a table. */
function isMap(name, field) {
  return !IN_PROSE.includes(name) && (name === 'load' || Object.keys(mapOf(field)).length > 0);
}

/** The fields of a map, also of one that may be `true` or `false` instead. @param {Node} field */
function mapOf(field) {
  return field.properties ?? field.anyOf?.find(({ properties }) => properties)?.properties ?? {};
}

/** The fields that such a map must have. @param {Node} field @returns {string[]} */
function requiredOf(field) {
  const map = field.properties === undefined ? field.anyOf?.find((it) => it.properties) : field;
  return map?.required ?? [];
}

/** Fields of maps inside of a map by their paths, `postgres.auth`. @param {Record<string, Node>} fields */
function flatten(fields) {
  /** @type {[string, Node][]} */
  const flat = Object.entries(fields).flatMap(([name, field]) =>
    field.type === 'object' && field.properties !== undefined
      ? Object.entries(field.properties).map(
          ([inner, node]) => /** @type {[string, Node]} */ ([`${name}.${inner}`, node]),
        )
      : [/** @type {[string, Node]} */ ([name, field])],
  );
  return Object.fromEntries(flat);
}

/** @param {Record<string, Node>} fields @param {Node} scenario */
function renderFirstLevel(fields, scenario) {
  const required = scenario.required ?? [];
  const rows = Object.entries(fields).map(([name, field]) => {
    const isLinked = isMap(name, field) || IN_PROSE.includes(name);
    const form = kindsOf(field).length > 0 ? 'a list' : 'a map';
    const values =
      isLinked || form === 'a list'
        ? `${form}, see [${name}](#${name.toLowerCase()})`
        : describeValues(field);
    const kinds = field.anyOf?.some(({ type }) => type === 'boolean')
      ? `\`true\`, \`false\` or ${values}`
      : values;
    return [
      code(name),
      kinds,
      describeDefault(field, required.includes(name)),
      name === 'load' ? 'When attempts to connect begin.' : (field.description ?? ''),
    ];
  });
  return renderRows(rows);
}

/** @param {Node} field @param {boolean} isRequired */
function describeDefault(field, isRequired) {
  if (isRequired) return 'required';
  return field.default === undefined || typeof field.default === 'object'
    ? ''
    : code(field.default);
}

/** The kinds of the entries of a list, if there are several. @param {Node} field @returns {Node[]} */
function kindsOf(field) {
  return field.items?.oneOf ?? [];
}

/** @param {Node} load */
function renderLoad(load) {
  return renderKinds(load.anyOf?.[0]?.oneOf ?? [], 'executor', 'Every executor');
}

/**
 * The fields of each kind, then those that all of them have.
 *
 * @param {Node[]} kinds
 * @param {string} discriminator The field that tells the kinds apart.
 * @param {string} title What all of them are.
 */
function renderKinds(kinds, discriminator, title) {
  const all = kinds.map(({ properties = {} }) => properties);
  const [first = {}] = all;
  const common = Object.keys(first).filter(
    (name) => name !== discriminator && all.every((fields) => name in fields),
  );
  const parts = kinds.map(({ description, properties = {}, required = [] }) => {
    const own = Object.entries(properties).filter(
      ([name]) => !common.includes(name) && name !== discriminator,
    );
    const name = code(properties[discriminator]?.const);
    const table = own.length === 0 ? '' : `${renderTable(Object.fromEntries(own), required)}\n`;
    return `${name}: ${description}\n\n${table}`;
  });
  const shared = Object.fromEntries(common.map((name) => [name, first[name] ?? {}]));
  const [{ required = [] } = {}] = kinds;
  return `${parts.join('')}${title}:\n\n${renderTable(shared, discriminator === 'do' ? required : [])}`;
}

/** @param {Record<string, Node>} fields @param {string[]} [required] */
function renderTable(fields, required = []) {
  const rows = Object.entries(fields).map(([name, field]) => {
    const fallback = describeDefault(field, required.includes(name));
    return [code(name), describeValues(field), fallback, field.description ?? ''];
  });
  return renderRows(rows);
}

/** @param {string[][]} rows */
function renderRows(rows) {
  const lines = rows.map(
    (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`,
  );
  return `| field | values | default | what it does |\n|---|---|---|---|\n${lines.join('')}`;
}

/** @param {Node} field @returns {string} */
function describeValues(field) {
  const kinds = field.anyOf ?? field.oneOf;
  if (kinds !== undefined) return [...new Set(kinds.map(describeValues))].join(' or ');
  if (field.format === 'ipv4' || field.format === 'ipv6') return 'IP address';
  if (field.const !== undefined) return code(field.const);
  if (field.enum !== undefined) return field.enum.map(code).join(', ');
  if (field.type === 'array') return `list of ${describeValues(field.items ?? {})}`;
  if (field.type === 'object') return describeMap(field);
  if (field.type === 'boolean') return '`true`, `false`';
  if (field.type === 'number' || field.type === 'integer') return describeRange(field);
  if (field.type === 'string') return describeText(field);
  throw new Error(`nothing is known of the values of ${JSON.stringify(field)}`);
}

/** Patterns of durations begin as these do; any other text is told by its field's description. @param {Node} field */
function describeText({ pattern = '', maxLength }) {
  if (pattern.startsWith('^end$')) return 'duration or `end`';
  if (pattern.includes('(?:\\d+(?:\\.\\d+)?ms)')) return 'duration';
  return maxLength === undefined ? 'text' : `text, at most ${maxLength} characters`;
}

/** @param {Node} field @returns {string} */
function describeRange({ minimum, exclusiveMinimum, maximum }) {
  if (minimum === undefined && exclusiveMinimum === undefined && maximum === undefined)
    return 'number';
  if (maximum === undefined) throw new Error('a number has no maximum');
  if (exclusiveMinimum !== undefined) return `above ${exclusiveMinimum}, to ${maximum}`;
  if (minimum === undefined) throw new Error('a number has no minimum');
  return `${minimum} to ${maximum}`;
}

/** @param {Node} field @returns {string} */
function describeMap({ properties = {}, additionalProperties }) {
  const inside = Object.entries(properties).map(
    ([name, field]) => `${name}: ${describeValues(field)}`,
  );
  if (typeof additionalProperties === 'object')
    inside.push(`name: ${describeValues(additionalProperties)}`);
  return `{ ${inside.join(', ')} }`;
}

/** @param {unknown} value */
function code(value) {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
