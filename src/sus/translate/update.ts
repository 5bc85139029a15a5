import { PermanentError } from '../../core/errors.js';
import {
  attributeOf,
  childElements,
  childOf,
  element,
  textOf,
  type XmlElement,
} from '../../text/xml/index.js';
import { SDP, UPD } from '../namespaces.js';
import { HANDLER_ELEMENTS, handlerSpecificData, handlerUri } from './handler.js';
import { relationships } from './relationships.js';
import type { ServerFile, ServerItem, ServerProperties } from './server-properties.js';

/**
 * The update that a server makes of a package with at most one item: what the product's stylesheet TranslateSdpToSus
 * does (wsus-publishing 2.3), rules and installer data still in the publishing namespaces. Text is copied as it stands.
 * Throws PermanentError `package.invalid` for several items: split them first.
 */
export function translatePackage(pkg: XmlElement, server: ServerProperties): XmlElement {
  const items = childElements(pkg, 'InstallableItem');
  const properties = childOf(pkg, 'Properties');
  if (items.length > 1 || properties === null) {
    throw new PermanentError('package.invalid', 'this package cannot become one update', {
      expected: 'Properties and at most one InstallableItem',
      found: `${items.length} items`,
    });
  }
  const item = items[0] ?? null;
  const info = server.items.get((item === null ? '' : (attributeOf(item, 'ID') ?? '')).toLowerCase()) ?? null;
  return upd('Update', {}, [
    upd('UpdateIdentity', {
      UpdateID: attributeOf(properties, 'PackageID'),
      RevisionNumber: String(server.revision),
    }),
    upd('Properties', propertiesAttributes(pkg, properties, item, server), [
      ...behavior('InstallationBehavior', server.metadataOnly ? null : inside(item, 'InstallProperties')),
      ...behavior('UninstallationBehavior', inside(item, 'UninstallProperties')),
      ...description(pkg, properties),
      ...languages(item, server),
    ]),
    upd('LocalizedPropertiesCollection', {}, childElements(pkg, 'LocalizedProperties').map(localized)),
    relationships(pkg, properties, server),
    ...applicability(inside(item, 'ApplicabilityRules')),
    ...filesElement(info, isPatch(item)),
    ...handlerSpecificData(item, info),
  ]);
}

function upd(
  name: string,
  attributes: Readonly<Record<string, string | null>> = {},
  children: readonly (XmlElement | string)[] = [],
): XmlElement {
  return element(UPD, name, attributes, children);
}

function inside(item: XmlElement | null, name: string): XmlElement | null {
  return item === null ? null : childOf(item, name);
}

function isPatch(item: XmlElement | null): boolean {
  return inside(item, HANDLER_ELEMENTS.patch) !== null;
}

function propertiesAttributes(
  pkg: XmlElement,
  properties: XmlElement,
  item: XmlElement | null,
  server: ServerProperties,
): Readonly<Record<string, string | null>> {
  const texts = childOf(pkg, 'LocalizedProperties');
  const data = childOf(pkg, 'UpdateSpecificData');
  const updateType = attributeOf(properties, 'UpdateType') ?? 'Software';
  const size = (bytes: number | null) => (bytes === null ? null : String(bytes));
  return {
    DefaultPropertiesLanguage: texts === null ? null : textIn(texts, 'Language'),
    CreationDate: attributeOf(properties, 'CreationDate'),
    PublisherID: server.publisherId,
    IsLocallyPublished: 'true',
    UpdateType: updateType,
    ExplicitlyDeployable: updateType === 'Detectoid' ? 'false' : 'true',
    PublicationState: attributeOf(properties, 'PublicationState') ?? 'Published',
    MinDownloadSize: size(server.minDownloadSizeBytes),
    MaxDownloadSize: size(server.maxDownloadSizeBytes),
    Handler: handlerUri(item, updateType),
    MsrcSeverity: data === null ? null : attributeOf(data, 'MsrcSeverity'),
    CanSourceBeRequired: attributeOf(properties, 'CanSourceBeRequired'),
    CompatibleProtocolVersion: server.compatibleProtocolVersion,
  };
}

/** All attributes, in the order in which the package has them. */
function behavior(name: string, from: XmlElement | null): readonly XmlElement[] {
  return from === null ? [] : [element(UPD, name, from.attributes)];
}

/** Of MoreInfoUrl and CveID only the first; the others stay in the stored package. */
function description(pkg: XmlElement, properties: XmlElement): readonly XmlElement[] {
  const data = childOf(pkg, 'UpdateSpecificData');
  const first = (from: XmlElement | null, name: string) => {
    const child = from === null ? null : childOf(from, name);
    return child === null ? [] : [upd(name, {}, [textOf(child)])];
  };
  return [
    ...first(properties, 'MoreInfoUrl'),
    ...first(properties, 'SupportUrl'),
    ...first(data, 'SecurityBulletinID'),
    ...first(data, 'CveID'),
    ...first(data, 'KBArticleID'),
  ];
}

function languages(item: XmlElement | null, server: ServerProperties): readonly XmlElement[] {
  const own = item === null ? [] : childElements(item, 'Language').map(textOf);
  const list = server.bundleLanguages.length > 0 ? server.bundleLanguages : own;
  return list.map((language) => upd('Language', {}, [language]));
}

function localized(from: XmlElement): XmlElement {
  const names = ['Language', 'Title', 'Description'].filter((name) => childOf(from, name) !== null);
  return upd(
    'LocalizedProperties',
    {},
    names.map((name) => upd(name, {}, [textIn(from, name)])),
  );
}

function applicability(rules: XmlElement | null): readonly XmlElement[] {
  if (rules === null) return [];
  const groups = childElements(rules).filter((group) => group.namespace === SDP.namespace);
  return [
    upd(
      'ApplicabilityRules',
      {},
      groups.map((group) => element(UPD, group.localName, [], group.children)),
    ),
  ];
}

function filesElement(info: ServerItem | null, patch: boolean): readonly XmlElement[] {
  const files = info?.files ?? [];
  return files.length === 0
    ? []
    : [
        upd(
          'Files',
          {},
          files.map((file) => fileElement(file, patch)),
        ),
      ];
}

function fileElement(file: ServerFile, patch: boolean): XmlElement {
  const attributes = {
    Digest: file.digest,
    FileName: file.fileName,
    Size: String(file.sizeBytes),
    Modified: file.modified,
    OriginUri: file.originUri,
    DigestAlgorithm: 'SHA1',
    PatchingType: patch ? 'SelfContained' : null,
  };
  const digests =
    file.sha256 === null ? [] : [upd('AdditionalDigest', { Algorithm: 'SHA256' }, [file.sha256])];
  return upd('File', attributes, digests);
}

function textIn(from: XmlElement, name: string): string {
  const child = childOf(from, name);
  return child === null ? '' : textOf(child);
}
