import { createHash } from 'node:crypto';
import type { FeedProbe } from '../core/ports.js';
import type { FeedDefinition } from '../core/product.js';

const ENTRIES = /<entry>/;
const MARKS = /<id>([^<]{1,500})<\/id>|<updated>([^<]{1,100})<\/updated>/g;

/**
 * The Atom feed of a repository on github.com, which does not count against the API's 60 requests an hour without a
 * token. It says what is new, not which files there are: those the API tells.
 */
export function githubProbe(
  what: 'releases' | 'tags',
  repositoryOf: (feed: FeedDefinition) => string,
): FeedProbe {
  return {
    request: (feed) => ({
      url: `https://github.com/${repositoryOf(feed)}/${what}.atom`,
      headers: { accept: 'application/atom+xml' },
    }),
    mark({ body }) {
      const [head, ...entries] = body.toString('utf8').split(ENTRIES);
      if (!head?.includes('<feed') || !head.includes('tag:github.com,2008:')) return null;
      const marks = entries.flatMap((entry) => [...entry.matchAll(MARKS)].map(([text]) => text));
      return createHash('sha256').update(marks.join('\n')).digest('hex');
    },
  };
}
