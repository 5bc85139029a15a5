import {
  attributeOf,
  childElements,
  childOf,
  element,
  textOf,
  type XmlElement,
} from '../../text/xml/index.js';
import {
  APPLICATIONS_CATEGORY,
  CLASSIFICATION_CATEGORY,
  CLIENT_SERVICING_DETECTOID,
  LOCAL_PRODUCT_CATEGORY,
  UPD,
} from '../namespaces.js';
import type { ServerProperties } from './server-properties.js';

/** Superseded, then prerequisites (product, classification, detectoid, the package's own), then bundled updates. */
export function relationships(pkg: XmlElement, properties: XmlElement, server: ServerProperties): XmlElement {
  const superseded = idsIn(childOf(pkg, 'SupersededPackages')).map((id) => identity(id));
  const bundled = server.bundledUpdates.map(({ updateId, revision }) => identity(updateId, revision));
  return upd('Relationships', [
    ...(superseded.length === 0 ? [] : [upd('SupersededUpdates', superseded)]),
    upd('Prerequisites', [
      clause(productCategories(server), true),
      clause(classificationCategory(pkg), true),
      ...(attributeOf(properties, 'RestrictToClientServicingApi') === 'true'
        ? [clause([CLIENT_SERVICING_DETECTOID], false)]
        : []),
      ...childElements(pkg, 'Prerequisites')
        .flatMap((list) => childElements(list, 'AtLeastOne'))
        .map((group) => clause(idsIn(group), false)),
    ]),
    ...(bundled.length === 0 ? [] : [upd('BundledUpdates', [upd('AtLeastOne', bundled)])]),
  ]);
}

function upd(name: string, children: readonly XmlElement[]): XmlElement {
  return element(UPD, name, {}, children);
}

function identity(id: string, revision?: number): XmlElement {
  const attributes = { UpdateID: id, RevisionNumber: revision === undefined ? null : String(revision) };
  return element(UPD, 'UpdateIdentity', attributes);
}

function clause(ids: readonly string[], isCategory: boolean): XmlElement {
  return element(
    UPD,
    'AtLeastOne',
    { IsCategory: isCategory ? 'true' : null },
    ids.map((id) => identity(id)),
  );
}

function idsIn(list: XmlElement | null): readonly string[] {
  return list === null ? [] : childElements(list, 'PackageID').map(textOf);
}

function productCategories({ productCategoryIds }: ServerProperties): readonly string[] {
  return productCategoryIds.length === 0 ? [LOCAL_PRODUCT_CATEGORY] : productCategoryIds;
}

/** Compared as text: `Hotfixes`, and a value with a blank around it, give a clause that nothing can satisfy. */
function classificationCategory(pkg: XmlElement): readonly string[] {
  const data = childOf(pkg, 'UpdateSpecificData');
  if (data === null) return [APPLICATIONS_CATEGORY];
  const name = attributeOf(data, 'UpdateClassification') ?? '';
  const id = Object.hasOwn(CLASSIFICATION_CATEGORY, name) ? CLASSIFICATION_CATEGORY[name] : undefined;
  return id === undefined ? [] : [id];
}
