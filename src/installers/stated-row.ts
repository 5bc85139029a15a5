import type { ArpEvidence, InstallerInspection } from '../core/installer.js';
import type { InstallerDefinition } from '../core/product.js';

/**
 * The ARP row that the vendor or a published package states; none where the definition says otherwise. The key's name is
 * not stated, and nothing looks at it: the display name stands in its place.
 */
export function statedRow(
  inspection: InstallerInspection,
  { detection }: InstallerDefinition,
  version: string,
): readonly ArpEvidence[] {
  const displayName = detection.displayName.equalTo ?? statedName(detection.displayName, version);
  if (detection.evidence !== 'stated' || displayName === null) return [];
  return [
    {
      view: detection.view,
      key: displayName,
      displayName,
      displayVersion: version,
      publisher: detection.publisher ?? inspection.publisher,
      windowsInstaller: detection.windowsInstaller,
      source: 'stated by the definition',
    },
  ];
}

/** `7-Zip ` and ` (x64)` around the version: what a stated beginning and end leave out. */
function statedName(
  match: { readonly beginsWith?: string; readonly endsWith?: string },
  version: string,
): string | null {
  const { beginsWith = '', endsWith = '' } = match;
  return beginsWith === '' && endsWith === '' ? null : `${beginsWith}${version}${endsWith}`;
}
