import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { PermanentError, printable } from '../../../core/errors.js';
import { withFileSource } from '../../../formats/file-source.js';
import {
  type ForeignCatalog,
  type ImportPlan,
  importCatalog,
  previewImport,
  readForeignCatalog,
  readForeignDocuments,
} from '../../../publishing/configmgr-catalog/import/index.js';
import { readInput } from '../metadata/read.js';
import { EXIT, firstOf, type OutputOptions, show } from '../output.js';
import { describeSignature, signatureFacts, verifyWith } from '../signature.js';
import { withStores } from './stores.js';

export interface ImportOptions extends OutputOptions {
  readonly name?: string;
  readonly dryRun?: boolean;
  readonly trust?: string;
}

const clock = { now: () => new Date() };
const MOST_SHOWN = 20;
const some = (lines: readonly string[]) => firstOf(lines, MOST_SHOWN);
const NAME = /^[A-Za-z0-9][A-Za-z0-9._ -]{0,79}$/;

/** `patchpress catalog import`: into the ledger, as packages of their own vendor. */
export async function importForeign(path: string, options: ImportOptions): Promise<number> {
  const { dryRun = false, trust, ...output } = options;
  const source = options.name ?? basename(path).replace(/\.(cab|xml)$/i, '');
  if (!NAME.test(source)) throw badName(source);
  const isFolder = isFolderAt(path);
  const catalog = isFolder ? readFolder(path) : withFileSource(path, readForeignCatalog);
  const isCabinet =
    !isFolder && withFileSource(path, (file) => file.read(0, 4).toString('latin1')) === 'MSCF';
  const signature = isCabinet ? verifyWith(path, trust) : null;
  const plan = await withStores(async (stores) => {
    const deps = { ...stores, clock };
    if (dryRun) return previewImport(deps, source, catalog);
    return importCatalog(deps, source, catalog, isFolder ? null : await digestOf(path));
  });
  const result = resultOf(source, dryRun, catalog, plan);
  show(output, { ...result, signature: signature && signatureFacts(signature) }, () =>
    [signature === null ? 'not signed: no cabinet' : describeSignature(signature), ...linesOf(result)].join(
      '\n',
    ),
  );
  return result.setAside.length === 0 ? EXIT.ok : EXIT.negative;
}

function isFolderAt(path: string): boolean {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts !== undefined) return facts.isDirectory();
  throw new PermanentError('not-found', 'there is no such file or folder', {
    where: path,
    nextStep: 'correct the path',
  });
}

function readFolder(folder: string): ForeignCatalog {
  // With their types folders that are links are not entered: two that lead upwards would never come to an end.
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .filter((name) => /\.sdp$/i.test(name));
  if (names.length === 0) {
    throw new PermanentError('not-found', 'there is no update document in the folder', {
      where: folder,
      expected: 'files named *.sdp',
    });
  }
  function* files() {
    for (const name of names.sort()) yield { where: name, bytes: readInput(join(folder, name)) };
  }
  return readForeignDocuments(files());
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

function resultOf(source: string, dryRun: boolean, catalog: ForeignCatalog, plan: ImportPlan) {
  const told = (list: ImportPlan['added']) => list.map(({ packageId, title }) => ({ packageId, title }));
  return {
    name: source,
    dryRun,
    packages: catalog.documents.length,
    certificates: catalog.certificates.length,
    added: told(plan.added),
    revised: told(plan.revised),
    withdrawn: told(plan.withdrawn),
    unchanged: plan.unchanged,
    moot: plan.moot,
    setAside: plan.setAside,
  };
}

function linesOf(result: ReturnType<typeof resultOf>): readonly string[] {
  const { name, dryRun, packages, certificates, added, revised, withdrawn, unchanged, moot, setAside } =
    result;
  const named = (what: string, list: typeof added) =>
    list.map(({ packageId, title }) => `${what.padEnd(9)} ${packageId}  ${printable(title, 120)}`);
  return [
    ...some(named('new', added)),
    ...some(named('revised', revised)),
    ...some(named('withdrawn', withdrawn)),
    ...some(
      moot.map(
        (one) => `moot      ${one.packageId}: the vendor says the same as the edit of its ${one.name}`,
      ),
    ),
    ...some(
      setAside.map(({ where, reason }) => `set aside ${printable(where, 120)}: ${printable(reason, 300)}`),
    ),
    `${dryRun ? 'Would be taken in' : 'Taken in'} as "${name}": ${packages} packages and ${certificates} certificates, ` +
      `${added.length} new, ${revised.length} revised, ${withdrawn.length} withdrawn, ${unchanged} unchanged, ${setAside.length} set aside.`,
  ];
}

function badName(name: string): PermanentError {
  return new PermanentError('configuration.invalid', 'this cannot be the name of an imported catalog', {
    expected: 'letters, digits, blanks, dots, dashes, at most 80',
    found: printable(name, 100),
    nextStep: 'give one with --name',
  });
}
