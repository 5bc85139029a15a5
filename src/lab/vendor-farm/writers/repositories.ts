import type { FeedDefinition } from '../../../core/product.js';
import { compilePattern } from '../../../text/pattern.js';
import { releaseJson } from '../../vendor-site/vendors/github-release.js';
import { type AnswerWriter, type FarmRelease, jsonAnswer, optionOf } from '../answer.js';
import { putAt } from '../json-document.js';
import { writeAny, writeMatching } from '../pattern-text.js';

/** How a repository would call the version, the likeliest first. */
function tagsFor(feed: FeedDefinition, { version }: FarmRelease): readonly string[] {
  const template = optionOf(feed, 'tagTemplate');
  const pattern = optionOf(feed, 'tagPattern');
  const replace = optionOf(feed, 'replace');
  const strip = optionOf(feed, 'tagStrip');
  const filter = optionOf(feed, 'tagFilter') ?? '';
  const prefix = strip === null ? '' : writeAny(strip);
  const own = template?.includes('{version}') ? [template.replaceAll('{version}', version)] : [];
  const plain = [version, `v${version}`, `${prefix}${version}`, `${filter}${version}`];
  const wanted = { pattern: pattern ?? '', ...(replace === null ? {} : { replace }) };
  const written =
    pattern === null ? [] : [version, `${prefix}${version}`].map((text) => writeMatching(wanted, text));
  const tags = [...own, ...written.filter((tag) => tag !== null), ...plain];
  const fits = (tag: string) =>
    tag.startsWith(filter) && (pattern === null || compilePattern(pattern).test(tag));
  return [...new Set(tags.filter(fits))];
}

function repositoryOf(feed: FeedDefinition): { readonly owner: string; readonly name: string } {
  const [owner = '', name = ''] = String(feed.repo ?? feed.project ?? '')
    .split('/')
    .slice(-2);
  return { owner, name: name === '' ? owner : name };
}

/** `GET /repos/{owner}/{repo}/releases`, or its `/latest`. */
export const writeGithubReleases: AnswerWriter = (feed, release, url) =>
  tagsFor(feed, release).map((tag) => {
    const json = releaseJson(repositoryOf(feed), {
      tag,
      kind: 'release',
      publishedAt: release.publishedAt,
      assets: release.assets.map(({ name, sizeBytes, sha256 }) => ({ name, file: { sizeBytes, sha256 } })),
    });
    const isList = !url.pathname.endsWith('/latest');
    // A path may begin at the list, or at each release of it.
    if (isList && optionOf(feed, 'path')?.startsWith('$['))
      return jsonAnswer(withFileNamed(feed, release, [json]));
    const one = withFileNamed(feed, release, json);
    return jsonAnswer(isList ? [one] : one);
  });

/** Where the version stands in a file's name or address, and not in the tag. */
function withFileNamed(feed: FeedDefinition, { version }: FarmRelease, answer: unknown): unknown {
  const path = optionOf(feed, 'path');
  const pattern = optionOf(feed, 'assetPattern');
  const replace = optionOf(feed, 'replace') ?? undefined;
  const text = pattern === null ? null : writeMatching({ pattern, replace }, version);
  if (path === null || text === null) return answer;
  const { owner, name } = repositoryOf(feed);
  const isAddress = path.includes('browser_download_url');
  return putAt(answer, path, isAddress ? `https://github.com/${owner}/${name}/releases/${text}` : text);
}

/** `GET /repos/{owner}/{repo}/tags`. */
export const writeGithubTags: AnswerWriter = (feed, release) => {
  const { owner, name } = repositoryOf(feed);
  const api = `https://api.github.com/repos/${owner}/${name}`;
  const sha = release.assets[0]?.sha256.slice(0, 40) ?? '0'.repeat(40);
  return tagsFor(feed, release).map((tag) =>
    jsonAnswer([
      {
        name: tag,
        zipball_url: `${api}/zipball/refs/tags/${tag}`,
        tarball_url: `${api}/tarball/refs/tags/${tag}`,
        commit: { sha, url: `${api}/commits/${sha}` },
        node_id: Buffer.from(`REF_${tag}`).toString('base64'),
      },
    ]),
  );
};

/** `GET /projects/{id}/releases` and `/repository/tags`: what both show of a release. */
export const writeGitlab: AnswerWriter = (feed, release, url) =>
  tagsFor(feed, release).map((tag) => {
    const web = `https://${url.host}/${String(feed.project ?? '')}/-/releases/${encodeURIComponent(tag)}`;
    const commit = {
      id: release.assets[0]?.sha256.slice(0, 40) ?? '0'.repeat(40),
      created_at: release.publishedAt,
    };
    const description = { tag_name: tag, description: 'Fixes and improvements' };
    if (url.pathname.endsWith('/tags'))
      return jsonAnswer([
        { name: tag, message: '', target: commit.id, commit, release: description, protected: true },
      ]);
    const links = release.assets.map((asset, id) => ({
      id,
      name: asset.name,
      url: asset.url,
      direct_asset_url: asset.url,
      link_type: 'other',
    }));
    return jsonAnswer([
      {
        ...description,
        name: tag,
        created_at: release.publishedAt,
        released_at: release.publishedAt,
        upcoming_release: false,
        commit,
        assets: { count: links.length, sources: [], links },
        _links: { self: web },
      },
    ]);
  });

/** `GET /api/v1/repos/{owner}/{repo}/releases` of Gitea and Forgejo. */
export const writeGitea: AnswerWriter = (feed, release, url) => {
  const { owner, name } = repositoryOf(feed);
  const web = `https://${url.host}/${owner}/${name}`;
  return tagsFor(feed, release).map((tag, id) => {
    const json = {
      id: id + 1,
      tag_name: tag,
      target_commitish: 'main',
      name: tag,
      body: 'Fixes and improvements',
      url: `https://${url.host}/api/v1/repos/${owner}/${name}/releases/${id + 1}`,
      html_url: `${web}/releases/tag/${tag}`,
      tarball_url: `${web}/archive/${tag}.tar.gz`,
      zipball_url: `${web}/archive/${tag}.zip`,
      draft: false,
      prerelease: false,
      created_at: release.publishedAt,
      published_at: release.publishedAt,
      assets: release.assets.map((asset, place) => ({
        id: place + 1,
        name: asset.name,
        size: asset.sizeBytes,
        download_count: 7,
        created_at: release.publishedAt,
        browser_download_url: asset.url,
      })),
    };
    return jsonAnswer(url.pathname.endsWith('/latest') ? json : [json]);
  });
};
