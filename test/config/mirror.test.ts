import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeSettings } from '../../src/config/settings.js';

test('a signature inside of the address of an object store is refused, and not told', () => {
  for (const url of [
    'https://a.blob.core.windows.net/c?sv=1&sig=s3cr3t',
    'https://s3cr3t@a.example/c',
    'https://a.example/c#s3cr3t',
  ]) {
    const settings = {
      content: {
        port: 8443,
        mirror: { azureBlob: { url, sasFile: 'sas' } },
      },
    };
    assert.throws(
      () => decodeSettings(settings, 'patchpress.yaml', {}),
      (error: Error) => {
        assert.match(JSON.stringify(error), /without a query/);
        assert.doesNotMatch(`${error.message}${JSON.stringify(error)}`, /s3cr3t/);
        return true;
      },
    );
  }
});
