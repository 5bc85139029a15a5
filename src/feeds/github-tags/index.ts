import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import { githubProbe } from '../github-probe.js';
import { githubRequest } from '../github-request.js';
import { entriesIn } from '../loose.js';
import { decodeOptions, remarks, required } from '../options.js';
import { Repository, releasesOfTags, tagOptions } from '../tags.js';

const Options = z.strictObject({
  ...remarks,
  ...tagOptions,
  type: z.literal('github-tags'),
  repo: Repository.optional(),
});

/** The answer of `GET /repos/{owner}/{repo}/tags`; it says neither dates nor files. */
const Entry = z.object({ name: z.string() });

/** Tags of a repository on GitHub whose vendor makes no releases there. */
export const githubTags: FeedReader = {
  type: 'github-tags',
  probe: githubProbe('tags', (feed) => required(decodeOptions(Options, feed).repo, 'repo')),
  request(feed) {
    const { repo, perPage } = decodeOptions(Options, feed);
    return githubRequest(required(repo, 'repo'), `tags?per_page=${perPage}`);
  },
  parse(response, feed, scheme) {
    const options = decodeOptions(Options, feed);
    const entries = entriesIn(response, Entry, 'tags as the GitHub API gives them');
    const tags = entries.map(({ name }) => ({ tag: name }));
    return releasesOfTags(response, tags, options, scheme);
  },
};
