import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import { gitlabOptions, gitlabRequest } from '../gitlab-request.js';
import { entriesIn, LooseText } from '../loose.js';
import { decodeOptions, remarks } from '../options.js';
import { releasesOfTags, tagOptions } from '../tags.js';

const Options = z.strictObject({
  ...remarks,
  ...tagOptions,
  ...gitlabOptions,
  type: z.literal('gitlab-tags'),
});

/** The answer of `GET /projects/{id}/repository/tags`: the members that are used. */
const Commit = z.object({ created_at: LooseText, committed_date: LooseText });
const Entry = z.object({
  name: z.string(),
  /** Of a tag with a message of its own, since GitLab 16.11. */
  created_at: LooseText,
  commit: Commit.nullish().catch(null),
});

/** Tags of a project on GitLab. */
export const gitlabTags: FeedReader = {
  type: 'gitlab-tags',
  request: (feed) => gitlabRequest(decodeOptions(Options, feed), 'repository/tags'),
  parse(response, feed, scheme) {
    const entries = entriesIn(response, Entry, 'tags as the GitLab API gives them');
    const tags = entries.map(({ name, created_at, commit }) => ({
      tag: name,
      publishedAt: created_at ?? commit?.committed_date ?? commit?.created_at,
    }));
    return releasesOfTags(response, tags, decodeOptions(Options, feed), scheme);
  },
};
