import { childElements, childOf, type XmlElement } from '../../../text/xml/index.js';
import type { ServedCatalogue, ServedUpdate } from './catalogue.js';
import { SoapFault } from './faults.js';
import { type Build, textAt } from './soap.js';

/**
 * [MS-WUSP] 3.1.5.6 StartCategoryScan: of each group of categories that are wanted together the product is what SyncUpdates is to
 * be asked for. A group with a category that is not here is left out; one of another form ends it with nothing.
 */
export function startCategoryScan(
  build: Build,
  parameters: XmlElement,
  catalogue: ServedCatalogue,
): XmlElement {
  const wanted = childOf(parameters, 'requestedCategories');
  if (wanted === null) throw new SoapFault('Client', 'InvalidParameters', 'requestedCategories');
  const groups = [...groupsIn(wanted).values()].map((ids) =>
    ids.map((id) => ({ id, found: find(catalogue, id) })),
  );
  const missing = groups.flat().flatMap(({ id, found }) => (found === null ? [id] : []));
  const known = groups.filter((group) => group.every(({ found }) => found !== null));
  const products = known.map((group) => productOf(group));
  const preferred = products.flatMap((id) => id ?? []);
  const guids = (name: string, list: readonly string[]) =>
    list.length === 0 ? null : build(name, ...[...new Set(list)].map((id) => build('guid', id)));
  return build(
    'StartCategoryScanResponse',
    guids('preferredCategoryIds', products.includes(null) ? [] : preferred),
    guids('requestedCategoryIdsInError', missing),
  );
}

function groupsIn(wanted: XmlElement): ReadonlyMap<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const relationship of childElements(wanted)) {
    const index = textAt(relationship, 'IndexOfAndGroup')?.trim() ?? '';
    const group = groups.get(index) ?? [];
    group.push(textAt(relationship, 'CategoryId')?.trim() ?? '');
    groups.set(index, group);
  }
  return groups;
}

function find(catalogue: ServedCatalogue, id: string): ServedUpdate | null {
  const update = catalogue.byUpdateId(id);
  return update?.isCategory === true ? update : null;
}

interface Wanted {
  readonly id: string;
  readonly found: ServedUpdate | null;
}

/** Of a product alone, or with a classification; null: no other form is allowed. */
function productOf(group: readonly Wanted[]): string | null {
  const isClassification = ({ found }: Wanted) =>
    /CategoryType="UpdateClassification"/.test(found?.extended ?? '');
  const [product, ...more] = group.filter((one) => !isClassification(one));
  return product !== undefined && more.length === 0 && group.length <= 2 ? product.id : null;
}
