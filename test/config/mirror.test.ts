import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeSettings } from '../../src/config/settings.js';
import { describeFault } from '../../src/core/errors.js';

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

test('a service that serves nothing needs a mirror, of one kind', () => {
  const decode = (content: object) =>
    decodeSettings({ content: { port: 8443, ...content } }, 'patchpress.yaml', {}).content;
  assert.equal(decode({}).serve, true);
  assert.equal(decode({ serve: false, mirror: { folder: '/srv/www' } }).serve, false);
  assert.throws(
    () => decode({ serve: false }),
    (error) => /content\.mirror where content\.serve is false/.test(describeFault(error)),
  );
  const s3 = { url: 'https://a.example/b', accessKeyId: 'A', secretKeyFile: 'k' };
  assert.throws(() => decode({ mirror: { folder: '/srv/www', s3 } }), { code: 'configuration.invalid' });
});
