import {
  coreFragment,
  eulaFragments,
  extendedFragment,
  localizedFragments,
} from '../../sus/fragments/index.js';
import { PUBLISHER_ID } from '../../sus/namespaces.js';
import { categoryUpdate, type ServerProperties, serverUpdate } from '../../sus/translate/index.js';
import { attributeOf, childElements, childOf, parseXml, type XmlElement } from '../../text/xml/index.js';
import { productCategoriesOf } from './categories.js';
import { createMemory } from './memory.js';
import { type PackageFacts, readPackageFacts } from './package-facts.js';
import type { StoredCategory, StoredContent, StoredUpdate, SupState } from './state.js';
import type { ServedUpdate } from './wusp/catalogue.js';

/** A category is evaluated, never installed: it is the way to what is filed under it. */
export function servedCategory(category: StoredCategory): ServedUpdate {
  const document = categoryUpdate({
    ...category,
    revision: 1,
    creationDate: category.changedAt,
    publisherId: PUBLISHER_ID,
  });
  return {
    ...deploymentOf(category),
    updateId: category.updateId,
    revision: 1,
    isCategory: true,
    action: 'Evaluate',
    ...toldOf(document),
    files: [],
  };
}

/** As approved for all computers, which is how ConfigMgr has its clients scan. */
export function servedUpdate(update: StoredUpdate, state: SupState): ServedUpdate {
  const facts = readPackageFacts(update.sdp);
  const properties = serverProperties(update, facts, state);
  const { content, sdp } = update;
  const key = JSON.stringify([sdp, { ...properties, items: [...properties.items] }]);
  return {
    ...deploymentOf(update),
    updateId: update.packageId,
    revision: update.revision,
    isCategory: false,
    action: 'Install',
    ...rememberTold(key, () => toldOf(serverUpdate(parseXml(sdp), properties))),
    files: content === null ? [] : [{ digest: content.sha1, extension: 'cab' }],
  };
}

const rememberTold = createMemory<ReturnType<typeof toldOf>>();

function deploymentOf(stored: StoredCategory | StoredUpdate) {
  const { revisionId, deploymentId, changedAt } = stored;
  return { revisionId, deploymentId, changedAt };
}

/** What clients are told of any update document. */
export function toldOf(document: XmlElement) {
  return {
    prerequisites: prerequisitesIn(document),
    core: coreFragment(document),
    extended: extendedFragment(document),
    localized: localizedFragments(document),
    eulas: eulaFragments(document),
  };
}

/** While there is no content the update is metadata only: it reports compliance and cannot be downloaded. */
function serverProperties(update: StoredUpdate, facts: PackageFacts, state: SupState): ServerProperties {
  const { content, packageId } = update;
  const item = {
    installPointDirectory: facts.isWindowsInstaller ? `${packageId}\\${facts.itemId}` : null,
    files: content === null ? [] : [fileOf(content)],
  };
  return {
    revision: update.revision,
    publisherId: PUBLISHER_ID,
    productCategoryIds: productCategoriesOf(state, facts),
    metadataOnly: content === null,
    minDownloadSizeBytes: content?.sizeBytes ?? null,
    maxDownloadSizeBytes: content?.sizeBytes ?? null,
    compatibleProtocolVersion: null,
    items: new Map(facts.itemId === null ? [] : [[facts.itemId, item]]),
    bundledUpdates: [],
    bundleLanguages: [],
  };
}

function fileOf(content: StoredContent) {
  const { sha1, sha256, fileName, sizeBytes, modified } = content;
  return { digest: sha1, fileName, sizeBytes, modified, originUri: null, sha256 };
}

/** A plain UpdateIdentity must hold; of an AtLeastOne one must. */
function prerequisitesIn(document: XmlElement): readonly (readonly string[])[] {
  const relationships = childOf(document, 'Relationships');
  const list = relationships === null ? null : childOf(relationships, 'Prerequisites');
  const clauses = list === null ? [] : childElements(list);
  return clauses.map((clause) => {
    const ids = clause.localName === 'AtLeastOne' ? childElements(clause, 'UpdateIdentity') : [clause];
    return ids.map((id) => (attributeOf(id, 'UpdateID') ?? '').toLowerCase());
  });
}
