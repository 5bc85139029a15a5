import { createHash } from 'node:crypto';
import type { ByteSource } from '../../../core/bytes.js';
import { PermanentError, printable } from '../../../core/errors.js';
import type { SoftwareDistributionPackage } from '../../../core/update.js';
import { type Cabinet, type CabinetEntry, nameFault, readCabinet } from '../../../formats/cab/index.js';
import { SDP, SMC } from '../../../sus/namespaces.js';
import { parseXml } from '../../../text/xml/index.js';
import { type CatalogFinding, finding } from './finding.js';
import { type PackageFacts, type ReadPackage, readFacts } from './package-facts.js';
import { rootChildren } from './root-packages.js';

/** A catalog of any vendor and generation (configmgr-catalog 1.1), read once and kept as facts. */
export interface CatalogContents {
  /** By their order in the root XML. */
  readonly root: readonly PackageFacts[];
  /** `V2`: by file name without `.sdp`. */
  readonly documents: ReadonlyMap<string, PackageFacts>;
  /** Null: there is none. */
  readonly manifest: Readonly<Record<string, unknown>> | null;
  readonly categories: ReadonlyMap<string, unknown>;
  readonly categoryIndex: unknown;
  readonly certificates: readonly { readonly name: string; readonly thumbprint: string }[];
  /** What each member by itself breaks. */
  readonly findings: readonly CatalogFinding[];
}

export interface ReadOptions {
  /** Called with each package of the root XML, which is not kept. */
  readonly onPackage?: (pkg: SoftwareDistributionPackage) => void;
}

const MAX_SDP_BYTES = 8 << 20;
const MAX_LIST_BYTES = 64 << 20;
/** Of a whole catalog: Dell's root XML alone is 168 MB. */
const MAX_DECODED_BYTES = 8 * 2 ** 30;

/**
 * Reads a catalog cabinet, or the root XML by itself, in one pass. PermanentError `cabinet.malformed`,
 * `cabinet.unsupported` or `payload.invalid` where nothing can be said of it; all else becomes findings.
 */
export function readCatalog(source: ByteSource, options: ReadOptions = {}): CatalogContents {
  const growing = emptyContents(options);
  if (!isCabinet(source)) {
    readRoot(growing, piecesOf(source), 'root XML');
    return growing;
  }
  const cabinet = readCabinet(source, { maxDecodedBytes: MAX_DECODED_BYTES });
  growing.findings.push(...nameFindings(cabinet.members));
  const roots = cabinet.members.filter(({ name }) => isRoot(placed(name)));
  if (roots.length !== 1) {
    const found = roots.map(({ name }) => name);
    growing.findings.push(
      finding('root.one', 'the cabinet', { expected: 'one XML file at its root', found }),
    );
  }
  for (const member of inStoredOrder(cabinet.members)) readMember(growing, cabinet, member);
  return growing;
}

interface Growing extends CatalogContents {
  readonly root: PackageFacts[];
  readonly documents: Map<string, PackageFacts>;
  manifest: Readonly<Record<string, unknown>> | null;
  readonly categories: Map<string, unknown>;
  categoryIndex: unknown;
  readonly certificates: { readonly name: string; readonly thumbprint: string }[];
  readonly findings: CatalogFinding[];
  readonly onPackage: ((pkg: SoftwareDistributionPackage) => void) | undefined;
}

function emptyContents({ onPackage }: ReadOptions): Growing {
  return {
    root: [],
    documents: new Map(),
    manifest: null,
    categories: new Map(),
    categoryIndex: null,
    certificates: [],
    findings: [],
    onPackage,
  };
}

function readMember(into: Growing, cabinet: Cabinet, member: CabinetEntry): void {
  const name = placed(member.name);
  const bytes = (limit: number) => cabinet.extract(member, limit);
  const [, document] = /^V2\\(.+)\.sdp$/i.exec(name) ?? [];
  const [, category] = /^V3\\(.+)\.json$/i.exec(name) ?? [];
  if (isRoot(name)) readRoot(into, cabinet.pieces(member), name);
  else if (document !== undefined) readDocument(into, document, () => bytes(MAX_SDP_BYTES));
  else if (/^V2\\update_manifest\.json$/i.test(name)) {
    const value = readJson(into, name, bytes(MAX_LIST_BYTES), 'manifest');
    if (isRecord(value)) into.manifest = value;
    else into.findings.push(finding('manifest.form', name, { expected: 'an object', found: value }));
  } else if (category?.toLowerCase() === 'update_categories') {
    into.categoryIndex = readJson(into, name, bytes(MAX_LIST_BYTES), 'v3');
  } else if (category !== undefined) {
    into.categories.set(category, readJson(into, name, bytes(MAX_LIST_BYTES), 'v3'));
  } else if (/^ContentCertificates\\/i.test(name)) {
    const thumbprint = createHash('sha1').update(bytes(MAX_SDP_BYTES)).digest('hex').toUpperCase();
    into.certificates.push({ name: name.slice(name.indexOf('\\') + 1), thumbprint });
  } else {
    for (const _ of cabinet.pieces(member));
    into.findings.push(
      finding('cab.member', name, { level: 'note', expected: 'a member that catalogs have', found: name }),
    );
  }
}

function readRoot(into: Growing, pieces: Iterable<Uint8Array>, where: string): void {
  const [...head] = ['SystemsManagementCatalog', SMC.namespace];
  let isFirst = true;
  for (const element of rootChildren(pieces, where)) {
    if (isFirst) {
      isFirst = false;
      if (element.localName === head[0] && element.namespace === head[1]) continue;
      into.findings.push(
        finding('root.name', where, { expected: head.join(' of '), found: element.localName }),
      );
    } else if (element.localName === 'SoftwareDistributionPackage') {
      const at = `${where}: package ${into.root.length + 1}`;
      if (element.namespace !== SMC.namespace) {
        into.findings.push(
          finding('root.package', at, { expected: SMC.namespace, found: element.namespace }),
        );
      }
      const read = readFacts(element, at);
      into.root.push(read.facts);
      take(into, read);
    }
  }
}

function readDocument(into: Growing, name: string, bytes: () => Buffer): void {
  const where = `V2\\${name}.sdp`;
  try {
    const element = parseXml(bytes(), { where, maxBytes: MAX_SDP_BYTES });
    if (element.namespace !== SDP.namespace) {
      into.findings.push(
        finding('v2.root', where, {
          level: element.namespace === SMC.namespace ? 'warning' : 'error',
          expected: 'an sdp:SoftwareDistributionPackage',
          found: `${element.prefix}:${element.localName}`,
        }),
      );
    }
    const read = readFacts(element, where);
    into.documents.set(name, read.facts);
    into.findings.push(...read.findings);
  } catch (error) {
    if (!(error instanceof PermanentError) || error.code !== 'payload.invalid') throw error;
    into.findings.push(
      finding('v2.xml', error.where ?? where, { expected: 'an XML document', found: error.message }),
    );
  }
}

function take(into: Growing, { pkg, findings }: ReadPackage): void {
  into.findings.push(...findings);
  if (pkg !== null) into.onPackage?.(pkg);
}

/** UTF-8 as sites read it; what a converter wrote in UTF-16 is read, and told (configmgr-catalog 1.5). */
function readJson(into: Growing, where: string, bytes: Buffer, rule: 'manifest' | 'v3'): unknown {
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb;
  if (isWide || (isMarked && rule === 'manifest')) {
    into.findings.push(
      finding(isWide ? `${rule}.encoding` : `${rule}.bom`, where, {
        level: isWide && rule === 'manifest' ? 'error' : 'warning',
        expected: 'UTF-8 without a byte order mark',
        found: isWide ? 'UTF-16' : 'a byte order mark',
      }),
    );
  }
  try {
    const text = new TextDecoder(isWide ? 'utf-16le' : 'utf-8', { fatal: true }).decode(bytes);
    return JSON.parse(text) as unknown;
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    into.findings.push(finding(`${rule}.json`, where, { expected: 'a JSON document', found }));
    return null;
  }
}

/** Windows takes any letter case; other readers look for the names as every vendor writes them (configmgr-catalog 1.4, 1.5). */
const AS_VENDORS =
  /^(?:V2\\(?:[^\\]+\.sdp|update_manifest\.json)|V3\\(?:[0-9A-Fa-f-]+|update_categories)\.json)$/;
const AS_VENDORS_WRITE = String.raw`V2\*.sdp, V2\update_manifest.json, V3\<id>.json, V3\update_categories.json`;
const ANY_CASE = new RegExp(AS_VENDORS, 'i');

function nameFindings(members: readonly CabinetEntry[]): readonly CatalogFinding[] {
  const seen = new Set<string>();
  return members.flatMap(({ name }) => {
    const place = placed(name);
    const fault = nameFault(place);
    const isAgain = seen.has(place.toLowerCase());
    seen.add(place.toLowerCase());
    return [
      ...(fault === null
        ? []
        : [finding('cab.name', printable(name, 300), { expected: 'a relative path', found: fault })]),
      ...(isAgain ? [finding('cab.twice', name, { expected: 'each name once', found: 'again' })] : []),
      ...(ANY_CASE.test(place) && !AS_VENDORS.test(place)
        ? [finding('cab.case', name, { level: 'warning', expected: AS_VENDORS_WRITE, found: place })]
        : []),
    ];
  });
}

function inStoredOrder(members: readonly CabinetEntry[]): readonly CabinetEntry[] {
  return [...members].sort((a, b) => a.folder - b.folder || a.offset - b.offset);
}

const placed = (name: string): string => name.replaceAll('/', '\\');

const isRoot = (name: string): boolean => /^[^\\]+\.xml$/i.test(name);

function isCabinet(source: ByteSource): boolean {
  return source.read(0, 4).toString('latin1') === 'MSCF';
}

function* piecesOf(source: ByteSource): Generator<Buffer> {
  const step = 1 << 20;
  for (let at = 0; at < source.sizeBytes; at += step) yield source.read(at, step);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
