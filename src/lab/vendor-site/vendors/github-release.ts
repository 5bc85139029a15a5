import { createHash } from 'node:crypto';

/** Where releases appear, as far as their JSON tells of it. */
export interface ReleasePlace {
  readonly owner: string;
  readonly name: string;
  /** False: no digests, as for files that were uploaded before GitHub took them. */
  readonly hasDigests?: boolean;
}

export interface GithubRelease {
  readonly tag: string;
  readonly title?: string;
  readonly kind: 'release' | 'prerelease' | 'draft';
  /** ISO 8601. */
  readonly publishedAt: string;
  /** `file` null: a file of which only the name matters. */
  readonly assets: readonly {
    readonly name: string;
    readonly file: { readonly sizeBytes: number; readonly sha256: string } | null;
  }[];
}

/** A stable number out of a text, for the ids that GitHub gives. */
function idOf(...text: readonly string[]): number {
  return createHash('sha256').update(text.join('\n')).digest().readUInt32BE(0) >>> 2;
}

/** A release as the REST API shows it, all members. */
export function releaseJson(repository: ReleasePlace, release: GithubRelease): unknown {
  const { owner, name } = repository;
  const api = `https://api.github.com/repos/${owner}/${name}`;
  const web = `https://github.com/${owner}/${name}`;
  const id = idOf(name, release.tag);
  return {
    url: `${api}/releases/${id}`,
    assets_url: `${api}/releases/${id}/assets`,
    upload_url: `https://uploads.github.com/repos/${owner}/${name}/releases/${id}/assets{?name,label}`,
    html_url: `${web}/releases/tag/${release.tag}`,
    id,
    author: userJson(owner),
    node_id: Buffer.from(`Release${id}`).toString('base64'),
    tag_name: release.tag,
    target_commitish: 'master',
    name: release.title ?? `Release ${release.tag}`,
    draft: release.kind === 'draft',
    immutable: false,
    prerelease: release.kind === 'prerelease',
    created_at: release.publishedAt,
    updated_at: release.publishedAt,
    published_at: release.kind === 'draft' ? null : release.publishedAt,
    assets: release.assets.map((asset) => assetJson(repository, release, asset)),
    tarball_url: release.kind === 'draft' ? null : `${api}/tarball/${release.tag}`,
    zipball_url: release.kind === 'draft' ? null : `${api}/zipball/${release.tag}`,
    body: `## ${release.tag}\r\n\r\n- Fixes and improvements`,
  };
}

function assetJson(
  { owner, name: repo, hasDigests = true }: ReleasePlace,
  release: GithubRelease,
  { name, file }: GithubRelease['assets'][number],
): unknown {
  const id = idOf(repo, release.tag, name);
  return {
    url: `https://api.github.com/repos/${owner}/${repo}/releases/assets/${id}`,
    id,
    node_id: Buffer.from(`ReleaseAsset${id}`).toString('base64'),
    name,
    label: null,
    uploader: userJson(owner),
    content_type: 'application/octet-stream',
    state: 'uploaded',
    size: file?.sizeBytes ?? 4096 + (id % 8_000_000),
    // Older assets have none.
    digest: file === null || !hasDigests ? null : `sha256:${file.sha256}`,
    download_count: id % 100_000,
    created_at: release.publishedAt,
    updated_at: release.publishedAt,
    browser_download_url: `https://github.com/${owner}/${repo}/releases/download/${release.tag}/${name}`,
  };
}

function userJson(login: string): unknown {
  const api = `https://api.github.com/users/${login}`;
  const id = idOf(login);
  return {
    login,
    id,
    node_id: Buffer.from(`User${id}`).toString('base64'),
    avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`,
    gravatar_id: '',
    url: api,
    html_url: `https://github.com/${login}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: 'User',
    user_view_type: 'public',
    site_admin: false,
  };
}
