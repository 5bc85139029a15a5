import { z } from 'zod';
import { documentOptions, documentReader } from '../known-shape.js';

const Options = z.strictObject({
  ...documentOptions,
  type: z.literal('mozilla-product-details'),
  /** The channel: `LATEST_FIREFOX_VERSION`, `FIREFOX_ESR`. */
  key: z.string().regex(/^[A-Z_]{1,100}$/, 'must be a channel such as LATEST_FIREFOX_VERSION'),
});

/** The versions of Mozilla's products by channel; a channel that is not used now is an empty text. */
export const mozillaProductDetails = documentReader({
  type: 'mozilla-product-details',
  options: Options,
  expected: 'a version of the channel',
  found(document, _response, { key }) {
    const channels = z.record(z.string(), z.unknown()).safeParse(document);
    const value = channels.success && Object.hasOwn(channels.data, key) ? channels.data[key] : null;
    const version = typeof value === 'string' ? value.trim() : '';
    return version === '' ? [] : [{ version }];
  },
});
