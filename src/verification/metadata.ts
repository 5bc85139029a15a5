import type { ApplicabilityRules } from '../core/applicability.js';
import { PermanentError } from '../core/errors.js';
import type { InstallHandler } from '../core/update.js';
import { readApplicabilityRules } from '../sus/rules/index.js';
import {
  attributeOf,
  childElements,
  childOf,
  parseXmlFragment,
  textOf,
  type XmlElement,
} from '../text/xml/index.js';
import { type DriverEntry, readDrivers } from './drivers.js';
import { readHandler } from './handler.js';
import { type ExpectedFile, sameDigest } from './wusp/content.js';
import { violation } from './wusp/soap.js';

/** What a client learns of an update from its Core fragment ([MS-WUSP] 3.1.1.1); ids in lower case. */
export interface CoreFacts {
  readonly updateId: string;
  readonly revision: number;
  /** `Software`, `Category`, `Detectoid`, `Driver`. */
  readonly updateType: string;
  /** AND of ORs. */
  readonly prerequisites: readonly (readonly string[])[];
  readonly supersedes: readonly string[];
  /** AND of ORs: the members of a bundle. */
  readonly bundled: readonly (readonly string[])[];
  readonly rules: ApplicabilityRules;
  /** Of a driver: what it is for. */
  readonly drivers: readonly DriverEntry[];
}

/** What it learns from the Extended fragment. */
export interface ExtendedFacts {
  readonly files: readonly ExpectedFile[];
  readonly handler: InstallHandler | null;
}

const MAX_FRAGMENT_BYTES = 8 << 20;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Throws PermanentError `payload.invalid`, `package.invalid` (rules) or `protocol.violation`. */
export function readCore(xml: string, where: string): CoreFacts {
  const roots = fragmentOf(xml, where);
  const identity = roots.get('UpdateIdentity');
  const properties = roots.get('Properties');
  if (identity === undefined || properties === undefined) {
    throw violation(where, 'UpdateIdentity and Properties in Core', [...roots.keys()].join(', '));
  }
  const relationships = roots.get('Relationships') ?? null;
  const rules = roots.get('ApplicabilityRules') ?? null;
  return {
    updateId: idOf(identity, where),
    revision: numberOf(identity, 'RevisionNumber', where),
    updateType: attributeOf(properties, 'UpdateType') ?? 'Software',
    prerequisites: clausesIn(relationships, 'Prerequisites', where),
    supersedes: clausesIn(relationships, 'SupersededUpdates', where).flat(),
    bundled: clausesIn(relationships, 'BundledUpdates', where),
    rules: readApplicabilityRules(rules),
    drivers: readDrivers(rules),
  };
}

/** `readCore` for many scans of one server: what was read well once is not read again. */
export function rememberCores(): typeof readCore {
  const known = new Map<string, CoreFacts>();
  return (xml, where) => {
    const core = known.get(xml) ?? readCore(xml, where);
    known.set(xml, core);
    return core;
  };
}

/** Throws PermanentError `payload.invalid` or `protocol.violation`. */
export function readExtended(xml: string, where: string): ExtendedFacts {
  const roots = fragmentOf(xml, where);
  if (!roots.has('ExtendedProperties')) {
    throw violation(where, 'ExtendedProperties in Extended', [...roots.keys()].join(', '));
  }
  const files = roots.get('Files');
  const handler = roots.get('HandlerSpecificData');
  return {
    files: files === undefined ? [] : childElements(files, 'File').map((file) => readFile(file, where)),
    handler: handler === undefined ? null : readHandler(handler, where),
  };
}

/** The title of a LocalizedProperties fragment; null where there is none that can be read. */
export function titleOf(localized: string | undefined): string | null {
  try {
    const [root] = parseXmlFragment(localized ?? '', { maxBytes: MAX_FRAGMENT_BYTES });
    const title = root === undefined ? null : childOf(root, 'Title');
    return title === null ? null : textOf(title).slice(0, 200);
  } catch (error) {
    if (error instanceof PermanentError) return null;
    throw error;
  }
}

/** A fragment is a row of elements without namespaces, each at most once. */
function fragmentOf(xml: string, where: string): ReadonlyMap<string, XmlElement> {
  const roots = parseXmlFragment(xml, { where, maxBytes: MAX_FRAGMENT_BYTES });
  const byName = new Map(roots.map((root) => [root.localName, root]));
  if (byName.size !== roots.length) throw violation(where, 'each element once in a fragment', 'one twice');
  return byName;
}

/** A plain UpdateIdentity must hold; of an AtLeastOne one must. */
function clausesIn(relationships: XmlElement | null, name: string, where: string): readonly string[][] {
  const list = relationships === null ? null : childOf(relationships, name);
  if (list === null) return [];
  return childElements(list).map((entry) => {
    if (entry.localName === 'UpdateIdentity') return [idOf(entry, where)];
    if (entry.localName !== 'AtLeastOne')
      throw violation(where, 'UpdateIdentity or AtLeastOne', entry.localName);
    return childElements(entry, 'UpdateIdentity').map((identity) => idOf(identity, where));
  });
}

function idOf(identity: XmlElement, where: string): string {
  const id = attributeOf(identity, 'UpdateID')?.toLowerCase() ?? '';
  if (!GUID.test(id)) throw violation(where, 'UpdateIdentity/@UpdateID, a GUID', id);
  return id;
}

function readFile(file: XmlElement, where: string): ExpectedFile {
  const algorithm = attributeOf(file, 'DigestAlgorithm') ?? 'SHA1';
  const sha1 = sameDigest(attributeOf(file, 'Digest') ?? '');
  if (algorithm !== 'SHA1' || Buffer.from(sha1, 'base64').length !== 20) {
    throw violation(where, 'File/@Digest, a SHA-1', `${algorithm} ${sha1}`);
  }
  const sha256 = childElements(file, 'AdditionalDigest').find(
    (digest) => attributeOf(digest, 'Algorithm') === 'SHA256',
  );
  return {
    fileName: attributeOf(file, 'FileName') ?? '',
    sizeBytes: numberOf(file, 'Size', where),
    sha1,
    sha256: sha256 === undefined ? null : sameDigest(textOf(sha256)),
  };
}

function numberOf(from: XmlElement, name: string, where: string): number {
  const text = attributeOf(from, name) ?? '';
  const value = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(value)) {
    throw violation(where, `${from.localName}/@${name}, a whole number`, text);
  }
  return value;
}
