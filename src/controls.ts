/**
 * Escapes foreign text so that it cannot control the terminal: control and direction characters become `\n`, `\x1b`,
 * `\u202e`.
 */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) => {
    const code = character.charCodeAt(0);
    if (character === '\n') return '\\n';
    return code < 256
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/**
 * Renders a value as JSON that a terminal can show. Control and direction characters become `\u009b` and `\u202e`,
 * which every reader takes for the same text. `indent`: blanks a level; absent: everything is on one line.
 */
export function renderJson(value: unknown, indent?: number): string {
  // JSON.stringify has escaped characters below U+0020 in texts. The only ones left are its own line feeds.
  return JSON.stringify(value, null, indent).replace(
    C1_AND_DIRECTIONS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const C1_AND_DIRECTIONS = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
