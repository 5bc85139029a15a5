import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import { gitlabOptions, gitlabRequest } from '../gitlab-request.js';
import { entriesIn, LooseFlag, LooseText, looseList } from '../loose.js';
import { decodeOptions, remarks } from '../options.js';
import { assetsOf } from '../stated-file.js';
import { releasesOfTags, type Tagged, tagOptions } from '../tags.js';

const Options = z.strictObject({
  ...remarks,
  ...tagOptions,
  ...gitlabOptions,
  type: z.literal('gitlab-releases'),
  endpoint: z.literal('releases').optional(),
});

/** The answer of `GET /projects/{id}/releases`: the members that are used. `sources` are no installers. */
const Link = z.object({ name: LooseText, url: z.string(), direct_asset_url: LooseText });
const Entry = z.object({
  tag_name: z.string(),
  name: LooseText,
  created_at: LooseText,
  released_at: LooseText,
  description: LooseText,
  upcoming_release: LooseFlag,
  assets: z
    .object({ links: looseList(Link) })
    .nullish()
    .catch(null),
  _links: z.object({ self: LooseText }).nullish().catch(null),
});
type Entry = z.infer<typeof Entry>;

/** Releases of a project on GitLab, of whoever runs it. */
export const gitlabReleases: FeedReader = {
  type: 'gitlab-releases',
  request: (feed) => gitlabRequest(decodeOptions(Options, feed), 'releases'),
  parse(response, feed, scheme) {
    const entries = entriesIn(response, Entry, 'releases as the GitLab API gives them');
    const tags = entries
      .filter((entry) => entry.upcoming_release !== true)
      .map((entry) => taggedOf(entry, response.finalUrl));
    return releasesOfTags(response, tags, decodeOptions(Options, feed), scheme);
  },
};

function taggedOf(entry: Entry, base: string): Tagged {
  return {
    tag: entry.tag_name,
    title: entry.name,
    publishedAt: entry.released_at ?? entry.created_at,
    assets: (entry.assets?.links ?? []).flatMap(({ name, url, direct_asset_url }) =>
      assetsOf({ url: direct_asset_url ?? url, name }, base),
    ),
    notesUrl: entry._links?.self,
    notes: entry.description,
  };
}
