import { PermanentError } from '../../core/errors.js';
import {
  attributeOf,
  childElements,
  childOf,
  parseXml,
  textOf,
  type XmlElement,
} from '../../text/xml/index.js';
import { USP } from '../namespaces.js';
import type { ServerFile, ServerItem, ServerProperties } from './server-properties.js';

export interface UpdateServicesPackage {
  /** The package inside; its root is in the `usp` namespace, its children are those of an SDP. */
  readonly package: XmlElement;
  readonly server: ServerProperties;
}

/** Reads a UpdateServicesPackage document. Throws PermanentError `payload.invalid` or `package.invalid`. */
export function readUsp(source: Uint8Array | string, where: string): UpdateServicesPackage {
  const root = parseXml(source, { where });
  if (root.localName !== 'UpdateServicesPackage' || root.namespace !== USP.namespace) {
    throw malformed(where, 'UpdateServicesPackage', root.localName);
  }
  return {
    package: required(root, 'SoftwareDistributionPackage', where),
    server: readServer(required(root, 'UpdateServicesProperties', where), where),
  };
}

function readServer(from: XmlElement, where: string): ServerProperties {
  const bundled = childOf(from, 'BundledUpdates');
  return {
    revision: numberOf(from, 'RevisionNumber', where),
    publisherId: attribute(from, 'PublisherID', where),
    productCategoryIds: childElements(from, 'ProductCategoryUpdateID').map(textOf),
    metadataOnly: attributeOf(from, 'MetadataOnly') === 'true',
    minDownloadSizeBytes: optionalNumber(from, 'MinDownloadSize', where),
    maxDownloadSizeBytes: optionalNumber(from, 'MaxDownloadSize', where),
    compatibleProtocolVersion: attributeOf(from, 'CompatibleProtocolVersion'),
    items: new Map(
      childElements(from, 'InstallableItemInfo').map((item) => [
        attribute(item, 'ID', where).toLowerCase(),
        readItem(item, where),
      ]),
    ),
    bundledUpdates: (bundled === null ? [] : childElements(bundled, 'UpdateIdentity')).map((identity) => ({
      updateId: attribute(identity, 'UpdateID', where),
      revision: numberOf(identity, 'RevisionNumber', where),
    })),
    bundleLanguages: childElements(from, 'BundleLanguage').map(textOf),
  };
}

function readItem(from: XmlElement, where: string): ServerItem {
  return {
    installPointDirectory: attributeOf(from, 'InstallPointDirectory'),
    files: childElements(from, 'File').map((file) => readFile(file, where)),
  };
}

function readFile(from: XmlElement, where: string): ServerFile {
  const digest = childOf(from, 'AdditionalDigest');
  return {
    digest: attribute(from, 'Digest', where),
    fileName: attribute(from, 'FileName', where),
    sizeBytes: numberOf(from, 'Size', where),
    modified: attribute(from, 'Modified', where),
    originUri: attributeOf(from, 'OriginUri'),
    sha256: digest === null ? null : textOf(digest),
  };
}

function required(from: XmlElement, name: string, where: string): XmlElement {
  const child = childOf(from, name);
  if (child === null) throw malformed(where, `${name} in ${from.localName}`, 'none');
  return child;
}

function attribute(from: XmlElement, name: string, where: string): string {
  const value = attributeOf(from, name);
  if (value === null) throw malformed(where, `${from.localName}/@${name}`, 'none');
  return value;
}

function optionalNumber(from: XmlElement, name: string, where: string): number | null {
  return attributeOf(from, name) === null ? null : numberOf(from, name, where);
}

function numberOf(from: XmlElement, name: string, where: string): number {
  const text = attribute(from, name, where);
  const value = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(value)) {
    throw malformed(where, `${from.localName}/@${name}, a whole number`, text);
  }
  return value;
}

function malformed(where: string, expected: string, found: string): PermanentError {
  return new PermanentError('package.invalid', "the server's package document cannot be understood", {
    where,
    expected,
    found,
  });
}
