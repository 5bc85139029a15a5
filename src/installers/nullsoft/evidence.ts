import type { InstallerTechnology } from '../../core/ports.js';

/**
 * The file cannot prove an ARP row, so only one that the vendor or a published package states is evidence. The key's
 * name is not stated, and nothing looks at it: the display name stands in its place.
 */
export const nullsoftTechnology: InstallerTechnology = {
  name: 'nullsoft',
  evidence(inspection, definition, version) {
    const { detection } = definition;
    const displayName = detection.displayName.equalTo ?? statedName(detection.displayName, version);
    if (inspection.technology !== 'nullsoft' || detection.evidence !== 'stated' || displayName === null)
      return [];
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
  },
};

/** `7-Zip ` and ` (x64)` around the version: what a stated beginning and end leave out. */
function statedName(
  match: { readonly beginsWith?: string; readonly endsWith?: string },
  version: string,
): string | null {
  const { beginsWith = '', endsWith = '' } = match;
  return beginsWith === '' && endsWith === '' ? null : `${beginsWith}${version}${endsWith}`;
}
