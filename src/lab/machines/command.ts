import type { Fixture } from '../vendor-site/fixtures.js';

/** What a command line asks for, as far as it decides how the installation ends. */
export interface InstallCommand {
  readonly kind: 'msi' | 'program';
  /** The file it names. */
  readonly fileName: string;
  readonly words: readonly string[];
}

/** `msiexec.exe /i "x.msi" /qn ...` or `"x.exe" /S`; null for a line that starts nothing we know. */
export function parseCommand(commandLine: string): InstallCommand | null {
  const [program, ...words] = splitWords(commandLine);
  if (program === undefined) return null;
  if (!/^msiexec(\.exe)?$/i.test(program)) return { kind: 'program', fileName: program, words };
  const install = words.findIndex((word) => /^[/-](i|package)$/i.test(word));
  const fileName = install < 0 ? undefined : words[install + 1];
  return fileName === undefined ? null : { kind: 'msi', fileName, words };
}

/** Each technology has its own words; another one's are not understood, and a window waits for somebody. */
const SILENT: Readonly<Record<Exclude<Fixture['technology'], 'exe'>, RegExp>> = {
  msi: /^[/-](qn|quiet)$/i,
  // NSIS takes /S in upper case only (NSIS Users Manual 3.2.1).
  nullsoft: /^\/S$/,
  // Inno Setup help, Setup Command Line Parameters.
  inno: /^\/(VERY)?SILENT$/i,
};

export function isSilent(
  { words }: Pick<InstallCommand, 'words'>,
  { technology, silentWord }: Pick<Fixture, 'technology' | 'silentWord'>,
): boolean {
  if (technology === 'exe') return silentWord !== undefined && words.includes(silentWord);
  return words.some((word) => SILENT[technology].test(word));
}

/** Words of a command line; quotes keep spaces together. */
function splitWords(commandLine: string): readonly string[] {
  return [...commandLine.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
}
