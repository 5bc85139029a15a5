import type { InnoVersion } from './version.js';

export interface InnoNumbers {
  readonly privilegesRequired: 'none' | 'power-user' | 'admin' | 'lowest';
  /** Before 6.3, as numbers of TSetupProcessorArchitecture: 1 x86, 2 x64, 3 IA-64, 4 ARM64; null from 6.3 on. */
  readonly install64Bit: readonly number[] | null;
}

const PRIVILEGES = ['none', 'power-user', 'admin', 'lowest'] as const;

/**
 * Bytes between the texts and UninstallLogMode: the counts of what follows (16 u4, from 6.5 on 17), MinVersion and
 * OnlyBelowVersion (10 each), colours, wizard style, alpha format, password hash and salt, ExtraDiskSpaceRequired,
 * SlicesPerDisk. Versions that are not here have a form that no one looked at.
 */
const FORMS: readonly { readonly since: number; readonly before: number; readonly skip: number }[] = [
  { since: 50500, before: 50507, skip: 136 },
  { since: 50507, before: 60000, skip: 133 },
  { since: 60000, before: 60400, skip: 142 },
  { since: 60500, before: 60600, skip: 110 },
];
/** Of the ANSI versions: which bytes of the code page are the first of two. */
const LEAD_BYTES = 32;

/** The numbers of TSetupHeader that decide where its row goes; null where this version's form is not known. */
export function readNumbers(header: Buffer, numbersAt: number, version: InnoVersion): InnoNumbers | null {
  const form = FORMS.find(({ since, before }) => version.number >= since && version.number < before);
  if (form === undefined) return null;
  const at = numbersAt + form.skip + (version.isUnicode ? 0 : LEAD_BYTES);
  const [logMode = 255, dirExists = 255, privileges = 255] = header.subarray(at, at + 3);
  const privilegesRequired = PRIVILEGES[privileges];
  // Enumerations of three: anything else means that this is not what we take it for.
  if (logMode > 2 || dirExists > 2 || privilegesRequired === undefined) return null;
  if (version.number >= 60300) return { privilegesRequired, install64Bit: null };
  // PrivilegesRequiredOverridesAllowed came with 6.0; then ShowLanguageDialog, LanguageDetectionMethod, CompressMethod, ArchitecturesAllowed.
  const set = header[at + (version.number >= 60000 ? 8 : 7)];
  return set === undefined ? null : { privilegesRequired, install64Bit: membersOf(set) };
}

function membersOf(set: number): readonly number[] {
  return [0, 1, 2, 3, 4, 5, 6, 7].filter((member) => (set & (1 << member)) !== 0);
}
