import assert from 'node:assert/strict';
import type { FileDeps } from '../../src/feeds/version-in-file.js';

/** For feeds that are no file: none is fetched. */
export const noFiles: FileDeps = {
  acquireFile: () => assert.fail('no file is fetched'),
  content: { pathOf: () => assert.fail('no file is read') },
  compute: { run: () => assert.fail('no file is inspected') },
};
