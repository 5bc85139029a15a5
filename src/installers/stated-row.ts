import type { ArpEvidence, InstallerInspection } from '../core/installer.js';
import type { ArpDetection, InstallerDefinition, TextMatch } from '../core/product.js';

/**
 * The ARP row that the vendor, a published package or an inventory states; none where the definition says otherwise. A
 * key that is not stated is not looked at by any rule: the display name stands in its place.
 */
export function statedRow(
  inspection: InstallerInspection,
  { architecture, detection }: InstallerDefinition,
  version: string,
): readonly ArpEvidence[] {
  if (detection === undefined || !isStated(detection)) return [];
  const displayName = statedName(detection.displayName ?? {}, version) ?? keyAsName(detection, inspection);
  if (displayName === null) return [];
  return [
    {
      view: detection.view ?? (architecture === 'x86' ? '32' : '64'),
      ...(detection.view === undefined ? { viewIsOpen: true } : {}),
      key: detection.key ?? displayName,
      displayName,
      displayVersion: detection.displayVersion === 'installer' ? (inspection.version ?? version) : version,
      publisher: detection.publisher ?? inspection.publisher,
      windowsInstaller: detection.windowsInstaller,
      source: 'stated by the definition',
    },
  ];
}

function isStated({ evidence }: ArpDetection): boolean {
  return evidence === 'stated' || evidence === 'inventory';
}

/** Where only the key is stated nothing looks at the name; the file's own stands there. */
function keyAsName({ key }: ArpDetection, { productName }: InstallerInspection): string | null {
  return key === undefined ? null : (productName ?? key);
}

/** `7-Zip ` and ` (x64)` around the version: what a stated beginning and end leave out. */
function statedName({ equalTo, beginsWith = '', endsWith = '' }: TextMatch, version: string): string | null {
  if (equalTo !== undefined) return equalTo;
  return beginsWith === '' && endsWith === '' ? null : `${beginsWith}${version}${endsWith}`;
}
