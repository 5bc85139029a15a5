const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** True for the characters a document may hold. [XML 1.0] 2.2 */
export function isXmlCharacter(point: number): boolean {
  if (point < 0x20) return point === 0x9 || point === 0xa || point === 0xd;
  return !(point >= 0xd800 && point <= 0xdfff) && point !== 0xfffe && point !== 0xffff && point <= 0x10ffff;
}

/** The first character that no document may hold, as an offset, or -1. */
export function firstForbidden(text: string): number {
  // A search for the few forbidden ranges is much faster than a walk over all code points.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.search(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u);
}

/**
 * Replaces the five named entities and character references; any other entity is the caller's to refuse.
 * `unknown` is told the offset of the first reference that is not one of these.
 */
export function replaceReferences(
  text: string,
  unknown: (offset: number, reference: string) => never,
): string {
  if (!text.includes('&')) return text;
  return text.replace(/&([^;&\s]{0,32};?)/g, (whole: string, body: string, offset: number) => {
    const name = body.endsWith(';') ? body.slice(0, -1) : null;
    const replaced = name === null ? null : replacementOf(name);
    return replaced ?? unknown(offset, whole);
  });
}

function replacementOf(name: string): string | null {
  if (Object.hasOwn(NAMED, name)) return NAMED[name] ?? null;
  const digits = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name);
  if (digits === null) return null;
  const point =
    digits[1] === undefined ? Number.parseInt(digits[2] ?? '', 10) : Number.parseInt(digits[1], 16);
  return isXmlCharacter(point) ? String.fromCodePoint(point) : null;
}
