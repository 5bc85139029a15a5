import { etagOf, type ShelfFile } from '../shelf.js';
import type { Vendor, VendorAnswer, VendorRequest } from '../vendor.js';
import { type GithubRelease, type ReleasePlace, releaseJson } from './github-release.js';

const API = 'api.github.com';
const WEB = 'github.com';
const OBJECTS = 'release-assets.githubusercontent.com';

export interface GithubRepository extends ReleasePlace {
  readonly productId: string;
  readonly id: number;
  tagOf(version: string): string;
  /** What people read; without it, the tag says it. */
  nameOf?(version: string): string;
  /** Names of what else a release holds beside the installers. */
  otherAssets(version: string): readonly string[];
  /** Releases without a fixture, from new to old. */
  readonly otherReleases: readonly Omit<GithubRelease, 'assets'>[];
}

/** A repository's releases: REST API version 2022-11-28, the web address of an asset, and the store it redirects to. */
export function githubReleases(repository: GithubRepository): Vendor {
  return {
    productId: repository.productId,
    hosts: [API, WEB, OBJECTS],
    answer(request, shelf) {
      if (request.host === API) return apiAnswer(repository, request, shelf);
      const file = shelf.find(({ fixture }) => isAddressOf(repository, fixture.url, request));
      if (file === undefined) return null;
      return request.host === WEB
        ? { kind: 'redirect', location: storeAddress(repository, file) }
        : { kind: 'file', file, headers: storeHeaders(file) };
    },
  };
}

function isAddressOf(repository: GithubRepository, url: string, request: VendorRequest): boolean {
  const wanted = request.host === WEB ? new URL(url).pathname : storePath(repository, url);
  return request.path === wanted;
}

/** Assets lie in another store under a name of their own, behind an address that runs out. */
function storePath(repository: GithubRepository, url: string): string {
  const hex = etagOf(url);
  const name = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)];
  return `/github-production-release-asset/${repository.id}/${name.join('-')}`;
}

function storeAddress(repository: GithubRepository, { fixture }: ShelfFile): string {
  const query = new URLSearchParams({
    sp: 'r',
    sv: '2018-11-09',
    sr: 'b',
    rscd: `attachment; filename=${fixture.fileName}`,
    rsct: 'application/octet-stream',
  });
  return `https://${OBJECTS}${storePath(repository, fixture.url)}?${query}`;
}

function storeHeaders({ fixture }: ShelfFile): Readonly<Record<string, string>> {
  return { 'content-disposition': `attachment; filename=${fixture.fileName}` };
}

function apiAnswer(
  repository: GithubRepository,
  request: VendorRequest,
  shelf: readonly ShelfFile[],
): VendorAnswer | null {
  const base = `/repos/${repository.owner}/${repository.name}/releases`;
  const rest = request.path.startsWith(base) ? request.path.slice(base.length) : null;
  if (rest === null) return null;
  // The API turns away clients that do not say who they are.
  if (!request.headers['user-agent']) return { kind: 'refusal', status: 403, body: FORBIDDEN };
  const releases = releasesOf(repository, shelf);
  const found = selectReleases(releases, rest, request.query);
  if (found === null) return null;
  const body =
    'tag' in found
      ? releaseJson(repository, found)
      : found.map((release) => releaseJson(repository, release));
  return {
    kind: 'feed',
    contentType: 'application/json; charset=utf-8',
    body: JSON.stringify(body),
    modified: new Date(shelf.at(-1)?.fixture.releasedAt ?? 0),
    weakEtag: true,
    headers: {
      'cache-control': 'public, max-age=60, s-maxage=60',
      'x-github-api-version-selected': '2022-11-28',
      'x-github-media-type': 'github.v3; format=json',
      'x-ratelimit-limit': '60',
      'x-ratelimit-remaining': '57',
    },
  };
}

const FORBIDDEN =
  'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.\n';

/** A page of the list, `/latest` (neither draft nor prerelease), or `/tags/<tag>`. */
function selectReleases(
  releases: readonly GithubRelease[],
  rest: string,
  query: URLSearchParams,
): readonly GithubRelease[] | GithubRelease | null {
  if (rest === '') {
    const size = Math.min(100, Number(query.get('per_page') ?? 30) || 30);
    const page = Math.max(1, Number(query.get('page') ?? 1) || 1);
    return releases.slice((page - 1) * size, page * size);
  }
  if (rest === '/latest') return releases.find((release) => release.kind === 'release') ?? null;
  return releases.find((release) => rest === `/tags/${release.tag}` && release.kind !== 'draft') ?? null;
}

function releasesOf(repository: GithubRepository, shelf: readonly ShelfFile[]): readonly GithubRelease[] {
  const versions = [...new Set(shelf.map(({ fixture }) => fixture.version))].reverse();
  const shipped = versions.map((version) => {
    const files = shelf.filter(({ fixture }) => fixture.version === version);
    const others = repository.otherAssets(version).map((name) => ({ name, file: null }));
    return {
      tag: repository.tagOf(version),
      ...(repository.nameOf === undefined ? {} : { title: repository.nameOf(version) }),
      kind: 'release' as const,
      publishedAt: files[0]?.fixture.releasedAt ?? '',
      assets: [...files.map(assetOf), ...others],
    };
  });
  const [ahead, behind] = [true, false].map((isAhead) =>
    repository.otherReleases
      .filter((release) => release.publishedAt > (shipped[0]?.publishedAt ?? '') === isAhead)
      .map((release) => ({ ...release, assets: [] })),
  );
  return [...(ahead ?? []), ...shipped, ...(behind ?? [])];
}

function assetOf({ fixture, bytes, statedSha256 }: ShelfFile): GithubRelease['assets'][number] {
  return { name: fixture.fileName, file: { sizeBytes: bytes.length, sha256: statedSha256 } };
}
