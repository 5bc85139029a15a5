import { createHash } from 'node:crypto';
import type { ByteSource } from '../../../core/bytes.js';
import { describeFault, PermanentError } from '../../../core/errors.js';
import { type CabinetEntry, readCabinet } from '../../../formats/cab/index.js';
import { SDP, SMC } from '../../../sus/namespaces.js';
import { readPackage } from '../../../sus/sdp/index.js';
import { parseXml, writeXml, type XmlElement } from '../../../text/xml/index.js';
import { rootChildren } from '../verify/root-packages.js';

const MAX_SDP_BYTES = 8 << 20;
const MAX_CERTIFICATE_BYTES = 64 << 10;
const MAX_DECODED_BYTES = 8 * 2 ** 30;

/** One document of a foreign catalog: its bytes, and what it says of itself. */
export interface ForeignDocument {
  readonly bytes: Buffer;
  readonly packageId: string;
  readonly creationDate: string;
  readonly vendor: string;
  readonly product: string;
  readonly title: string;
  readonly isExpired: boolean;
}

export interface SetAside {
  readonly where: string;
  readonly reason: string;
}

export interface ForeignCatalog {
  readonly documents: readonly ForeignDocument[];
  /** DER of `ContentCertificates`. */
  readonly certificates: readonly { readonly thumbprint: string; readonly der: Buffer }[];
  readonly setAside: readonly SetAside[];
  /** Every part of it was read: a package that is not among the documents is not in the catalog. */
  readonly isWhole: boolean;
}

interface Growing extends ForeignCatalog {
  readonly documents: ForeignDocument[];
  readonly certificates: { readonly thumbprint: string; readonly der: Buffer }[];
  readonly setAside: SetAside[];
  isWhole: boolean;
  readonly ids: Set<string>;
}

/**
 * A catalog of any generation: a cabinet (v1, v2, v3; an export of SCUP), or the root XML by itself. A document of `V2` is
 * taken byte for byte; a package that stands in the root XML alone becomes a document of its own. What cannot be
 * understood is set aside and stops nothing. PermanentError as `readCabinet`, and `payload.invalid` where it has no
 * package that can be read: nobody means such a file to withdraw everything.
 */
export function readForeignCatalog(source: ByteSource): ForeignCatalog {
  const growing = emptyCatalog();
  if (source.read(0, 4).toString('latin1') !== 'MSCF') {
    takeRoot(growing, piecesOf(source), 'root XML');
    return withPackages(growing);
  }
  const cabinet = readCabinet(source, { maxDecodedBytes: MAX_DECODED_BYTES });
  const roots: CabinetEntry[] = [];
  for (const member of inStoredOrder(cabinet.members)) {
    const name = member.name.replaceAll('/', '\\');
    const read = (limit: number) => cabinet.extract(member, limit);
    if (/^V2\\[^\\]+\.sdp$/i.test(name))
      attempt(growing, name, () => takeDocument(growing, read(MAX_SDP_BYTES), name));
    else if (/^ContentCertificates\\[^\\]+\.cer$/i.test(name))
      attempt(growing, name, () => takeCertificate(growing, read(MAX_CERTIFICATE_BYTES)));
    else if (/^[^\\]+\.xml$/i.test(name)) roots.push(member);
  }
  // After the documents, which it repeats.
  for (const root of roots) takeRoot(growing, cabinet.pieces(root), root.name);
  return withPackages(growing);
}

/** Documents that lie in a folder, each by itself. */
export function readForeignDocuments(
  files: Iterable<{ readonly where: string; readonly bytes: Buffer }>,
): ForeignCatalog {
  const growing = emptyCatalog();
  for (const { where, bytes } of files) attempt(growing, where, () => takeDocument(growing, bytes, where));
  return withPackages(growing);
}

function withPackages(catalog: Growing): ForeignCatalog {
  if (catalog.documents.length > 0) return catalog;
  const [first] = catalog.setAside;
  throw new PermanentError('payload.invalid', 'no package of a catalog can be read', {
    where: first?.where ?? 'the catalog',
    expected: 'update documents in V2, or packages in the XML at its root',
    found: first?.reason ?? 'none',
    nextStep: 'fetch the catalog again; nothing was changed',
  });
}

function emptyCatalog(): Growing {
  return { documents: [], certificates: [], setAside: [], isWhole: true, ids: new Set() };
}

/** A fault of ours or of the disk is none of the document. */
function attempt(into: Growing, where: string, take: () => void): void {
  try {
    take();
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    into.setAside.push({ where, reason: describeFault(error) });
    into.isWhole = false;
  }
}

function takeRoot(into: Growing, pieces: Iterable<Uint8Array>, where: string): void {
  attempt(into, where, () => {
    let count = 0;
    for (const one of rootChildren(pieces, where)) {
      if (one.localName !== 'SoftwareDistributionPackage') continue;
      count += 1;
      const at = `${where}: package ${count}`;
      attempt(into, at, () => {
        const { packageId } = readPackage(one, at).properties;
        if (!into.ids.has(packageId)) takeDocument(into, Buffer.from(writeXml(one), 'utf8'), at);
      });
    }
  });
}

/** A package of the root XML as a document of its own: its root in the namespace that a document has. */
function documentText(one: XmlElement): string {
  const isMine = ({ prefix }: { readonly prefix: string }) => prefix !== SMC.prefix && prefix !== SDP.prefix;
  const declarations = [SDP, ...one.declarations.filter(isMine)];
  return writeXml({ ...one, ...SDP, declarations });
}

function takeDocument(into: Growing, bytes: Buffer, where: string): void {
  const root = parseXml(bytes, { where, maxBytes: MAX_SDP_BYTES });
  const { properties, localizedProperties } = readPackage(root, where);
  if (into.ids.has(properties.packageId)) {
    into.setAside.push({
      where,
      reason: `the PackageID ${properties.packageId} once more: the first is taken`,
    });
    return;
  }
  into.ids.add(properties.packageId);
  const texts =
    localizedProperties.find(({ language }) => language.toLowerCase() === 'en') ?? localizedProperties[0];
  into.documents.push({
    // Lenovo's documents have the root of a catalog's package: no other reader takes them so.
    bytes: root.namespace === SDP.namespace ? bytes : Buffer.from(documentText(root), 'utf8'),
    packageId: properties.packageId,
    creationDate: properties.creationDate,
    vendor: properties.vendorName,
    product: properties.productNames[0] ?? 'Other',
    title: texts?.title ?? '',
    isExpired: properties.publicationState === 'Expired',
  });
}

function takeCertificate(into: Growing, der: Buffer): void {
  const thumbprint = createHash('sha1').update(der).digest('hex').toUpperCase();
  if (!into.certificates.some((one) => one.thumbprint === thumbprint))
    into.certificates.push({ thumbprint, der });
}

function inStoredOrder(members: readonly CabinetEntry[]): readonly CabinetEntry[] {
  return [...members].sort((a, b) => a.folder - b.folder || a.offset - b.offset);
}

function* piecesOf(source: ByteSource): Generator<Buffer> {
  const step = 1 << 20;
  for (let at = 0; at < source.sizeBytes; at += step) yield source.read(at, step);
}
