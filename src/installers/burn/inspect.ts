import type { ArpEvidence, InstallerInspection } from '../../core/installer.js';
import type { BurnBundle } from '../../formats/burn/index.js';
import type { PeFile } from '../../formats/pe/index.js';
import { attributeOf, childOf, parseXml, type XmlElement } from '../../text/xml/index.js';
import { executableFacts } from '../executable.js';

const X86 = 0x14c;

/** A Burn bundle (WiX) by its manifest; its version resource where that cannot be read. */
export function inspectBurn(pe: PeFile, { manifest }: BurnBundle): InstallerInspection {
  // The engine is x86 in nearly every bundle, whatever its packages are for.
  const facts = { ...executableFacts(pe), technology: 'burn', architecture: null } as const;
  const registration = manifest === null ? null : registrationIn(manifest);
  if (registration === null) return facts;
  const arp = childOf(registration, 'Arp');
  const said = (element: XmlElement | null, name: string): string | null =>
    (element && attributeOf(element, name)) || null;
  const version = said(registration, 'Version') ?? facts.version;
  const row = arp === null ? null : uninstallRow(registration, arp, pe);
  return {
    ...facts,
    scope: said(registration, 'PerMachine') === 'yes' ? 'machine' : 'user',
    productName: said(arp, 'DisplayName') ?? facts.productName,
    publisher: said(arp, 'Publisher') ?? facts.publisher,
    version: row?.displayVersion ?? version,
    arp: row === null ? [] : [row],
  };
}

function registrationIn(manifest: Buffer): XmlElement | null {
  return childOf(parseXml(manifest, { where: 'BurnManifest' }), 'Registration');
}

/**
 * What the engine writes (WiX, burn/engine/registration.cpp): a key of the bundle's id, which each build makes anew, in
 * its own view. None where the bundle leaves its row to a package (`Register="no"`).
 */
function uninstallRow(registration: XmlElement, arp: XmlElement, pe: PeFile): ArpEvidence | null {
  const key = attributeOf(registration, 'Id') ?? attributeOf(registration, 'Code');
  const displayName = attributeOf(arp, 'DisplayName');
  const displayVersion = attributeOf(arp, 'DisplayVersion') ?? attributeOf(registration, 'Version');
  if (attributeOf(arp, 'Register') === 'no' || !key || !displayName || !displayVersion) return null;
  return {
    view: pe.machine === X86 ? '32' : '64',
    key,
    displayName,
    displayVersion,
    publisher: attributeOf(arp, 'Publisher'),
    windowsInstaller: false,
    source: 'burn-manifest',
  };
}
