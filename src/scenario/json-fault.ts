/** The first fault of a text that should be JSON. */
export interface JsonFault {
  /** Index of the first character that JSON does not allow there; the text's length if the text ends too early. */
  offset: number;
  text: string;
}

/**
 * Returns the first fault of a text that should be JSON (https://www.rfc-editor.org/rfc/rfc8259); undefined if it is
 * JSON. `JSON.parse` does not say for every fault where it is. The text must not nest deeply, because each level is a
 * level of calls.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const scanner = new Scanner(text);
  try {
    scanner.scanText();
    return undefined;
  } catch (error) {
    if (error instanceof FaultFound) return error.fault;
    throw error;
  }
}

class FaultFound extends Error {
  readonly fault: JsonFault;

  constructor(fault: JsonFault) {
    super(fault.text);
    this.fault = fault;
  }
}

const WORD = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON allows none in a string.
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"/y;
const SPACE = /[ \t\r\n]*/y;

const LONGEST_SHOWN = 40;

/** Scans the text. Throws FaultFound at the first fault. */
class Scanner {
  readonly #text: string;
  #at: number;

  constructor(text: string) {
    this.#text = text;
    this.#at = text.startsWith('\uFEFF') ? 1 : 0;
  }

  scanText(): void {
    this.#scanValue();
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#refuse('expected the end of the file');
  }

  #scanValue(): void {
    this.#skipSpace();
    const next = this.#text[this.#at];
    if (next === '{') this.#scanList('}', () => this.#scanField());
    else if (next === '[') this.#scanList(']', () => this.#scanValue());
    else if (next === '"') this.#scanString();
    else if (!this.#take(WORD)) this.#refuse('expected a value');
  }

  /** Scans a list or a map, from its opening bracket to its closing one. */
  #scanList(close: string, scanEntry: () => void): void {
    this.#at++;
    this.#skipSpace();
    if (this.#takeSign(close)) return;
    for (;;) {
      scanEntry();
      this.#skipSpace();
      if (this.#takeSign(close)) return;
      if (!this.#takeSign(',')) this.#refuse(`expected a comma or ${close}`);
      this.#skipSpace();
      if (this.#text[this.#at] === close) this.#refuse('expected another entry after the comma');
    }
  }

  #scanField(): void {
    this.#skipSpace();
    if (this.#text[this.#at] !== '"') this.#refuse('expected a name in double quotes');
    this.#scanString();
    this.#skipSpace();
    if (!this.#takeSign(':')) this.#refuse('expected a colon after the name');
    this.#scanValue();
  }

  #scanString(): void {
    if (this.#take(STRING)) return;
    const rest = this.#text.slice(this.#at);
    const sound = /^"(?:[^"\\\n]|\\.)*/.exec(rest)?.[0] ?? '"';
    if (rest[sound.length] !== '"') this.#fail('the text in double quotes has no end');
    this.#fail(
      'the text in double quotes has an escape or a control character that JSON does not know',
    );
  }

  #skipSpace(): void {
    this.#take(SPACE);
    if (/^(?:\/[/*]|#)/.test(this.#text.slice(this.#at, this.#at + 2))) {
      this.#fail('JSON has no comments');
    }
  }

  #takeSign(sign: string): boolean {
    if (this.#text[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  #refuse(expected: string): never {
    return this.#fail(`${expected}, got ${this.#showNext()}`);
  }

  /** Returns the next piece of the text, for a message. */
  #showNext(): string {
    const rest = this.#text.slice(this.#at, this.#at + LONGEST_SHOWN);
    const string = /^"[^"\n]*"/.exec(rest)?.[0];
    if (string !== undefined) return string;
    const [next] = /^(?:[\w.+-]+|.|\n)/u.exec(rest) ?? [];
    return next === undefined ? 'the end of the file' : JSON.stringify(next);
  }

  #fail(text: string): never {
    throw new FaultFound({ offset: this.#at, text });
  }
}
