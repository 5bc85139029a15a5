import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describeFault, PermanentError, printable } from '../core/errors.js';
import type { ProductCatalog } from '../core/ports.js';
import type { FeedDefinition, ProductDefinition } from '../core/product.js';
import { decode } from './decode.js';
import { ProductFile, ProductId } from './product-schema.js';

export interface KnownNames {
  readonly feedTypes: readonly string[];
  readonly versionSchemes: readonly string[];
  /** Throws PermanentError where a feed's options are not what its reader takes, or it cannot stand at its place. */
  readonly checkFeed?: (feed: FeedDefinition, place: number) => unknown;
}

const MOST_BYTES = 256 * 1024;

/**
 * All products, from folders in their order of precedence: an administrator's own file wins over a shipped one. A
 * faulty file is set aside and reported, the others go on; it also hides the file that it was meant to replace, as
 * nobody wants the replaced one back by a typing error. The last folder is the large one: of it a product that is asked
 * for by its id is read alone, and where `only` names ids, nothing else at all.
 */
export function loadProductCatalog(
  folders: readonly string[],
  known: KnownNames,
  only?: readonly string[],
): ProductCatalog {
  for (const folder of folders) requireFolder(folder);
  const [own, last] = [folders.slice(0, -1), folders.at(-1)];
  const first = readFolders(own, known);
  const single = new Map<string, ProductDefinition | null>();
  let whole: Read | null = null;
  const readWhole = (): Read => {
    whole ??= last === undefined ? first : readFolder(last, known, first, only && filesOf(only, last));
    return whole;
  };
  const readOne = (id: string): ProductDefinition | null => {
    if (last === undefined || first.taken.has(id.toLowerCase())) return first.products.get(id) ?? null;
    const read = single.get(id) ?? readPlace(last, id, known);
    single.set(id, read);
    return read;
  };
  return {
    get: (id) =>
      whole === null && only === undefined ? readOne(id) : (readWhole().products.get(id) ?? null),
    all: () => readWhole().sorted,
    faults: () => readWhole().faults,
  };
}

interface Read {
  readonly products: ReadonlyMap<string, ProductDefinition>;
  /** By id. */
  readonly sorted: readonly ProductDefinition[];
  readonly faults: readonly { readonly path: string; readonly message: string }[];
  /** Ids in lower case that nothing behind may define any more. */
  readonly taken: ReadonlySet<string>;
}

const NOTHING: Read = { products: new Map(), sorted: [], faults: [], taken: new Set() };

function readFolders(folders: readonly string[], known: KnownNames): Read {
  return folders.reduce<Read>((before, folder) => readFolder(folder, known, before), NOTHING);
}

function readFolder(
  folder: string,
  known: KnownNames,
  before: Read,
  paths: readonly string[] = jsonFilesIn(folder),
): Read {
  const products = new Map(before.products);
  const faults = [...before.faults];
  const taken = new Set(before.taken);
  for (const path of paths) {
    const place = relative(folder, path);
    taken.add(idOfPlace(place));
    try {
      const product = loadProduct(path, known);
      taken.add(product.id.toLowerCase());
      requirePlace(product.id, path, place);
      if (!before.taken.has(product.id.toLowerCase())) products.set(product.id, product);
    } catch (error) {
      faults.push({ path, message: `${idOfPlace(place)}: ${describeFault(error)}` });
    }
  }
  const sorted = [...products.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { products, sorted, faults, taken };
}

/** Null where the file is missing, faulty, or of another id. */
function readPlace(folder: string, id: string, known: KnownNames): ProductDefinition | null {
  const path = join(folder, placeOfProduct(id));
  if (!ProductId.safeParse(id).success || !existsSync(path)) return null;
  try {
    const product = loadProduct(path, known);
    return product.id === id ? product : null;
  } catch (error) {
    if (error instanceof PermanentError) return null;
    throw error;
  }
}

function requireFolder(folder: string): void {
  if (existsSync(folder)) return;
  throw new PermanentError('configuration.invalid', 'a folder of definitions does not exist', {
    where: folder,
    nextStep: 'create it, or correct `productDirs` in the settings',
  });
}

function jsonFilesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function filesOf(ids: readonly string[], folder: string): readonly string[] {
  return ids.map((id) => join(folder, placeOfProduct(id))).filter((path) => existsSync(path));
}

/** `openjs/nodejs.json` is for `openjs.nodejs`. */
function idOfPlace(place: string): string {
  return place
    .split(sep)
    .join('.')
    .replace(/\.json$/, '')
    .toLowerCase();
}

/** `OpenJS.NodeJS` stands in `openjs/nodejs.json`: the same on file systems that ignore case and those that do not. */
export function placeOfProduct(id: string): string {
  const [vendor = '', ...product] = id.toLowerCase().split('.');
  return join(vendor, `${product.join('.')}.json`);
}

function loadProduct(path: string, known: KnownNames): ProductDefinition {
  const product = decode(ProductFile, readJson(path), {
    code: 'definition.invalid',
    message: 'the definition has a fault and is set aside',
    where: path,
    nextStep: 'correct the file; catalogs/product.schema.json describes every member',
  });
  requireKnown(path, 'versionScheme', known.versionSchemes, product.versionScheme);
  for (const [index, feed] of product.feeds.entries()) {
    requireKnown(path, `feeds.${index}.type`, known.feedTypes, feed.type);
    known.checkFeed?.(feed, index);
  }
  return product;
}

function requirePlace(id: string, path: string, place: string): void {
  if (placeOfProduct(id) === place) return;
  throw new PermanentError(
    'definition.invalid',
    'the definition stands in the wrong place and is set aside',
    {
      where: path,
      expected: `${placeOfProduct(id)} for ${id}`,
      found: printable(place, 200),
      nextStep: 'move the file, or correct its id; an id stands in one file only',
    },
  );
}

function readJson(path: string): unknown {
  const sizeBytes = statSync(path).size;
  const problem =
    sizeBytes > MOST_BYTES
      ? new Error(`${sizeBytes} bytes`)
      : attempt(() => JSON.parse(readFileSync(path, 'utf8')));
  if (!(problem instanceof Error)) return problem;
  throw new PermanentError('definition.invalid', 'the definition cannot be read and is set aside', {
    where: path,
    expected: `a JSON file of at most ${MOST_BYTES} bytes`,
    found: problem.message,
    nextStep: 'correct the file',
  });
}

function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error;
  }
}

function requireKnown(path: string, member: string, names: readonly string[], found: string): void {
  if (names.includes(found)) return;
  throw new PermanentError('definition.invalid', 'the definition has a fault and is set aside', {
    where: `${path} at ${member}`,
    expected: `one of ${names.join(', ')}`,
    found: printable(found, 100),
    nextStep: 'correct the file',
  });
}
