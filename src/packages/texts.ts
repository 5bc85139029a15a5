import { printable } from '../core/errors.js';
import type { Architecture, InstallerTechnologyName, ProductDefinition } from '../core/product.js';
import type { UpdateRecord } from '../core/records.js';
import type { Release } from '../core/release.js';

/** BaseTypes.xsd: Title 1 to 200, Description 1 to 1500 characters; URLs at most 2083, in lower-case `http(s)`. */
const LIMITS = { title: 200, description: 1500, url: 2083 } as const;
const FILE_KIND: Readonly<Record<InstallerTechnologyName, string>> = {
  msi: 'MSI',
  nullsoft: 'EXE',
  inno: 'EXE',
  burn: 'EXE',
  exe: 'EXE',
};

export interface Texts {
  readonly title: string;
  readonly description: string;
  readonly moreInfoUrls: readonly string[];
  readonly supportUrl: string | null;
  readonly cveIds: readonly string[];
}

/** What an administrator reads. `7-Zip 24.08 (MSI-x64)`, `Install 7-Zip 24.08 (MSI-x64)`: the edition is part of the name, as two editions are two updates. */
export function describeUpdate(
  product: ProductDefinition,
  release: Release,
  edition: { readonly technology: InstallerTechnologyName; readonly architecture: Architecture },
  kind: UpdateRecord['kind'] = 'update',
): Texts {
  const version = printable(release.version, 60);
  const suffix = ` ${version} (${FILE_KIND[edition.technology]}-${edition.architecture})`;
  const prefix = kind === 'install' ? 'Install ' : '';
  const notes = webAddress(release.notesUrl) ?? webAddress(product.releaseNotesUrl);
  const cveIds = release.cveIds ?? [];
  return {
    title: `${prefix}${cut(product.name, LIMITS.title - prefix.length - suffix.length)}${suffix}`,
    description: description(product, version, { notes, cveIds }, kind),
    // Only the first reaches WSUS (configmgr-catalog 3.3).
    moreInfoUrls: [...new Set([notes, webAddress(product.homepage)].filter((one) => one !== null))],
    supportUrl: webAddress(product.supportUrl) ?? webAddress(product.homepage),
    cveIds,
  };
}

function description(
  { name, vendor }: ProductDefinition,
  version: string,
  { notes, cveIds }: { readonly notes: string | null; readonly cveIds: readonly string[] },
  kind: UpdateRecord['kind'],
): string {
  const sentences =
    kind === 'install'
      ? [
          `Installs ${name} by ${vendor}, version ${version}.`,
          'It is offered where no version of it is installed for all users; a copy that only one user has is not seen.',
        ]
      : [
          `Updates ${name} by ${vendor} to version ${version}.`,
          'It is offered where an older version of the same edition is installed for all users.',
        ];
  const text = [...sentences, ...(notes === null ? [] : [`Release notes: ${notes}`])].join(' ');
  return cut(text, LIMITS.description) + cveSentence(cveIds, LIMITS.description - [...text].length);
}

/** As many as there is room for: a site shows the first of the document alone, so people read them here. */
function cveSentence(cveIds: readonly string[], roomLength: number): string {
  const sentence = (count: number): string => {
    const rest = cveIds.length - count;
    return ` Its release notes name ${cveIds.slice(0, count).join(', ')}${rest === 0 ? '' : ` and ${rest} more`}.`;
  };
  for (let count = cveIds.length; count > 0; count -= 1) {
    if (sentence(count).length <= roomLength) return sentence(count);
  }
  return '';
}

function cut(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 3).join('')}...`;
}

/** Null where it is no web address; a feed's address is untrusted. */
function webAddress(text: string | null | undefined): string | null {
  if (!text || !URL.canParse(text)) return null;
  const url = new URL(text);
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  return isWeb && url.href.length <= LIMITS.url ? url.href : null;
}
