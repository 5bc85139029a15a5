import type { Found } from './found.js';

/** What a feed's selector picks, with what the answer says of it; then what else the answer holds. */
export function pickedFirst(picked: readonly string[], found: readonly Found[]): readonly Found[] {
  const first = picked.flatMap((version) => {
    const beside = found.filter((one) => one.version === version);
    return beside.length > 0 ? beside : [{ version }];
  });
  return [...first, ...found.filter(({ version }) => !picked.includes(version))];
}
