import { matchOfName } from '../core/display-name.js';
import { printable } from '../core/errors.js';
import type { ArpEvidence } from '../core/installer.js';
import type { ArpDetection, EvidenceKind, InstallerDefinition, TextMatch } from '../core/product.js';

/** What the rules look for: as the definition says it or, where it leaves a member open, as the file proves it. */
export interface Detection {
  readonly views: readonly ('64' | '32')[];
  /** The uninstall key; null: all keys are gone through. */
  readonly key: string | null;
  readonly displayName: TextMatch;
  /** What an entry of any edition and version is called; empty: the name does not tell. */
  readonly anyName: TextMatch;
  readonly publisher: string | null;
  readonly windowsInstaller: boolean;
  readonly displayVersion: ArpDetection['displayVersion'];
  readonly evidence: EvidenceKind;
  /** True: the file itself says what copies are known by; the definition left it open. */
  readonly isLearnt: boolean;
}

/** Null where nothing proves how an installed copy shows itself: an inferred name, or no evidence at all. Pure. */
export function resolveDetection(
  { technology, detection }: InstallerDefinition,
  evidence: readonly ArpEvidence[],
  version: string,
): Detection | null {
  const [row] = evidence;
  if (row === undefined || detection?.evidence === 'inferred') return null;
  const identity = saidIdentity(detection) ?? learntIdentity(technology, row, version);
  if (identity === null) return null;
  return {
    ...identity,
    anyName: hasName(identity.displayName)
      ? identity.displayName
      : (matchOfName(row.displayName, [row.displayVersion, version]) ?? {}),
    views: detection?.view === undefined ? provenViews(evidence) : [detection.view],
    windowsInstaller: detection?.windowsInstaller ?? row.windowsInstaller,
    displayVersion: detection?.displayVersion ?? 'installer',
  };
}

function hasName(match: TextMatch): boolean {
  return Object.values(match).some((text) => text !== undefined);
}

type Identity = Pick<Detection, 'key' | 'displayName' | 'publisher' | 'evidence' | 'isLearnt'>;

function saidIdentity(detection: ArpDetection | undefined): Identity | null {
  if (detection === undefined) return null;
  const { key = null, displayName = {}, publisher = null, evidence } = detection;
  const isSaid = detection.key !== undefined || detection.displayName !== undefined;
  return isSaid ? { key, displayName, publisher, evidence, isLearnt: false } : null;
}

/**
 * Of the file's own row. The key of an Inno Setup is made of its AppId and stays; that of an MSI or a bundle is another
 * with each release, so the name tells it, without the version in it.
 */
function learntIdentity(
  technology: InstallerDefinition['technology'],
  { key, displayName, displayVersion, publisher, source }: ArpEvidence,
  version: string,
): Identity | null {
  if (!isProof(source)) return null;
  const learnt = { evidence: source, isLearnt: true };
  if (technology === 'inno') return { ...learnt, key, displayName: {}, publisher: null };
  const match = matchOfName(displayName, [displayVersion, version]);
  return match === null ? null : { ...learnt, key: null, displayName: match, publisher };
}

/** For people and for comparing: what the rules look for, without the version. Null where the definition states it. */
export function learntIdentityOf({ isLearnt, key, displayName, publisher, views }: Detection): string | null {
  if (!isLearnt) return null;
  const { equalTo, beginsWith = '', endsWith = '' } = displayName;
  const name = equalTo ?? `${beginsWith}<version>${endsWith}`;
  const by = publisher === null ? '' : ` by "${publisher}"`;
  return printable(`${key === null ? `"${name}"${by}` : `key "${key}"`}, ${views.join('/')}-bit view`, 400);
}

function isProof(source: string): source is EvidenceKind {
  return source === 'msi-tables' || source === 'inno-header' || source === 'burn-manifest';
}

function provenViews(evidence: readonly ArpEvidence[]): Detection['views'] {
  if (evidence.some(({ viewIsOpen }) => viewIsOpen === true)) return ['64', '32'];
  return [...new Set(evidence.map(({ view }) => view))];
}
