import { PermanentError } from '../../core/errors.js';
import { CAB } from './structure.js';

/** What Windows cannot hold in a file name, `/` (the separator is `\`) and `:` (drives, streams) among it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const UNUSABLE = /[\u0000-\u001f<>:"/|?*]/;

/** Why a member's name is refused, or null. Relative, `\` between folders, no `.` or `..`, no empty part. */
export function nameFault(name: string): string | null {
  const bytes = Buffer.from(name, 'utf8');
  if (bytes.toString('utf8') !== name) return 'is not valid Unicode';
  if (bytes.length === 0) return 'is empty';
  if (bytes.length > CAB.maxNameBytes) return `is longer than ${CAB.maxNameBytes} bytes`;
  if (/^[a-z]:/i.test(name)) return 'names a drive';
  if (name.startsWith('\\') || name.startsWith('/')) return 'is an absolute path';
  if (UNUSABLE.test(name)) return 'has a character that a Windows file name cannot have';
  const parts = name.split('\\');
  if (parts.some((part) => part === '..' || part === '.')) return 'leaves its folder';
  if (parts.some((part) => part === '')) return 'has an empty part';
  if (parts.some((part) => /[. ]$/.test(part))) return 'has a part that ends in a dot or a blank';
  return null;
}

/** Throws PermanentError `cabinet.limit` for the first name that a cabinet of ours must not carry. */
export function checkMemberNames(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    const fault = nameFault(name);
    if (fault !== null) {
      throw new PermanentError('cabinet.limit', `a member's name ${fault}`, {
        where: name,
        expected: 'a relative Windows path of at most 255 bytes',
        nextStep: 'rename the file',
      });
    }
    // Windows and cabinet readers do not tell case apart: the second would overwrite the first.
    const folded = name.toUpperCase();
    if (seen.has(folded)) {
      throw new PermanentError('cabinet.limit', 'two members have the same name', {
        where: name,
        expected: 'names that differ in more than case',
        nextStep: 'rename one of the files',
      });
    }
    seen.add(folded);
  }
}
