import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { PermanentError } from '../core/errors.js';
import { decode } from './decode.js';
import { Line } from './text-match.js';

/** Identity of a catalog: `catalogs/<name>.catalog.json`. What stands in WSUS never changes once it was published. */
const CatalogFile = z.strictObject({
  $schema: z.string().optional(),
  /** The base name of the cabinet and of its root document. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and dashes'),
  /** What an administrator types when subscribing (configmgr-catalog 2). */
  publisher: Line.max(100),
  description: Line.max(200),
  /** The vendor and the product that an administrator ticks once under Products. */
  vendorName: Line.max(100),
  productName: Line.max(100),
  supportUrl: z
    .url({ protocol: /^https$/ })
    .nullable()
    .default(null),
});

export type CatalogDefinition = Readonly<Omit<z.infer<typeof CatalogFile>, '$schema'>>;

export function loadCatalog(file: string): CatalogDefinition {
  return decodeCatalog(readJson(file), file);
}

/** PermanentError `configuration.invalid`. */
export function decodeCatalog(value: unknown, where: string): CatalogDefinition {
  const { $schema: _, ...catalog } = decode(CatalogFile, value, {
    code: 'configuration.invalid',
    message: 'the catalog cannot be used',
    where,
    nextStep: 'correct the file; catalogs/README.md lists every member',
  });
  return catalog;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new PermanentError('configuration.invalid', 'the catalog cannot be read', {
      where: file,
      expected: 'a JSON file',
      found: error instanceof Error ? error.message : String(error),
      nextStep: 'correct `catalog` in the settings, or the file',
      cause: error,
    });
  }
}
