import { createHash } from 'node:crypto';
import { z } from 'zod';
import { printable } from '../../../core/errors.js';
import { type Cabinet, readCabinet } from '../../../formats/cab/index.js';
import { withFileSource } from '../../../formats/file-source.js';
import {
  attributeOf,
  childElements,
  childOf,
  parseXml,
  withoutLayout,
  type XmlElement,
} from '../../../text/xml/index.js';
import { SiteRefusal } from '../refusal.js';

const MAX_DECODED_BYTES = 512 << 20;
const MAX_XML_BYTES = 256 << 20;
const MAX_SDP_BYTES = 8 << 20;
const SMC = 'http://schemas.microsoft.com/sms/2005/04/CorporatePublishing/SystemsManagementCatalog.xsd';

export interface CatalogPackage {
  readonly packageId: string;
  readonly creationDate: string;
  /** The text of `V2\<id>.sdp`. */
  readonly sdp: string;
}

export interface CatalogCategory {
  readonly id: string;
  readonly displayName: string;
  readonly parentId: string;
  readonly members: readonly string[];
}

/** A v3 catalog (configmgr-catalog 1): the parts an agent imports, checked against each other. */
export interface CatalogFile {
  readonly packages: readonly CatalogPackage[];
  /** Upper-case SHA-1 thumbprints. */
  readonly contentCertificates: readonly string[];
  readonly categories: readonly CatalogCategory[];
}

/** Reads a catalog cabinet. SiteRefusal where its parts do not fit; PermanentError from the cabinet or XML reader. */
export function readCatalogFile(path: string): CatalogFile {
  return withFileSource(path, (source) => {
    const cabinet = readCabinet(source, { maxDecodedBytes: MAX_DECODED_BYTES });
    const members = readMembers(cabinet);
    const rootPackages = readRoot(members);
    const manifest = readManifest(members);
    const packages = readPackages(members, manifest, rootPackages);
    return {
      packages,
      contentCertificates: readCertificates(members),
      categories: readCategories(members, new Set(manifest.keys())),
    };
  });
}

/** Names in upper case to bytes. */
type Members = ReadonlyMap<string, Buffer>;

function readMembers(cabinet: Cabinet): Members {
  const members = new Map<string, Buffer>();
  for (const { member, bytes } of cabinet.extractAll(MAX_DECODED_BYTES)) {
    members.set(member.name.replaceAll('/', '\\').toUpperCase(), bytes);
  }
  return members;
}

function readRoot(members: Members): ReadonlyMap<string, XmlElement> {
  const names = [...members.keys()].filter((name) => !name.includes('\\') && name.endsWith('.XML'));
  const [name] = names;
  if (names.length !== 1 || name === undefined) {
    throw refuse(`${names.length} XML files at the root of the cabinet, expected 1`);
  }
  const root = parseXml(members.get(name) ?? '', { where: name, maxBytes: MAX_XML_BYTES });
  if (root.localName !== 'SystemsManagementCatalog' || root.namespace !== SMC) {
    throw refuse(`the root of ${name} is ${printable(root.localName)}`);
  }
  const packages = new Map<string, XmlElement>();
  for (const child of childElements(root, 'SoftwareDistributionPackage')) {
    packages.set(packageIdOf(child, name), child);
  }
  return packages;
}

function packageIdOf(from: XmlElement, where: string): string {
  const properties = childOf(from, 'Properties');
  const id = properties === null ? null : attributeOf(properties, 'PackageID');
  if (id === null) throw refuse(`a package without PackageID in ${printable(where)}`);
  return id.toLowerCase();
}

const Manifest = z.record(z.guid(), z.iso.datetime({ offset: true, local: true }));

/** `V2\update_manifest.json`: PackageID to CreationDate, how the agent finds what is new without opening each SDP. */
function readManifest(members: Members): ReadonlyMap<string, string> {
  const manifest = Manifest.safeParse(readJson(members, 'V2\\UPDATE_MANIFEST.JSON'));
  if (!manifest.success) throw refuse('V2\\update_manifest.json is not a list of PackageID and CreationDate');
  return new Map(Object.entries(manifest.data).map(([id, date]) => [id.toLowerCase(), date]));
}

function readPackages(
  members: Members,
  manifest: ReadonlyMap<string, string>,
  twins: ReadonlyMap<string, XmlElement>,
): readonly CatalogPackage[] {
  const files = [...members.keys()].filter((name) => /^V2\\[^\\]*\.SDP$/.test(name));
  const ids = new Set(files.map((name) => name.slice(3, -4).toLowerCase()));
  requireSame('V2 folder and update_manifest.json', ids, new Set(manifest.keys()));
  requireSame('V2 folder and root XML', ids, new Set(twins.keys()));
  return files.map((name) => {
    const bytes = members.get(name) ?? Buffer.alloc(0);
    const root = parseXml(bytes, { where: name, maxBytes: MAX_SDP_BYTES });
    const packageId = packageIdOf(root, name);
    const properties = childOf(root, 'Properties');
    const creationDate = properties === null ? null : attributeOf(properties, 'CreationDate');
    if (`V2\\${packageId.toUpperCase()}.SDP` !== name) throw refuse(`${name} holds package ${packageId}`);
    if (creationDate === null || creationDate !== manifest.get(packageId)) {
      throw refuse(`CreationDate of ${packageId} differs between its SDP and update_manifest.json`);
    }
    const twin = twins.get(packageId);
    if (twin === undefined || contentOf(root) !== contentOf(twin)) {
      throw refuse(`package ${packageId} differs between V2 and the root XML`);
    }
    return { packageId, creationDate, sdp: bytes.toString('utf8').replace(/^\uFEFF/, '') };
  });
}

/** All but the root's own name and SchemaVersion, which real catalogs have different in the two places. */
function contentOf(root: XmlElement): string {
  return JSON.stringify(withoutLayout(root).children, (key, value: unknown) =>
    key === 'prefix' || key === 'declarations' ? undefined : value,
  );
}

function requireSame(what: string, a: ReadonlySet<string>, b: ReadonlySet<string>): void {
  const odd = [...a].find((id) => !b.has(id)) ?? [...b].find((id) => !a.has(id));
  if (odd !== undefined) throw refuse(`${what} do not list the same packages: ${printable(odd)}`);
}

function readCertificates(members: Members): readonly string[] {
  const thumbprints: string[] = [];
  for (const [name, der] of members) {
    const match = /^CONTENTCERTIFICATES\\([0-9A-F]{40})\.CER$/.exec(name);
    if (match === null) continue;
    const thumbprint = createHash('sha1').update(der).digest('hex').toUpperCase();
    if (thumbprint !== match[1]) throw refuse(`certificate file ${name} holds ${thumbprint}`);
    thumbprints.push(thumbprint);
  }
  if (thumbprints.length === 0) {
    throw new SiteRefusal(11523, 'the catalog has no content certificates (an old format)');
  }
  return thumbprints;
}

const Category = z.object({
  DisplayName: z.string().min(1),
  Id: z.guid(),
  Members: z.array(z.guid()),
  ParentId: z.union([z.guid(), z.literal('')]),
});

function readCategories(members: Members, known: ReadonlySet<string>): readonly CatalogCategory[] {
  if (!members.has('V3\\UPDATE_CATEGORIES.JSON')) return [];
  const ids = z.array(z.guid()).safeParse(readJson(members, 'V3\\UPDATE_CATEGORIES.JSON'));
  if (!ids.success) throw refuse('V3\\update_categories.json is not a list of ids');
  return ids.data.map((id) => {
    const category = Category.safeParse(readJson(members, `V3\\${id.toUpperCase()}.JSON`));
    if (!category.success || category.data.Id.toLowerCase() !== id.toLowerCase()) {
      throw refuse(`category ${id} is malformed`);
    }
    const { DisplayName, ParentId, Members: list } = category.data;
    const stray = list.find((member) => !known.has(member.toLowerCase()));
    if (stray !== undefined)
      throw refuse(`category ${id} lists package ${stray}, which is not in the catalog`);
    const parentId = ParentId.toLowerCase();
    if (parentId !== '' && !ids.data.some((other) => other.toLowerCase() === parentId)) {
      throw refuse(`category ${id} has no parent ${parentId}`);
    }
    return {
      id: id.toLowerCase(),
      displayName: DisplayName,
      parentId,
      members: list.map((member) => member.toLowerCase()),
    };
  });
}

function readJson(members: Members, name: string): unknown {
  const bytes = members.get(name);
  if (bytes === undefined) throw refuse(`${name} is not in the catalog`);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw refuse(`${name} is no JSON`);
  }
}

function refuse(text: string): SiteRefusal {
  return new SiteRefusal(null, `the catalog is refused: ${text}`);
}
