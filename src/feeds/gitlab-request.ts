import { z } from 'zod';
import type { FeedRequest } from '../core/ports.js';
import { required } from './options.js';
import { Host } from './tags.js';

/** Which project on which GitLab; its number, or its path with its groups. */
export const gitlabOptions = {
  host: Host.default('gitlab.com'),
  project: z
    .string()
    .regex(/^[\w.-]{1,100}(?:\/[\w.-]{1,100}){0,20}$/, 'must be a number or a path')
    .optional(),
} as const;

interface Asked {
  readonly host: string;
  readonly project?: string | undefined;
  readonly perPage: number;
}

/** What the GitLab API is asked about a project. */
export function gitlabRequest({ host, project, perPage }: Asked, what: string): FeedRequest {
  const id = encodeURIComponent(required(project, 'project'));
  return {
    url: `https://${host}/api/v4/projects/${id}/${what}?per_page=${perPage}`,
    headers: { accept: 'application/json' },
  };
}
