/** What `setup.0` says of the program that made it: the version since which its records have this form. */
export interface InnoVersion {
  readonly text: string;
  /** 5.5.7 is 50507. */
  readonly number: number;
  readonly isUnicode: boolean;
}

export const SETUP_ID_BYTES = 64;

/** `Inno Setup Setup Data (5.5.7) (u)`, padded with zeros; from 6.3 on without `(u)`. Null: nothing that we know. */
export function parseSetupId(bytes: Buffer): InnoVersion | null {
  const text = bytes.toString('latin1').replace(/\0.*$/s, '');
  const found =
    /^Inno Setup Setup Data \((\d{1,2})\.(\d{1,2})\.(\d{1,2})(?:\.\d{1,2})?[a-z]?\)( \(u\))?/.exec(text);
  if (found === null) return null;
  const [major, minor, patch] = [1, 2, 3].map((index) => Number(found[index]));
  const number = (major ?? 0) * 10000 + (minor ?? 0) * 100 + (patch ?? 0);
  return { text: `${major}.${minor}.${patch}`, number, isUnicode: number >= 60000 || found[4] !== undefined };
}
