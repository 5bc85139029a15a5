/** What a command line asks for, as far as it decides how the installation ends. */
export interface InstallCommand {
  readonly kind: 'msi' | 'program';
  /** The file it names. */
  readonly fileName: string;
  readonly isSilent: boolean;
}

/** `msiexec.exe /i "x.msi" /qn ...` or `"x.exe" /S`; null for a line that starts nothing we know. */
export function parseCommand(commandLine: string): InstallCommand | null {
  const [program, ...words] = splitWords(commandLine);
  if (program === undefined) return null;
  if (!/^msiexec(\.exe)?$/i.test(program)) {
    // NSIS takes /S in upper case only (NSIS Users Manual 3.2.1).
    return { kind: 'program', fileName: program, isSilent: words.includes('/S') };
  }
  const install = words.findIndex((word) => /^[/-](i|package)$/i.test(word));
  const fileName = install < 0 ? undefined : words[install + 1];
  if (fileName === undefined) return null;
  return { kind: 'msi', fileName, isSilent: words.some((word) => /^[/-](qn|quiet)$/i.test(word)) };
}

/** Words of a command line; quotes keep spaces together. */
function splitWords(commandLine: string): readonly string[] {
  return [...commandLine.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
}
