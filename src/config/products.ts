import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describeFault, PermanentError, printable } from '../core/errors.js';
import type { ProductCatalog } from '../core/ports.js';
import type { FeedDefinition, ProductDefinition } from '../core/product.js';
import { decode } from './decode.js';
import { ProductFile } from './product-schema.js';

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
 * nobody wants the replaced one back by a typing error.
 */
export function loadProductCatalog(folders: readonly string[], known: KnownNames): ProductCatalog {
  const products = new Map<string, ProductDefinition>();
  const faults: { path: string; message: string }[] = [];
  const taken = new Set<string>();
  for (const folder of folders) {
    const claimed = new Set<string>();
    for (const path of jsonFilesIn(folder)) {
      const place = relative(folder, path);
      claimed.add(idOfPlace(place));
      try {
        const product = loadProduct(path, known);
        claimed.add(product.id.toLowerCase());
        requirePlace(product.id, path, place);
        if (!taken.has(product.id.toLowerCase())) products.set(product.id, product);
      } catch (error) {
        faults.push({ path, message: `${idOfPlace(place)}: ${describeFault(error)}` });
      }
    }
    for (const id of claimed) taken.add(id);
  }
  const sorted = [...products.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { get: (id) => products.get(id) ?? null, all: () => sorted, faults: () => faults };
}

function jsonFilesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) {
    throw new PermanentError('configuration.invalid', 'a folder of definitions does not exist', {
      where: folder,
      nextStep: 'create it, or correct `productDirs` in the settings',
    });
  }
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
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
