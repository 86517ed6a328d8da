// @ts-check

/**
 * The reference of commands and their flags, made from the commands' declarations: the help that each prints.
 *
 * @typedef {object} CommandHelp
 * @property {string} name
 * @property {string} help What `connstorm NAME --help` prints.
 */

/**
 * @param {readonly CommandHelp[]} commands
 * @returns {string} Markdown: a section a command, with a table of its arguments and flags.
 */
export function renderCommands(commands) {
  return commands.map(renderCommand).join('\n');
}

/** @param {CommandHelp} command */
function renderCommand({ name, help }) {
  const [usage = '', , summary = ''] = help.split('\n');
  const rows = [...readRows(help, 'Positionals'), ...readRows(help, 'Options')].filter(
    ([term]) => !/^-[vh], /.test(term),
  );
  const table = rows.map(
    ([term, text, type]) => `| \`${term}\` | ${type} | ${text.replaceAll('|', '\\|')} |\n`,
  );
  const head =
    rows.length === 0
      ? ''
      : `\n| argument | kind | what it does |\n|---|---|---|\n${table.join('')}`;
  return `### ${name}\n\n\`${usage.replaceAll('\\', '')}\`\n\n${summary}.\n${head}`;
}

/**
 * The rows of one part of a help text: a term, what is said of it over one or more lines, and its kind in brackets.
 *
 * @param {string} help
 * @param {string} title
 * @returns {[term: string, text: string, type: string][]}
 */
function readRows(help, title) {
  const part = help.split('\n\n').find((text) => text.startsWith(`${title}:\n`)) ?? '';
  /** @type {string[]} */
  const rows = [];
  for (const line of part.split('\n').slice(1)) {
    if (/^ {2,6}(-\w, )?\S/.test(line) && /^ {2}\S|^ {2,6}-/.test(line)) rows.push(line.trim());
    else rows.push(`${rows.pop()} ${line.trim()}`);
  }
  return rows.map((row) => {
    const [, term = '', text = '', kinds = ''] =
      /^(.+?) {2,}(.*?)((?: +\[[^\]]*\])+)$/.exec(row) ?? [];
    if (term === '') throw new Error(`a help line is of another shape: ${row}`);
    return [term, text.trim(), describeKinds(kinds)];
  });
}

/** @param {string} kinds As yargs writes them: `[string] [required]`. */
function describeKinds(kinds) {
  const names = [...kinds.matchAll(/\[([^\]]*)\]/g)].map(([, kind = '']) => kind);
  const known = { boolean: 'switch', string: 'text', array: 'text, several', number: 'number' };
  return names.map((name) => Reflect.get(known, name) ?? name).join(', ');
}

/**
 * @param {Record<string, string>} environment What each variable does, by name.
 * @returns {string} Markdown: a table.
 */
export function renderEnvironment(environment) {
  const rows = Object.entries(environment).map(
    ([names, text]) => `| ${names.replace(/\w+/g, '`$&`').replace('`...`', '...')} | ${text} |\n`,
  );
  return `| variable | what it does |\n|---|---|\n${rows.join('')}`;
}
