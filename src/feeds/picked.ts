import type { Found } from './found.js';

/** A selector that picks more than this picks no version. */
const MOST_PICKED = 1000;

/** What a feed's selector picks, with what the answer says of it; then what else the answer holds. */
export function pickedFirst(all: readonly string[], found: readonly Found[]): readonly Found[] {
  const picked = [...new Set(all)].slice(0, MOST_PICKED);
  const first = picked.flatMap((version) => {
    const beside = found.filter((one) => one.version === version);
    return beside.length > 0 ? beside : [{ version }];
  });
  return [...first, ...found.filter(({ version }) => !picked.includes(version))];
}
