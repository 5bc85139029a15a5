import type { Fixture } from '../vendor-site/fixtures.js';
import { fourNumbers, type InstallerFacts } from './installer-facts.js';
import { productCodeOf, upgradeCodeOf } from './msi.js';

const UNINSTALL = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall';
const ENGLISH = 1033;

/** What is on a computer after it ran: the entry that Windows Installer, or the installer itself, writes. */
export function installsOf(technology: Fixture['technology'], facts: InstallerFacts): Fixture['installs'] {
  const isMsi = technology === 'msi';
  const key = isMsi ? productCodeOf(facts) : (facts.key ?? facts.displayName);
  const { displayName, version, publisher } = facts;
  return {
    files: [],
    registryView: facts.view,
    registry: {
      [`${UNINSTALL}\\${key}`]: {
        DisplayName: text(displayName),
        DisplayVersion: text(version),
        Publisher: text(publisher),
        ...(isMsi ? windowsInstallerValues(version) : {}),
      },
    },
    msi: isMsi ? { productCode: key, upgradeCode: upgradeCodeOf(facts), version, language: ENGLISH } : null,
  };
}

/** Uninstall Registry Key (Windows Installer): Version holds 8, 8 and 16 bits. */
function windowsInstallerValues(version: string) {
  const [major, minor, build] = fourNumbers(version) ?? [0, 0, 0, 0];
  return {
    WindowsInstaller: number(1),
    Language: number(ENGLISH),
    VersionMajor: number(major),
    VersionMinor: number(minor),
    Version: number(major * 0x100_0000 + minor * 0x1_0000 + build),
  };
}

const text = (value: string) => ({ type: 'REG_SZ', value }) as const;
const number = (value: number) => ({ type: 'REG_DWORD', value }) as const;
