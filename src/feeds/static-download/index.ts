import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import { decodeOptions, FeedUrl, remarks, required, UserAgent } from '../options.js';

const Options = z.strictObject({
  ...remarks,
  type: z.literal('static-download'),
  url: FeedUrl.optional(),
  userAgent: UserAgent.optional(),
});

/**
 * A fixed address that always serves the newest installer. The head of its answer tells whether it has changed (ETag,
 * Last-Modified); which version it is, only the file tells.
 */
export const staticDownload: FeedReader = {
  type: 'static-download',
  isVersionInFile: true,
  request(feed) {
    const { url, userAgent } = decodeOptions(Options, feed);
    return {
      url: required(url, 'url'),
      headers: { accept: '*/*', ...(userAgent && { 'user-agent': userAgent }) },
      headOnly: true,
    };
  },
  parse(_response, feed) {
    decodeOptions(Options, feed);
    return [];
  },
};
