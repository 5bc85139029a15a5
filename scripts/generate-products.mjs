#!/usr/bin/env node
// `npm run build && node scripts/generate-products.mjs [--facts FILE] [--build DIR] [--check] [--prune]`: writes
// catalogs/products from collected facts. catalogs/generated.json remembers what was written: a member that a person
// has changed since then stays, and a file that is not named there belongs to a person and is never touched.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    facts: { type: 'string', default: join(root, '..', 'shared', 'facts', 'products.jsonl') },
    build: { type: 'string', default: join(root, 'dist') },
    out: { type: 'string', default: join(root, 'catalogs') },
    check: { type: 'boolean', default: false },
    prune: { type: 'boolean', default: false },
  },
});
const compiled = (path) => import(pathToFileURL(join(options.build, 'src', path)).href);
const { ProductFactsSchema } = await compiled('config/drafts/facts.js');
const { draftProduct, rated } = await compiled('config/drafts/product.js');
const { hashesOf, isUntouched, renew } = await compiled('config/drafts/renewal.js');
const { inOrder, membersOf, textOfMembers } = await compiled('config/drafts/product-file.js');
const { ProductFile } = await compiled('config/product-schema.js');
const { placeOfProduct } = await compiled('config/products.js');
const { checkFeed } = await compiled('feeds/index.js');

const products = join(options.out, 'products');
const record = join(options.out, 'generated.json');
const written = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : {};
const counts = new Map();
const count = (what) => counts.set(what, (counts.get(what) ?? 0) + 1);
const remember = {};

for (const line of readFileSync(options.facts, 'utf8').split('\n')) {
  if (line.trim() !== '') renewProduct(ProductFactsSchema.parse(JSON.parse(line)));
}
for (const place of Object.keys(written).filter((one) => !(one in remember))) dropProduct(place);
if (!options.check) writeFileSync(record, recordText(remember));
printCounts();

function renewProduct(facts) {
  const place = placeOfProduct(facts.id).split(sep).join('/');
  const file = join(products, place);
  const standing = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
  if (standing !== null && !(place in written)) return count('kept: belongs to a person');
  const draft = draftProduct(facts, checkFeed);
  if (draft.product === null) return count(`left out: ${draft.leftOut}`);
  if (standing === null && place in written) {
    remember[place] = written[place];
    return count('left out: a person deleted it');
  }
  const fresh = membersOf(draft.product);
  const merged = standing === null ? { members: fresh, hashes: hashesOf(fresh), kept: [] } : renewal();
  remember[place] = merged.hashes;
  if (merged.kept.length > 0) report(place, `kept as a person wrote it: ${merged.kept.join(', ')}`);
  put(file, place, standing, merged.members);

  /** What a person changed may change the tier too. */
  function renewal() {
    const renewed = renew(standing, written[place], fresh);
    if (renewed.kept.length === 0 || renewed.kept.includes('tier')) return renewed;
    const { $schema: _, tier: _tier, lacks: _lacks, ...product } = renewed.members;
    return renew(standing, written[place], membersOf(rated(product, draft.notes)));
  }
}

function put(file, place, standing, members) {
  const { $schema: _, ...product } = members;
  const decoded = ProductFile.safeParse(product);
  if (!decoded.success) {
    report(place, decoded.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '));
    delete remember[place];
    return count(
      `left out: ${decoded.error.issues[0].path.join('.').replace(/\d+/g, 'n')} cannot be decoded`,
    );
  }
  count(`tier ${product.tier}`);
  const text = textOfMembers(inOrder(members));
  if (standing !== null && readFileSync(file, 'utf8') === text) return count('unchanged');
  count(standing === null ? 'written' : 'renewed');
  if (options.check) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** The facts name it no longer, or no longer as one that can be patched. */
function dropProduct(place) {
  const file = join(products, place);
  if (!existsSync(file)) return;
  const standing = JSON.parse(readFileSync(file, 'utf8'));
  const isPruned = options.prune && isUntouched(standing, written[place]);
  report(place, isPruned ? 'dropped by the facts: deleted' : 'dropped by the facts: kept');
  count(isPruned ? 'deleted' : 'dropped by the facts, kept');
  if (!isPruned) remember[place] = written[place];
  else if (!options.check) rmSync(file);
}

function report(place, what) {
  process.stderr.write(`${place}: ${what}\n`);
}

/** One product on a line: a change of one is a change of one line. */
function recordText(hashes) {
  const lines = Object.keys(hashes)
    .sort()
    .map((place) => `${JSON.stringify(place)}: ${JSON.stringify(hashes[place])}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

function printCounts() {
  const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [what, number] of rows) process.stdout.write(`${String(number).padStart(6)}  ${what}\n`);
}
