#!/usr/bin/env node
// `npm run build && node scripts/product-schema.mjs`: writes catalogs/product.schema.json, by which editors check
// product definitions, from the schema that the program decodes them with.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiled = join(process.argv[2] ?? join(root, 'dist'), 'src', 'config', 'product-schema.js');
const { productJsonSchema } = await import(pathToFileURL(compiled).href);
const file = join(root, 'catalogs', 'product.schema.json');
writeFileSync(file, `${JSON.stringify(productJsonSchema(), null, 2)}\n`);
process.stdout.write(`${file}\n`);
