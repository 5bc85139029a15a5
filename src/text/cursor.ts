import { PermanentError, printable } from '../core/errors.js';

const LONGEST = 1000;

/** A place in an expression that is read from left to right. */
export class Cursor {
  private at = 0;

  /** `what` names the expression in messages: `a JSON path`. */
  constructor(
    private readonly text: string,
    private readonly what: string,
  ) {
    if (text.length > LONGEST) throw this.fault(`at most ${LONGEST} characters`);
  }

  atEnd(): boolean {
    return this.at === this.text.length;
  }

  /** The next characters, when they are these. */
  take(wanted: string): boolean {
    if (!this.text.startsWith(wanted, this.at)) return false;
    this.at += wanted.length;
    return true;
  }

  /** What a sticky pattern finds here. */
  match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? null;
    this.at += found?.length ?? 0;
    return found;
  }

  skipSpaces(): void {
    this.match(/\s*/y);
  }

  expect(wanted: string): void {
    this.skipSpaces();
    if (!this.take(wanted)) throw this.fault(`"${wanted}"`);
  }

  /** Up to the unescaped mark, which is skipped; a backslash before the mark or itself is taken away. */
  until(mark: string, keepEscapes: boolean): string {
    for (let text = ''; !this.atEnd(); ) {
      const character = this.text.charAt(this.at++);
      if (character === mark) return text;
      const next = this.text.charAt(this.at);
      const escapes = character === '\\' && next !== '';
      if (escapes) this.at += 1;
      text += !escapes ? character : keepEscapes && next !== mark ? `\\${next}` : next;
    }
    throw this.fault(`a closing ${mark}`);
  }

  fault(expected: string): PermanentError {
    return new PermanentError('definition.invalid', `${this.what} cannot be read`, {
      where: `${printable(this.text, 200)} at character ${this.at + 1}`,
      expected,
      found: this.atEnd() ? 'the end' : printable(this.text.slice(this.at, this.at + 20)),
      nextStep: 'correct it in the definition',
    });
  }
}
