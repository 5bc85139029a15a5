import { createHash } from 'node:crypto';

/** By top-level member: a short hash of what was last written. */
export type MemberHashes = Readonly<Record<string, string>>;
type Members = Readonly<Record<string, unknown>>;

export interface Renewal {
  readonly members: Members;
  readonly hashes: MemberHashes;
  /** Members that a person changed since they were written: they stay as they are. */
  readonly kept: readonly string[];
}

/** A file as it stands, renewed where nobody has touched what was written last. */
export function renew(standing: Members, written: MemberHashes, fresh: Members): Renewal {
  const names = [...new Set([...Object.keys(fresh), ...Object.keys(standing)])];
  const isKept = (name: string): boolean =>
    hashOf(standing[name]) !== written[name] && hashOf(standing[name]) !== hashOf(fresh[name]);
  const kept = names.filter(isKept);
  const members = names.map((name) => [name, (isKept(name) ? standing : fresh)[name]] as const);
  const hashes = names.map((name) => [name, isKept(name) ? written[name] : hashOf(fresh[name])] as const);
  return { members: withoutAbsent(members), hashes: withoutAbsent(hashes), kept };
}

export function hashesOf(members: Members): MemberHashes {
  return withoutAbsent(Object.entries(members).map(([name, value]) => [name, hashOf(value)] as const));
}

/** Whether a person has touched nothing since the file was written. */
export function isUntouched(standing: Members, written: MemberHashes): boolean {
  const found = hashesOf(standing);
  const names = new Set([...Object.keys(found), ...Object.keys(written)]);
  return [...names].every((name) => found[name] === written[name]);
}

function withoutAbsent<Value>(
  entries: readonly (readonly [string, Value | undefined])[],
): Record<string, Value> {
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

/** Of the value, not of its layout: the order of members says nothing. */
function hashOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return createHash('sha256').update(JSON.stringify(value, sorted)).digest('hex').slice(0, 10);
}

function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
