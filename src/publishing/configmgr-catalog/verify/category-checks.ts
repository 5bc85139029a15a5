import { type CatalogContents, isRecord } from './contents.js';
import { type CatalogFinding, finding, setFindings } from './finding.js';

interface Category {
  readonly members: readonly string[];
  readonly parentId: string;
}

/** `V3`: ids, index, members, parents (configmgr-catalog 1.5, 7.2). Nothing where the catalog has no such folder. */
export function categoryFindings(contents: CatalogContents): readonly CatalogFinding[] {
  const { categories, categoryIndex, root } = contents;
  if (categories.size === 0 && categoryIndex === null) return [];
  const known = new Set(root.map(({ packageId }) => packageId));
  const read = new Map([...categories].map(([id, value]) => [id, categoryOf(value)]));
  const listed = new Set([...read.values()].flatMap(({ members }) => members));
  return [
    ...[...categories].flatMap(([id, value]) => formFindings(id, value)),
    ...indexFindings(categoryIndex, new Set(categories.keys())),
    ...[...read].flatMap(([id, { members }]) =>
      members
        .filter((member) => !known.has(member))
        .map((member) =>
          finding('v3.member', `V3\\${id}.json`, { expected: 'a package of this catalog', found: member }),
        ),
    ),
    ...[...read.keys()].flatMap((id) => parentFindings(id, read)),
    ...[...known]
      .filter((id) => !listed.has(id))
      .map((id) =>
        finding('v3.unlisted', id, {
          level: 'warning',
          expected: 'in a category: else a subscription that is limited to some never sees it',
          found: 'in none',
        }),
      ),
  ];
}

/** A converter wrote null and a bare name for lists of no and one member. */
function categoryOf(value: unknown): Category {
  const { Members, ParentId } = isRecord(value) ? value : {};
  const members = typeof Members === 'string' ? [Members] : Array.isArray(Members) ? Members : [];
  return {
    members: members.filter((member) => typeof member === 'string'),
    parentId: typeof ParentId === 'string' ? ParentId : '',
  };
}

function formFindings(id: string, value: unknown): readonly CatalogFinding[] {
  const path = `V3\\${id}.json`;
  if (!isRecord(value)) return [finding('v3.category', path, { expected: 'an object', found: value })];
  const { Id, DisplayName, Members, ParentId } = value;
  const isNamed = typeof DisplayName === 'string' && DisplayName.trim() !== '';
  return [
    ...(Id === id ? [] : [finding('v3.category', `${path}: Id`, { expected: id, found: Id })]),
    ...(isNamed
      ? []
      : [finding('v3.category', `${path}: DisplayName`, { expected: 'a name', found: DisplayName })]),
    ...(typeof ParentId === 'string'
      ? []
      : [finding('v3.category', `${path}: ParentId`, { expected: 'an id, or empty text', found: ParentId })]),
    ...(Array.isArray(Members)
      ? oddMembers(Members).map((member) =>
          finding('v3.member', `${path}: Members`, { expected: 'a PackageID', found: member }),
        )
      : [
          finding('v3.category', `${path}: Members`, {
            level: 'warning',
            expected: 'an array',
            found: Members,
          }),
        ]),
  ];
}

const oddMembers = (members: readonly unknown[]): readonly unknown[] =>
  members.filter((member) => typeof member !== 'string');

function indexFindings(index: unknown, files: ReadonlySet<string>): readonly CatalogFinding[] {
  const where = 'V3\\update_categories.json';
  if (!Array.isArray(index) || oddMembers(index).length > 0)
    return [finding('v3.index', where, { expected: 'an array of ids', found: index })];
  return setFindings('v3.index', [where, new Set(index)], ['V3', files]);
}

function parentFindings(id: string, read: ReadonlyMap<string, Category>): readonly CatalogFinding[] {
  const seen = new Set<string>();
  for (let at = id; at !== ''; at = read.get(at)?.parentId ?? '') {
    if (seen.has(at) || !read.has(at)) {
      return [
        finding('v3.parent', `V3\\${id}.json`, {
          expected: 'parents that exist, up to the top',
          found: seen.has(at) ? `a circle at ${at}` : at,
        }),
      ];
    }
    seen.add(at);
  }
  return [];
}
