import { statSync } from 'node:fs';
import { printable } from '../../../core/errors.js';
import { withFileSource } from '../../../formats/file-source.js';
import { type CatalogDifference, diffCatalogs } from '../../../publishing/configmgr-catalog/diff.js';
import { type CatalogContents, readCatalog } from '../../../publishing/configmgr-catalog/verify/index.js';
import { EXIT, type OutputOptions, show } from '../output.js';
import { chosen } from './history.js';
import { withStores } from './stores.js';

/** `patchpress catalog diff A B`: files, or revisions of the ledger; exit code 1 where they differ. */
export async function diffCatalogFiles(a: string, b: string, output: OutputOptions): Promise<number> {
  const difference = diffCatalogs(await readNamed(a), await readNamed(b));
  const isSame = Object.values(difference).every(isNothing);
  show(output, { a, b, isSame, ...difference }, () => (isSame ? 'no difference' : describe(difference)));
  return isSame ? EXIT.ok : EXIT.negative;
}

async function readNamed(name: string): Promise<CatalogContents> {
  return withFileSource(await pathOf(name), (source) => readCatalog(source));
}

async function pathOf(name: string): Promise<string> {
  if (statSync(name, { throwIfNoEntry: false })?.isFile() === true) return name;
  return withStores(async ({ ledger, content }) => {
    const revision = chosen(await ledger.catalogRevisions('configmgr-catalog'), name);
    return content.wholePath(revision.cabSha256);
  });
}

function isNothing(value: CatalogDifference[keyof CatalogDifference]): boolean {
  return 'added' in value ? value.added.length + value.removed.length === 0 : value.length === 0;
}

function describe({ added, removed, expired, revised, certificates }: CatalogDifference): string {
  const line = (
    what: string,
    { packageId, title }: { packageId: string; title: string },
    more = '',
  ): string => `${what.padEnd(8)} ${printable(packageId, 60)}  ${printable(title, 200)}${more}`;
  return [
    ...added.map((one) => line('added', one)),
    ...removed.map((one) => line('removed', one)),
    ...expired.map((one) => line('expired', one)),
    ...revised.map((one) => line('revised', one, ` (${one.changed.join(', ') || 'date'})`)),
    ...certificates.added.map((thumbprint) => `added    certificate ${thumbprint}`),
    ...certificates.removed.map((thumbprint) => `removed  certificate ${thumbprint}`),
  ].join('\n');
}
