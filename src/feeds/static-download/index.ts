import { z } from 'zod';
import type { FeedReader } from '../../core/ports.js';
import { address, decodeOptions, requestAt } from '../options.js';

const Options = z.strictObject({
  ...address,
  type: z.literal('static-download'),
});

/**
 * A fixed address that always serves the newest installer. The head of its answer tells whether it has changed (ETag,
 * Last-Modified); which version it is, only the file tells.
 */
export const staticDownload: FeedReader = {
  type: 'static-download',
  isVersionInFile: true,
  request(feed) {
    return { ...requestAt(decodeOptions(Options, feed), '*/*'), headOnly: true };
  },
  parse(_response, feed) {
    decodeOptions(Options, feed);
    return [];
  },
};
