import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decode } from '../../config/decode.js';
import type { ProductFacts } from '../../config/drafts/facts.js';
import { factsOfInspection } from '../../config/drafts/inspected.js';
import { draftProduct } from '../../config/drafts/product.js';
import { membersOf, textOfMembers } from '../../config/drafts/product-file.js';
import { factsOfWinget } from '../../config/drafts/winget.js';
import { ProductFile } from '../../config/product-schema.js';
import { placeOfProduct } from '../../config/products.js';
import { PermanentError, printable } from '../../core/errors.js';
import type { ProductDefinition } from '../../core/product.js';
import { checkFeed } from '../../feeds/index.js';
import { withFileSource } from '../../formats/file-source.js';
import { inspectInstaller } from '../../installers/index.js';
import { EXIT } from './output.js';

export interface DraftOptions {
  readonly winget?: readonly string[];
  readonly installer?: string;
  readonly id?: string;
  readonly out?: string;
}

/** `patchpress product new`: a definition from what is known, on standard output or at its place in a folder. */
export async function newProduct(options: DraftOptions): Promise<number> {
  const { product, notes } = draftOf(factsFrom(options));
  const text = textOfMembers(membersOf(product));
  if (options.out === undefined) process.stdout.write(text);
  else writeNew(join(options.out, placeOfProduct(product.id)), text);
  for (const note of [...notes, ...(product.lacks ?? [])]) process.stderr.write(`${printable(note, 300)}\n`);
  return EXIT.ok;
}

function factsFrom({ winget, installer, id }: DraftOptions): ProductFacts {
  if (winget !== undefined) return factsOfWinget(winget.map((file) => readFileSync(file, 'utf8')));
  if (installer !== undefined) {
    const inspection = withFileSource(installer, (source) => inspectInstaller(source, installer));
    return factsOfInspection(inspection, id);
  }
  throw new PermanentError('payload.invalid', 'nothing to draft a definition from', {
    expected: '--winget FILE... or --installer FILE',
    nextStep: 'name one of them',
  });
}

function draftOf(facts: ProductFacts): { product: ProductDefinition; notes: readonly string[] } {
  const draft = draftProduct(facts, checkFeed);
  if (draft.product === null) {
    throw new PermanentError('definition.invalid', 'no definition can be drafted', {
      where: printable(facts.id, 200),
      expected: 'a silent installer for the machine',
      found: draft.leftOut,
      nextStep: 'look for another installer of the vendor',
    });
  }
  const product = decode(ProductFile, draft.product, {
    code: 'definition.invalid',
    message: 'the draft is no definition',
    where: printable(facts.id, 200),
    nextStep: 'correct what it was made from; for an installer give --id',
  });
  return { product, notes: draft.notes };
}

/** Never over a file that stands there. */
function writeNew(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new PermanentError('definition.invalid', 'a definition stands there already', {
      where: file,
      nextStep: 'choose another folder, or remove the file',
      cause: error,
    });
  }
  process.stdout.write(`${file}\n`);
}
