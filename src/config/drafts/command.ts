import type { InstallerTechnologyName, ReturnCode } from '../../core/product.js';
import type { InstallerFacts } from './facts.js';

/** The usual switches of a technology; of other executables nobody knows any. */
export const TECHNOLOGY_SWITCHES: Readonly<Partial<Record<InstallerTechnologyName, string>>> = {
  msi: '',
  nullsoft: '/S',
  inno: '/VERYSILENT /SUPPRESSMSGBOXES /NORESTART /SP-',
  burn: '/quiet /norestart',
};

const TOKEN = /(?:[^\s"]|"[^"]*")+/g;
const PROPERTY = /^[A-Za-z_][A-Za-z0-9_.]*=(?:"[^"]*"|[^\s"]*)$/;
/** `/LOG=...`, `<INSTALLPATH>`, `%TEMP%`: a value that only the one device knows. */
const OF_A_DEVICE = /<[A-Z]+>|^[/-]+log(?:[=:]|$)|%[A-Za-z]+%|\|/i;
const FOR_ONE_USER =
  /^(?:[/-]+(?:currentuser|user|justme)|[/-]*(?:installallusers|allusers)="?0?"?|msiinstallperuser=1|.*=justme)$/i;

/** Whether the command would install for the one user who runs it. */
export function isForOneUser(silentArgs: string): boolean {
  return tokensOf(silentArgs).some((token) => FOR_ONE_USER.test(token));
}

/**
 * The silent command line of an executable, or the properties of an MSI (Windows Installer's own switches are implied).
 * Null where nobody states one and the technology has none.
 */
export function draftArguments(technology: InstallerTechnologyName, facts: InstallerFacts): string | null {
  const tokens = tokensOf(facts.silentArgs ?? '').filter((token) => !OF_A_DEVICE.test(token));
  if (technology === 'msi') return once(tokens.filter((token) => PROPERTY.test(token))).join(' ');
  const isStated = facts.silentArgsSource != null && facts.silentArgsSource !== 'type-default';
  if (technology === 'exe' && !isStated) return null;
  const kept = once(tokens).join(' ');
  return kept === '' ? (TECHNOLOGY_SWITCHES[technology] ?? null) : kept;
}

function tokensOf(text: string): readonly string[] {
  return text.match(TOKEN) ?? [];
}

/** A switch said twice is said once, without regard to case. */
function once(tokens: readonly string[]): readonly string[] {
  const lower = tokens.map((token) => token.toLowerCase());
  return tokens.filter((_, index) => lower.indexOf(lower[index] ?? '') === index);
}

const REBOOT_RESPONSES = new Set(['rebootRequiredToFinish', 'rebootInitiated']);
const WINDOWS_INSTALLER_REBOOTS: readonly ReturnCode[] = [
  { code: 1641, result: 'Succeeded', reboot: true },
  { code: 3010, result: 'Succeeded', reboot: true },
];

/** What the codes of an executable mean: zero, those that are stated, and Windows Installer's where they are passed on. */
export function draftReturnCodes(
  technology: InstallerTechnologyName,
  facts: InstallerFacts,
): readonly ReturnCode[] {
  if (technology === 'msi') return [];
  const isPassedOn = technology === 'burn' || passesWindowsInstaller(facts.silentArgs ?? '');
  const codes = new Map<number, ReturnCode>();
  const add = (one: ReturnCode): unknown => codes.has(one.code) || codes.set(one.code, one);
  add({ code: 0, result: 'Succeeded', reboot: false });
  for (const code of (facts.successCodes ?? []).flatMap(codeIn)) {
    add({ code, result: 'Succeeded', reboot: code === 3010 || code === 1641 });
  }
  for (const { code, response } of facts.returnCodes ?? []) {
    for (const number of codeIn(code)) add({ code: number, ...meaningOf(response) });
  }
  if (isPassedOn) WINDOWS_INSTALLER_REBOOTS.forEach(add);
  return [...codes.values()].sort((a, b) => a.code - b.code);
}

/** InstallShield, Advanced Installer and the like hand `/v"/qn"` or `/exenoui` on to an MSI inside. */
export function passesWindowsInstaller(silentArgs: string): boolean {
  return /(?:^|\s)\/v\s*\\?["/]|(?:^|\s)\/exenoui(?:\s|$)/i.test(silentArgs);
}

function meaningOf(response: string): Omit<ReturnCode, 'code'> {
  if (REBOOT_RESPONSES.has(response)) return { result: 'Succeeded', reboot: true };
  if (response === 'cancelledByUser') return { result: 'Cancelled', reboot: false };
  return { result: 'Failed', reboot: response === 'rebootRequiredForInstall' };
}

/** Written as an unsigned number too: an exit code is a signed one. */
function codeIn(text: string): readonly number[] {
  const number = Number(text);
  if (!/^-?\d{1,10}$/.test(text) || number < -(2 ** 31) || number >= 2 ** 32) return [];
  return [number >= 2 ** 31 ? number - 2 ** 32 : number];
}
