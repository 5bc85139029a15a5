import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describeFault, PermanentError } from '../../../core/errors.js';
import { UPD } from '../../../sus/namespaces.js';
import { attributeOf, childElements, childOf, parseXml, type XmlElement } from '../../../text/xml/index.js';
import type { ServedDriver } from '../wusp/drivers.js';
import { isTrue } from '../wusp/soap.js';
import { driversIn } from './drivers.js';

const SUFFIX = '.update.xml';
const MAX_DOCUMENT_BYTES = 16 << 20;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface DocumentFile {
  /** Base64 SHA-1, as in the document. */
  readonly digest: string;
  readonly fileName: string;
  readonly sizeBytes: number;
}

/** An `upd:Update` document as servers exchange them ([MS-WSUSSS] 2.2.2.1.1). */
export interface ImportedDocument {
  readonly path: string;
  /** Lower case. */
  readonly updateId: string;
  readonly revision: number;
  readonly updateType: 'Category' | 'Detectoid' | 'Software' | 'Driver';
  readonly isExpired: boolean;
  readonly isExplicitlyDeployable: boolean;
  /** Lower-case ids of the updates that this one bundles. */
  readonly bundled: readonly string[];
  readonly drivers: readonly ServedDriver[];
  readonly files: readonly DocumentFile[];
  readonly document: XmlElement;
}

export interface SetAside {
  readonly path: string;
  readonly reason: string;
}

/** The documents of a folder and its subfolders, the highest revision of each; what cannot be served is set aside. */
export function readDocuments(folder: string): {
  readonly documents: readonly ImportedDocument[];
  readonly setAside: readonly SetAside[];
} {
  const newest = new Map<string, ImportedDocument>();
  const setAside: SetAside[] = [];
  for (const path of documentPaths(folder)) {
    try {
      const read = readDocument(path);
      const known = newest.get(read.updateId);
      const [older, newer] =
        known === undefined || known.revision < read.revision ? [known, read] : [read, known];
      newest.set(read.updateId, newer);
      if (older !== undefined)
        setAside.push({ path: older.path, reason: `revision ${newer.revision} of it is in ${newer.path}` });
    } catch (error) {
      setAside.push({ path, reason: describeFault(error) });
    }
  }
  return { documents: [...newest.values()], setAside };
}

function documentPaths(folder: string): readonly string[] {
  try {
    // With their types folders that are links are not entered: two that lead upwards would never come to an end.
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(({ name }) => name.toLowerCase().endsWith(SUFFIX))
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort();
  } catch (cause) {
    throw new PermanentError('not-found', 'there is no such folder of documents', {
      where: folder,
      expected: `a folder of files named <id>${SUFFIX}`,
      found: cause instanceof Error ? cause.message : String(cause),
      nextStep: 'name another folder',
      cause,
    });
  }
}

function readDocument(path: string): ImportedDocument {
  if (statSync(path).size > MAX_DOCUMENT_BYTES)
    throw refused(path, `at most ${MAX_DOCUMENT_BYTES} bytes`, 'more');
  const document = parseXml(readFileSync(path), { where: path, maxBytes: MAX_DOCUMENT_BYTES });
  if (document.localName !== 'Update' || document.namespace !== UPD.namespace)
    throw refused(
      path,
      `the element Update of ${UPD.namespace}`,
      `${document.localName} of ${document.namespace}`,
    );
  const identity = childOf(document, 'UpdateIdentity');
  const updateId = (identity && attributeOf(identity, 'UpdateID'))?.toLowerCase() ?? '';
  const revision = Number((identity && attributeOf(identity, 'RevisionNumber')) ?? Number.NaN);
  if (!GUID.test(updateId)) throw refused(path, 'UpdateIdentity with a GUID as UpdateID', updateId);
  if (!Number.isSafeInteger(revision) || revision < 0)
    throw refused(path, 'a RevisionNumber', String(revision));
  const properties = childOf(document, 'Properties');
  const property = (name: string) => (properties && attributeOf(properties, name)) ?? null;
  return {
    path,
    updateId,
    revision,
    updateType: typeOf(path, property('UpdateType')),
    isExpired: property('PublicationState') === 'Expired',
    isExplicitlyDeployable: isTrue(property('ExplicitlyDeployable')),
    bundled: bundledIn(document),
    drivers: driversIn(document),
    files: filesOf(document),
    document,
  };
}

/** The schema's default is Software. */
function typeOf(path: string, text: string | null): ImportedDocument['updateType'] {
  if (text === null) return 'Software';
  if (text === 'Category' || text === 'Detectoid' || text === 'Software' || text === 'Driver') return text;
  throw refused(path, 'UpdateType Category, Detectoid, Software or Driver', text);
}

function bundledIn(document: XmlElement): readonly string[] {
  const relationships = childOf(document, 'Relationships');
  const bundled = relationships && childOf(relationships, 'BundledUpdates');
  const clauses = bundled === null ? [] : childElements(bundled);
  return clauses
    .flatMap((clause) => (clause.localName === 'AtLeastOne' ? childElements(clause) : [clause]))
    .map((id) => (attributeOf(id, 'UpdateID') ?? '').toLowerCase());
}

function filesOf(document: XmlElement): readonly DocumentFile[] {
  const files = childOf(document, 'Files');
  return (files === null ? [] : childElements(files, 'File')).map((file) => ({
    digest: attributeOf(file, 'Digest') ?? '',
    fileName: attributeOf(file, 'FileName') ?? '',
    sizeBytes: Number(attributeOf(file, 'Size') ?? 0),
  }));
}

function refused(where: string, expected: string, found: string): PermanentError {
  return new PermanentError('package.invalid', 'this is no update document that can be served', {
    where,
    expected,
    found,
  });
}
