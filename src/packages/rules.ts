import type { RegistryPlace, Rule, ScalarComparison } from '../core/applicability.js';
import { PermanentError, printable } from '../core/errors.js';
import type { InstallerInspection } from '../core/installer.js';
import type { VersionScheme } from '../core/ports.js';
import type { Architecture, TextMatch } from '../core/product.js';
import type { UpdateRecord } from '../core/records.js';
import type { Detection } from './detection.js';

export type UpdateKind = UpdateRecord['kind'];

/** The product that Windows Installer itself knows: a witness beside the entries under Uninstall. */
export interface MsiIdentity {
  readonly productCode: string;
  /** ProductVersion: one to four numeric parts. */
  readonly version: string;
}

const UNINSTALL = 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall';
/** The loop's target itself (configmgr-catalog 4, rule 1). */
const TARGET = { key: 'HKEY_LOOP_TARGET', subkey: '\\' } as const;
/** PROCESSOR_ARCHITECTURE_*; a program for x86 runs everywhere. */
const PROCESSOR: Readonly<Record<Architecture, number | null>> = { x86: null, x64: 9, arm64: 12 };

/** Of the package: the machine must be able to run it. Windows 10 is the oldest that ConfigMgr still manages. */
export function packageRule(architecture: Architecture): Rule {
  const windows: Rule = {
    kind: 'WindowsVersion',
    comparison: 'GreaterThanOrEqualTo',
    majorVersion: 10,
    minorVersion: 0,
  };
  const processor = PROCESSOR[architecture];
  return processor === null
    ? windows
    : { kind: 'And', rules: [windows, { kind: 'Processor', architecture: processor }] };
}

/**
 * Of the item: an entry of the product at this version or a later one makes it installed, an entry at an older one
 * makes it wanted (configmgr-catalog 4, rule 4). Only an `install` is wanted where nothing of the product is there (rule
 * 9); it never is where an older copy or another edition is.
 */
export function itemRules(
  detection: Detection,
  fourParts: string,
  msi: MsiIdentity | null = null,
  kind: UpdateKind = 'update',
): { isInstalled: Rule; isInstallable: Rule } {
  return {
    isInstalled: anyOf([
      entryWith(detection, 'GreaterThanOrEqualTo', fourParts),
      // A release that is no major upgrade keeps its ProductCode, so the code alone does not tell the version.
      ...(msi === null ? [] : [installedMsi(msi.productCode, msi.version)]),
    ]),
    isInstallable:
      kind === 'install'
        ? { kind: 'Not', rule: presenceOf(detection, msi) }
        : entryWith(detection, 'LessThan', fourParts),
  };
}

function installedMsi(productCode: string, versionMin?: string): Rule {
  return { kind: 'MsiProductInstalled', productCode, ...(versionMin === undefined ? {} : { versionMin }) };
}

/**
 * Anything of the product at any version, in either view, of Windows Installer or not. A copy that only one user has
 * cannot be seen (rule 7).
 */
function presenceOf({ key, anyName }: Detection, msi: MsiIdentity | null): Rule {
  const views = [false, true] as const;
  const names = (regType32: boolean) => textRules(anyName, 'DisplayName', { ...TARGET, regType32 });
  return anyOf([
    ...(key === null
      ? []
      : views.map((regType32) => ({ kind: 'RegKeyExists' as const, ...placeOf(key, regType32) }))),
    ...(names(false).length === 0 ? [] : views.map((regType32) => loopOver(names(regType32), regType32))),
    ...(msi === null ? [] : [installedMsi(msi.productCode)]),
  ]);
}

function anyOf(rules: readonly Rule[]): Rule {
  const [only, ...others] = rules;
  if (only === undefined) return { kind: 'False' };
  return others.length === 0 ? only : { kind: 'Or', rules };
}

function entryWith(detection: Detection, comparison: ScalarComparison, data: string): Rule {
  return anyOf(detection.views.map((view) => entryIn(view, detection, comparison, data)));
}

function entryIn(view: '64' | '32', detection: Detection, comparison: ScalarComparison, data: string): Rule {
  const regType32 = view === '32';
  const { key } = detection;
  return key === null
    ? loopOver(entryRules({ ...TARGET, regType32 }, detection, comparison, data), regType32)
    : { kind: 'And', rules: entryRules(placeOf(key, regType32), detection, comparison, data) };
}

function placeOf(key: string, regType32: boolean): RegistryPlace {
  return { key: 'HKEY_LOCAL_MACHINE', subkey: `${UNINSTALL}\\${key}`, regType32 };
}

/** Any entry of the view for which all rules hold. The view is said on the loop and on every child (rule 1). */
function loopOver(rules: readonly Rule[], regType32: boolean): Rule {
  return {
    kind: 'RegKeyLoop',
    key: 'HKEY_LOCAL_MACHINE',
    subkey: UNINSTALL,
    regType32,
    trueIf: 'Any',
    rule: { kind: 'And', rules },
  };
}

function entryRules(
  place: RegistryPlace,
  { displayName, publisher, windowsInstaller }: Detection,
  comparison: ScalarComparison,
  data: string,
): readonly Rule[] {
  const isWindowsInstaller: Rule = {
    kind: 'RegDword',
    ...place,
    value: 'WindowsInstaller',
    comparison: 'EqualTo',
    data: 1,
  };
  return [
    ...textRules(displayName, 'DisplayName', place),
    ...textRules(publisher === null ? {} : { equalTo: publisher }, 'Publisher', place),
    windowsInstaller ? isWindowsInstaller : { kind: 'Not', rule: isWindowsInstaller },
    // A missing value is 0.0.0.0 to RegSzToVersion: without this guard it would be "older" (rule 2).
    { kind: 'RegValueExists', ...place, value: 'DisplayVersion', type: 'REG_SZ' },
    { kind: 'RegSzToVersion', ...place, value: 'DisplayVersion', comparison, data },
  ];
}

function textRules(match: TextMatch, value: string, place: RegistryPlace): readonly Rule[] {
  const comparisons = [
    ['EqualTo', match.equalTo],
    ['BeginsWith', match.beginsWith],
    ['EndsWith', match.endsWith],
  ] as const;
  return comparisons.flatMap(([comparison, data]): readonly Rule[] =>
    data === undefined ? [] : [{ kind: 'RegSz', ...place, value, comparison, data }],
  );
}

/** Null: no MSI, or one that says too little of itself. */
export function msiIdentityOf({ technology, productCode, version }: InstallerInspection): MsiIdentity | null {
  if (technology !== 'msi' || productCode === null || version === null) return null;
  return fourNumericParts(version) === null ? null : { productCode, version };
}

/** The version that the registry will show, as the rules compare it: exactly four parts (rule 5). */
export function detectedVersion(
  { displayVersion }: Detection,
  version: string,
  inspection: InstallerInspection,
  scheme: VersionScheme,
  where: string,
): string {
  const isFromFile = displayVersion === 'installer';
  const text = isFromFile ? (inspection.version ?? '') : version;
  const fourParts = isFromFile ? fourNumericParts(text) : scheme.toFourParts(text);
  if (fourParts !== null && /^\d{1,5}(\.\d{1,5}){3}$/.test(fourParts)) return fourParts;
  throw new PermanentError(
    'definition.invalid',
    'this version cannot be compared by a rule on DisplayVersion',
    {
      where: printable(where, 200),
      expected: 'one to four numeric parts of at most five digits',
      found: printable(text, 80) || 'no version',
      nextStep: 'choose another detection for this product',
    },
  );
}

function fourNumericParts(text: string): string | null {
  if (!/^\d{1,5}(\.\d{1,5}){0,3}$/.test(text)) return null;
  const parts = text.split('.').map((part) => String(Number(part)));
  return [...parts, '0', '0', '0'].slice(0, 4).join('.');
}
