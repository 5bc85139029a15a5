import type { FeedRequest } from '../core/ports.js';

/** What the GitHub API is asked about a repository. */
export function githubRequest(repo: string, what: string): FeedRequest {
  return {
    url: `https://api.github.com/repos/${repo}/${what}`,
    headers: { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' },
  };
}
