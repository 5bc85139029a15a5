import { readFileSync, writeFileSync } from 'node:fs';
import { RESERVE_OFFSET, signedReserve, writeCabinet } from '../../../src/formats/cab/index.js';
import { ROOT_XML } from '../../../src/publishing/configmgr-catalog/root-xml.js';
import { packageInRoot } from '../../../src/publishing/configmgr-catalog/root-xml.js';
import {
  CERTIFICATE,
  creationDateOf,
  installerOf,
  packageIdOf,
  sdpOf,
  THUMBPRINT,
  updateOf,
} from '../samples.js';

const VENDOR = '11111111-1111-4111-8111-111111111111';
const PRODUCT = '22222222-2222-4222-8222-222222222222';
export const PACKAGES = 5;

/** The members of a sound v3 catalog, by name: what a fault changes. */
export type Members = Map<string, string | Buffer>;

const documentName = (n: number): string => `V2\\${packageIdOf(n)}.sdp`;

export interface CatalogDocumentSample {
  readonly packageId: string;
  readonly creationDate: string;
  readonly sdp: string;
}

function sampleDocuments(): readonly CatalogDocumentSample[] {
  return Array.from({ length: PACKAGES }, (_, index) => {
    const n = index + 1;
    const update = updateOf(n, n === 1 ? {} : { supersedes: [packageIdOf(n - 1)] });
    const [packageId, creationDate] = [packageIdOf(n), creationDateOf(1)];
    return { packageId, creationDate, sdp: sdpOf(update, installerOf(update, n), creationDate) };
  });
}

/** Of five updates, or of these. */
export function soundMembers(samples: readonly CatalogDocumentSample[] = sampleDocuments()): Members {
  const ids = samples.map(({ packageId }) => packageId);
  const documents = samples.map(({ packageId, sdp }) => [`V2\\${packageId}.sdp`, sdp] as const);
  const category = (Id: string, ParentId: string, Members: readonly string[]) =>
    [`V3\\${Id}.json`, JSON.stringify({ DisplayName: Id.slice(0, 4), Id, Members, ParentId })] as const;
  const root = documents.map(([name, sdp]) => packageInRoot(Buffer.from(sdp), name)).join('');
  return new Map<string, string | Buffer>([
    ['test.xml', `${ROOT_XML.head.toString().trimEnd()}\n${root}${ROOT_XML.tail}`],
    [`ContentCertificates\\${THUMBPRINT}.cer`, CERTIFICATE],
    ...documents,
    [
      'V2\\update_manifest.json',
      JSON.stringify(
        Object.fromEntries(samples.map(({ packageId, creationDate }) => [packageId, creationDate])),
      ),
    ],
    category(VENDOR, '', ids),
    category(PRODUCT, VENDOR, ids.slice(1)),
    ['V3\\update_categories.json', JSON.stringify([VENDOR, PRODUCT])],
  ]);
}

/** With bytes where a signature stands: who signed is not what these tests ask. */
export function writeCatalogFile(members: Members, path: string): Buffer {
  const list = [...members].map(([name, content]) => ({
    name,
    modified: creationDateOf(1),
    content: { bytes: Buffer.from(content) },
  }));
  const { sizeBytes } = writeCabinet(list, path, { signatureReserve: true });
  const bytes = Buffer.concat([readFileSync(path), Buffer.alloc(16)]);
  signedReserve({ offset: sizeBytes, sizeBytes: 16 }).copy(bytes, RESERVE_OFFSET);
  writeFileSync(path, bytes);
  return bytes;
}

export interface Fault {
  readonly name: string;
  /** Rules of which at least one must be found. */
  readonly rules: readonly string[];
  /** Changes one thing; `n` is the update that it is about, from 2. */
  readonly seed: (members: Members, n: number) => void;
}

/** In the document and in its twin, so that no other check can see it. */
function inPackage(name: string, rules: readonly string[], from: RegExp, to: string): Fault {
  return {
    name,
    rules,
    seed(members, n) {
      const sdp = textOf(members, documentName(n));
      const changed = sdp.replace(from, to);
      if (changed === sdp) throw new Error(`${name} changed nothing`);
      const inRoot = (text: string) => packageInRoot(Buffer.from(text), documentName(n));
      members.set(documentName(n), changed);
      members.set(
        'test.xml',
        textOf(members, 'test.xml').replace(inRoot(sdp), () => inRoot(changed)),
      );
    },
  };
}

function inMember(
  name: string,
  rules: readonly string[],
  member: (n: number) => string,
  change: (text: string, n: number) => string | Buffer,
): Fault {
  return {
    name,
    rules,
    seed(members, n) {
      members.set(member(n), change(textOf(members, member(n)), n));
    },
  };
}

function inJson(
  name: string,
  rules: readonly string[],
  member: string,
  change: (value: Record<string, unknown>, n: number) => unknown,
): Fault {
  return inMember(
    name,
    rules,
    () => member,
    (text, n) => JSON.stringify(change(JSON.parse(text), n)),
  );
}

function textOf(members: Members, name: string): string {
  return String(members.get(name));
}

const ROOT = 'test.xml';
const MANIFEST = 'V2\\update_manifest.json';
const PARENT = `V3\\${VENDOR}.json`;
const CHILD = `V3\\${PRODUCT}.json`;
const INDEX = 'V3\\update_categories.json';
const GUID = 'deadbeef-0000-4000-8000-000000000000';

export const FAULTS: readonly Fault[] = [
  inPackage('a reserved vendor', ['sdp.reserved-name'], /VendorName="[^"]*"/, 'VendorName="Microsoft"'),
  inPackage('a reserved product', ['sdp.reserved-name'], />Patchpress Updates</, '>Driver<'),
  inPackage(
    'Hotfixes',
    ['sdp.classification'],
    /UpdateClassification="Updates"/,
    'UpdateClassification="Hotfixes"',
  ),
  inPackage(
    'an unknown classification',
    ['sdp.unreadable'],
    /UpdateClassification="Updates"/,
    'UpdateClassification="Things"',
  ),
  inPackage(
    'a language twice',
    ['sdp.unique'],
    /(<sdp:LocalizedProperties>[\s\S]*<\/sdp:LocalizedProperties>)/,
    '$1$1',
  ),
  inPackage(
    'the item of another',
    ['sdp.item-id'],
    /(InstallableItem ID=")[^"]*/,
    `$1${packageIdOf(1).replace(/0$/, '1')}`,
  ),
  inPackage('a short digest', ['sdp.digest'], /( Digest=")[^"]*/, '$1AAAA'),
  inPackage('no size', ['sdp.size', 'sdp.unreadable'], /( Size=")[^"]*/, '$10'),
  inPackage('no SHA-256', ['sdp.digest'], /<sdp:AdditionalDigest[\s\S]*?<\/sdp:AdditionalDigest>/, ''),
  inPackage('a short SHA-256', ['sdp.digest'], /(<sdp:AdditionalDigest[^>]*>)[^<]*/, '$1AAAA'),
  inPackage('http', ['sdp.url'], /OriginUri="https:/, 'OriginUri="http:'),
  inPackage('ftp', ['sdp.url', 'sdp.unreadable'], /OriginUri="https:/, 'OriginUri="ftp:'),
  inPackage('no address', ['sdp.url'], / OriginUri="[^"]*"/, ''),
  inPackage('another program', ['sdp.program'], /Program="[^"]*"/, 'Program="other.exe"'),
  inPackage('blanks in a code', ['sdp.blanks'], /Code="0"/, 'Code=" 0"'),
  inPackage('a code twice', ['sdp.unique'], /(<cmd:ReturnCode [^>]*Code="0"[^>]*\/>)/, '$1$1'),
  inPackage(
    'an upper-case PackageID',
    ['sdp.id', 'v2.name'],
    /(PackageID=")([^"]*)/,
    `$1${GUID.toUpperCase()}`,
  ),
  inPackage('no PackageID', ['sdp.unreadable'], / PackageID="[^"]*"/, ''),
  inPackage('a title too long', ['sdp.length'], /(<sdp:Title>)[^<]*/, `$1${'x'.repeat(201)}`),
  inPackage('no title', ['sdp.unreadable', 'sdp.length'], /<sdp:Title>[^<]*<\/sdp:Title>/, ''),
  inPackage(
    'an element too many',
    ['sdp.schema-order'],
    /<sdp:Title>/,
    '<sdp:Subtitle>x</sdp:Subtitle><sdp:Title>',
  ),
  inPackage(
    'elements in another order',
    ['sdp.schema-order'],
    /(<sdp:Title>[^<]*<\/sdp:Title>)\s*(<sdp:Description>[^<]*<\/sdp:Description>)/,
    '$2$1',
  ),
  inPackage(
    'a version of three parts',
    ['sdp.version', 'sdp.unreadable', 'sdp.rule'],
    /Data="1\.2\.3\.4"/,
    'Data="1.2.3"',
  ),
  inPackage('no date', ['sdp.date', 'sdp.unreadable'], /(CreationDate=")[^"]*/, '$1yesterday'),
  inMember('other root text than V2', ['v2.twin'], documentName, (text) => text.replace(/Fixes/, 'Mends')),
  inMember('other root rules than V2', ['v2.twin'], documentName, (text) =>
    text.replace('1.2.3.4', '1.2.3.5'),
  ),
  inMember('an smc root', ['v2.root'], documentName, (text) =>
    text
      .replaceAll('sdp:SoftwareDistributionPackage', 'smc:SoftwareDistributionPackage')
      .replace(
        ' ',
        ' xmlns:smc="http://schemas.microsoft.com/sms/2005/04/CorporatePublishing/SystemsManagementCatalog.xsd" ',
      ),
  ),
  inMember('broken XML', ['v2.xml'], documentName, (text) => text.slice(0, -20)),
  { name: 'no document', rules: ['v2.set'], seed: (members, n) => members.delete(documentName(n)) },
  {
    name: 'a document under another name',
    rules: ['v2.name'],
    seed(members, n) {
      members.set(`V2\\${GUID}.sdp`, textOf(members, documentName(n)));
      members.delete(documentName(n));
    },
  },
  inMember(
    'a package twice',
    ['root.unique'],
    () => ROOT,
    (text) =>
      text.replace(/<smc:SoftwareDistributionPackage [\s\S]*?<\/smc:SoftwareDistributionPackage>/, '$&$&'),
  ),
  inMember(
    'a package less in the root',
    ['v2.set'],
    () => ROOT,
    (text) =>
      text.replace(/<smc:SoftwareDistributionPackage [\s\S]*?<\/smc:SoftwareDistributionPackage>/, ''),
  ),
  inMember(
    'another root element',
    ['root.name'],
    () => ROOT,
    (text) =>
      text
        .replaceAll('SystemsManagementCatalog ', 'Other ')
        .replace('/smc:SystemsManagementCatalog>', '/smc:Other>'),
  ),
  { name: 'no root XML', rules: ['root.one'], seed: (members) => members.delete(ROOT) },
  {
    name: 'two root XMLs',
    rules: ['root.one'],
    seed: (members) => members.set('other.xml', textOf(members, ROOT)),
  },
  inJson('another date in the manifest', ['manifest.date'], MANIFEST, (value, n) => ({
    ...value,
    [packageIdOf(n)]: creationDateOf(2),
  })),
  inJson('a package less in the manifest', ['manifest.set'], MANIFEST, ({ ...value }, n) => {
    delete value[packageIdOf(n)];
    return value;
  }),
  inJson('a package more in the manifest', ['manifest.set'], MANIFEST, (value) => ({
    ...value,
    [GUID]: creationDateOf(1),
  })),
  inMember(
    'a byte order mark',
    ['manifest.bom'],
    () => MANIFEST,
    (text) => `\ufeff${text}`,
  ),
  inMember(
    'no JSON',
    ['manifest.json'],
    () => MANIFEST,
    (text) => text.slice(1),
  ),
  { name: 'no manifest', rules: ['manifest.missing'], seed: (members) => members.delete(MANIFEST) },
  inJson('another Id', ['v3.category'], CHILD, (value) => ({ ...value, Id: GUID })),
  inJson('one name for a list', ['v3.category'], CHILD, (value, n) => ({
    ...value,
    Members: packageIdOf(n),
  })),
  inJson('null for a list', ['v3.category'], CHILD, (value) => ({ ...value, Members: null })),
  inJson('an unknown member', ['v3.member'], CHILD, (value) => ({ ...value, Members: [GUID] })),
  inJson('an unknown parent', ['v3.parent'], CHILD, (value) => ({ ...value, ParentId: GUID })),
  inJson('a circle', ['v3.parent'], PARENT, (value) => ({ ...value, ParentId: PRODUCT })),
  inJson('an update in no category', ['v3.unlisted'], PARENT, (value) => ({ ...value, Members: [] })),
  inMember(
    'an index of one less',
    ['v3.index'],
    () => INDEX,
    () => JSON.stringify([VENDOR]),
  ),
  inMember(
    'an index of one more',
    ['v3.index'],
    () => INDEX,
    () => JSON.stringify([VENDOR, PRODUCT, GUID]),
  ),
  inMember(
    'UTF-16',
    ['v3.encoding'],
    () => CHILD,
    (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  ),
  {
    name: 'a certificate under another name',
    rules: ['certificate.name'],
    seed(members) {
      members.delete(`ContentCertificates\\${THUMBPRINT}.cer`);
      members.set(`ContentCertificates\\${'0'.repeat(40)}.cer`, CERTIFICATE);
    },
  },
  {
    name: 'no certificates',
    rules: ['certificate.none'],
    seed: (members) => members.delete(`ContentCertificates\\${THUMBPRINT}.cer`),
  },
];
