import { versionParts } from '../../core/evaluation/answer.js';
import type { ArpEvidence } from '../../core/installer.js';
import type { MsiProduct, RegistryHive, RegistryKey } from '../../core/machine.js';
import { type Step, steppedName, steppedText } from './versions.js';

/** One entry of an installed copy under Uninstall, as an installer leaves it. */
export interface Entry extends Omit<ArpEvidence, 'displayVersion' | 'source'> {
  /** Null: the entry has none. */
  readonly displayVersion: string | null;
}
/** All entries that one installation leaves. */
export type Copy = readonly Entry[];

/** The copy that this installer leaves, by its evidence. */
export function copyOf(evidence: readonly ArpEvidence[]): Copy {
  return evidence.map(({ view, key, displayName, displayVersion, publisher, windowsInstaller }) => ({
    view,
    key,
    displayName,
    displayVersion,
    publisher,
    windowsInstaller,
  }));
}

/** The copy that the vendor's installer of a neighbouring version leaves; null where no entry has such a neighbour. */
export function copyAt(copy: Copy, step: Step, releaseVersion: string): Copy | null {
  let changed = false;
  const stepped = copy.map((entry) => {
    const { displayVersion } = entry;
    const neighbour = displayVersion === null ? null : steppedText(displayVersion, step);
    if (displayVersion === null || neighbour === null) return entry;
    changed = true;
    return {
      ...entry,
      key: otherKey(entry.key),
      displayName: steppedName(entry.displayName, displayVersion, releaseVersion, step),
      displayVersion: neighbour,
    };
  });
  return changed ? stepped : null;
}

const PRODUCT_CODE = /^\{[0-9A-F-]{36}\}$/i;

/** A ProductCode mostly changes with every release, and always with the architecture; other keys mostly stay. */
function otherKey(key: string): string {
  return PRODUCT_CODE.test(key) ? key.replace(/^\{[^-]{8}/, '{0F0F0F0F') : key;
}

/** A copy of another version under the keys of this one, as a small update leaves it; null: its keys are these anyway. */
export function underKeysOf(copy: Copy, other: Copy): Copy | null {
  if (other.every((entry, index) => entry.key === copy[index]?.key)) return null;
  return other.map((entry, index) => ({ ...entry, key: copy[index]?.key ?? entry.key }));
}

/** As a vendor leaves it who built the same version once more; null: its keys stay. */
export function underOtherKeys(copy: Copy): Copy | null {
  const others = copy.map((entry) => ({ ...entry, key: otherKey(entry.key) }));
  return others.every((entry, index) => entry.key === copy[index]?.key) ? null : others;
}

/** What Windows Installer has on record for a copy that it installed for all users. */
export function msiProductsOf(copy: Copy): readonly MsiProduct[] {
  return copy.flatMap(({ key, displayVersion, windowsInstaller }) =>
    windowsInstaller && PRODUCT_CODE.test(key) && versionParts(displayVersion ?? '') !== null
      ? [{ productCode: key, version: displayVersion ?? '' }]
      : [],
  );
}

/** What is left of a copy whose uninstaller broke off. */
export function stale(copy: Copy): Copy {
  return copy.map((entry) => ({ ...entry, key: `${entry.key}_stale` }));
}

/** The MSI edition of an EXE and the other way round. */
export function otherEdition(copy: Copy): Copy {
  return distinct(
    copy,
    copy.map((entry) => ({
      ...entry,
      key: `${entry.key}_other`,
      windowsInstaller: !entry.windowsInstaller,
    })),
  );
}

/** The same entries where a program of the other architecture leaves them. */
export function otherView(copy: Copy): Copy {
  return distinct(
    copy,
    copy.map(
      (entry): Entry => ({ ...entry, key: otherKey(entry.key), view: entry.view === '64' ? '32' : '64' }),
    ),
  );
}

/** Without what the installer leaves itself: an installer that writes to both views has no other view. */
function distinct(copy: Copy, others: Copy): Copy {
  return others.filter(
    (other) =>
      !copy.some((own) => own.view === other.view && own.windowsInstaller === other.windowsInstaller),
  );
}

export function withVersion(copy: Copy, displayVersion: string | null): Copy {
  return copy.map((entry) => ({ ...entry, displayVersion }));
}

/** As an administrator's own name for it shows it. */
export function renamed(copy: Copy): Copy {
  return copy.map((entry) => ({ ...entry, displayName: `Approved: ${entry.displayName}` }));
}

/** Another program whose name and key end like this one's. */
export function namesake(copy: Copy): Copy {
  return copy.map((entry) => ({
    ...entry,
    key: `Companion of ${entry.key}`,
    displayName: `Companion of ${entry.displayName}`,
  }));
}

const UNINSTALL = 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall';

/** A hive with the entries of one view; `root` is HKLM, or HKCU for a copy that only one user has. */
export function hiveOf(copy: Copy, view: '64' | '32', root: 'HKLM' | 'HKCU'): RegistryHive {
  const own = copy.filter((entry) => entry.view === view);
  return Object.fromEntries(own.map((entry) => [`${root}\\${UNINSTALL}\\${entry.key}`, valuesOf(entry)]));
}

function valuesOf(entry: Entry): RegistryKey {
  const { displayName, displayVersion, publisher, windowsInstaller } = entry;
  return {
    DisplayName: { type: 'REG_SZ', value: displayName },
    ...(displayVersion === null ? {} : { DisplayVersion: { type: 'REG_SZ', value: displayVersion } }),
    ...(publisher === null ? {} : { Publisher: { type: 'REG_SZ', value: publisher } }),
    ...(windowsInstaller ? { WindowsInstaller: { type: 'REG_DWORD', value: 1 } } : {}),
  };
}
