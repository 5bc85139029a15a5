import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import { entriesIn, LooseFlag, LooseSize, LooseText, looseList } from '../loose.js';
import { decodeOptions, remarks, required } from '../options.js';
import { assetsOf } from '../stated-file.js';
import { Host, Repository, releasesOfTags, type Tagged, tagOptions } from '../tags.js';

const Options = z.strictObject({
  ...remarks,
  ...tagOptions,
  type: z.literal('gitea-releases'),
  host: Host.optional(),
  repo: Repository.optional(),
});

/** The answer of `GET /repos/{owner}/{repo}/releases`: the members that are used. */
const Asset = z.object({ name: LooseText, size: LooseSize, browser_download_url: z.string() });
const Entry = z.object({
  tag_name: z.string(),
  name: LooseText,
  draft: LooseFlag,
  prerelease: LooseFlag,
  created_at: LooseText,
  published_at: LooseText,
  html_url: LooseText,
  body: LooseText,
  assets: looseList(Asset),
});
type Entry = z.infer<typeof Entry>;

/** Where an API that answers in the same words lives elsewhere, and lists the oldest first. */
const OTHER_APIS: ReadonlyMap<string, string> = new Map([
  ['gitee.com', 'https://gitee.com/api/v5/repos/{repo}/releases?direction=desc&per_page={perPage}'],
]);
const GITEA_API = 'https://{host}/api/v1/repos/{repo}/releases?limit={perPage}';

/** Releases of a repository on Gitea or Forgejo, of whoever runs it. */
export const giteaReleases: FeedReader = {
  type: 'gitea-releases',
  request(feed) {
    const { host, repo, perPage } = decodeOptions(Options, feed);
    const name = required(host, 'host');
    const url = (OTHER_APIS.get(name) ?? GITEA_API)
      .replace('{host}', name)
      .replace('{repo}', required(repo, 'repo'))
      .replace('{perPage}', `${perPage}`);
    return { url, headers: { accept: 'application/json' } };
  },
  parse(response, feed, scheme) {
    const entries = entriesIn(response, Entry, 'releases as the Gitea API gives them');
    const tags = entries
      .filter(({ draft }) => draft !== true)
      .map((entry) => taggedOf(entry, response.finalUrl));
    return releasesOfTags(response, tags, decodeOptions(Options, feed), scheme);
  },
};

function taggedOf(entry: Entry, base: string): Tagged {
  return {
    tag: entry.tag_name,
    title: entry.name,
    isPrerelease: entry.prerelease,
    publishedAt: entry.published_at ?? entry.created_at,
    assets: entry.assets.flatMap(({ name, size, browser_download_url: url }) =>
      assetsOf({ url, name, sizeBytes: size }, base),
    ),
    notesUrl: entry.html_url,
    notes: entry.body,
  };
}
