import { compareTexts } from './four-parts.js';

/**
 * A total order out of one on what a scheme understands: texts that it does not know sort below all that it does, and
 * among themselves by their characters.
 */
export function orderKnown<Key>(
  read: (text: string) => Key | null,
  compareKeys: (a: Key, b: Key) => number,
): (a: string, b: string) => number {
  return (a, b) => {
    const [left, right] = [read(a), read(b)];
    if (left !== null && right !== null) return compareKeys(left, right);
    if (left === null && right === null) return compareTexts(a, b);
    return left === null ? -1 : 1;
  };
}

/** Part by part; where one is shorter, `missing` stands in its place. */
export function compareParts<Part>(
  a: readonly Part[],
  b: readonly Part[],
  missing: Part,
  compare: (a: Part, b: Part) => number,
): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const order = compare(a[at] ?? missing, b[at] ?? missing);
    if (order !== 0) return order;
  }
  return 0;
}
