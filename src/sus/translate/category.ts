import { element, type XmlElement, XSI } from '../../text/xml/index.js';
import { CATEGORY, HANDLERS, SERVER_LAR, UPD } from '../namespaces.js';

export interface Category {
  readonly updateId: string;
  readonly revision: number;
  readonly type: 'Company' | 'Product' | 'UpdateClassification';
  readonly title: string;
  /** Of a Product: its Company. */
  readonly parentId: string | null;
  /** ISO 8601. */
  readonly creationDate: string;
  readonly publisherId: string;
}

/** Updates stand below products and classifications, products below companies; no other nesting is made for local ones. */
const PROHIBITS: Readonly<Record<Category['type'], { subcategories: boolean; updates: boolean }>> = {
  Company: { subcategories: false, updates: true },
  Product: { subcategories: true, updates: false },
  UpdateClassification: { subcategories: true, updates: false },
};

/** The update document of a category (wsus-publishing 2.6): always installed, so that what stands below it is offered. */
export function categoryUpdate(category: Category): XmlElement {
  return upd('Update', {}, [
    upd('UpdateIdentity', { UpdateID: category.updateId, RevisionNumber: String(category.revision) }),
    upd('Properties', {
      DefaultPropertiesLanguage: 'en',
      IsPublic: 'true',
      UpdateType: 'Category',
      Handler: HANDLERS.category,
      PublicationState: 'Published',
      CreationDate: category.creationDate,
      PublisherID: category.publisherId,
    }),
    upd('LocalizedPropertiesCollection', {}, [
      upd('LocalizedProperties', {}, [
        upd('Language', {}, ['en']),
        upd('Title', {}, [category.title]),
        upd('Description', {}, [category.title]),
      ]),
    ]),
    ...(category.parentId === null ? [] : [parentOf(category.parentId)]),
    upd('ApplicabilityRules', {}, [upd('IsInstalled', {}, [element(SERVER_LAR, 'True')])]),
    handlerData(category.type),
  ]);
}

function parentOf(parentId: string): XmlElement {
  const clause = upd('AtLeastOne', { IsCategory: 'true' }, [upd('UpdateIdentity', { UpdateID: parentId })]);
  return upd('Relationships', {}, [upd('Prerequisites', {}, [clause])]);
}

function handlerData(type: Category['type']): XmlElement {
  const { subcategories, updates } = PROHIBITS[type];
  const information = element(CATEGORY, 'CategoryInformation', {
    CategoryType: type,
    ProhibitsSubcategories: String(subcategories),
    ProhibitsUpdates: String(updates),
    DisplayOrder: '1',
  });
  const attribute = { namespace: XSI, prefix: 'xsi', localName: 'type', value: 'cat:Category' };
  return element(UPD, 'HandlerSpecificData', [attribute], [information]);
}

function upd(
  name: string,
  attributes: Readonly<Record<string, string | null>>,
  children: readonly (XmlElement | string)[] = [],
): XmlElement {
  return element(UPD, name, attributes, children);
}
