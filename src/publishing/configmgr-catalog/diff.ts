import type { CatalogContents, PackageFacts, Section } from './verify/index.js';

export interface CatalogDifference {
  readonly added: readonly Named[];
  readonly removed: readonly Named[];
  readonly expired: readonly Named[];
  readonly revised: readonly (Named & {
    readonly changed: readonly Section[];
    readonly creationDate: { readonly from: string; readonly to: string };
  })[];
  readonly certificates: { readonly added: readonly string[]; readonly removed: readonly string[] };
}

interface Named {
  readonly packageId: string;
  readonly title: string;
}

/** What the second catalog has other than the first, by PackageID. */
export function diffCatalogs(before: CatalogContents, after: CatalogContents): CatalogDifference {
  const old = byId(before);
  const now = byId(after);
  const both = [...now.values()].flatMap((to) => {
    const from = old.get(to.packageId.toLowerCase());
    return from === undefined ? [] : [{ from, to }];
  });
  const isExpiredNow = ({ from, to }: Pair): boolean => to.isExpired && !from.isExpired;
  return {
    added: [...now].filter(([id]) => !old.has(id)).map(([, one]) => named(one)),
    removed: [...old].filter(([id]) => !now.has(id)).map(([, one]) => named(one)),
    expired: both.filter(isExpiredNow).map(({ to }) => named(to)),
    revised: both
      .filter((pair) => !isExpiredNow(pair) && pair.from.meaningSha256 !== pair.to.meaningSha256)
      .map(({ from, to }) => ({
        ...named(to),
        changed: changedSections(from, to),
        creationDate: { from: from.creationDate, to: to.creationDate },
      })),
    certificates: diffNames(thumbprintsOf(before), thumbprintsOf(after)),
  };
}

interface Pair {
  readonly from: PackageFacts;
  readonly to: PackageFacts;
}

function byId({ root }: CatalogContents): ReadonlyMap<string, PackageFacts> {
  const sorted = [...root].sort((a, b) => (a.packageId < b.packageId ? -1 : 1));
  return new Map(sorted.map((facts) => [facts.packageId.toLowerCase(), facts]));
}

function named({ packageId, title }: PackageFacts): Named {
  return { packageId, title };
}

/** Empty: only the date, or what is written but says nothing, such as a default. */
function changedSections({ sections: a }: PackageFacts, { sections: b }: PackageFacts): readonly Section[] {
  if (a === null || b === null) return [];
  return (Object.keys(b) as Section[]).filter((name) => a[name] !== b[name]);
}

function thumbprintsOf({ certificates }: CatalogContents): ReadonlySet<string> {
  return new Set(certificates.map(({ thumbprint }) => thumbprint));
}

function diffNames(before: ReadonlySet<string>, after: ReadonlySet<string>) {
  return {
    added: [...after].filter((name) => !before.has(name)).sort(),
    removed: [...before].filter((name) => !after.has(name)).sort(),
  };
}
