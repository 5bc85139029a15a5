import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { outsideFrom } from '../../src/app/outside.js';
import { decodeSettings } from '../../src/config/settings.js';
import { makeAuthority } from '../lab/certificates.js';

function outside(network: unknown, environment: Record<string, string> = {}) {
  return outsideFrom(decodeSettings({ network }, 'patchpress.yaml', {}).network, environment);
}

test('polite and direct, where nothing is said', () => {
  assert.deepEqual(outside(undefined), {
    perHost: { concurrency: 2, requestsPerSecond: 1 },
    limits: {},
    privateHosts: [],
    tokens: {},
  });
});

test('limits by host, a proxy with its credentials, further roots and a token', () => {
  const dir = mkdtempSync(join(tmpdir(), 'outside-'));
  const { certificate } = makeAuthority('Further Root');
  writeFileSync(join(dir, 'roots.pem'), certificate);
  try {
    const network = {
      perHost: { concurrency: 3 },
      hosts: { 'api.github.com': { requestsPerSecond: 5 } },
      proxy: { url: 'http://proxy.example:3128', credentialsVariable: 'PROXY', noProxy: ['inside.example'] },
      caFile: join(dir, 'roots.pem'),
      privateHosts: ['mirror.example'],
    };
    assert.deepEqual(outside(network, { PROXY: 'me:secret', GITHUB_TOKEN: 'token' }), {
      perHost: { concurrency: 3, requestsPerSecond: 1 },
      limits: { 'api.github.com': { concurrency: 3, requestsPerSecond: 5 } },
      proxy: { url: 'http://proxy.example:3128', credentials: 'me:secret', noProxy: ['inside.example'] },
      extraCa: certificate,
      privateHosts: ['mirror.example'],
      tokens: { 'api.github.com': 'token' },
    });
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('what cannot be is told with its place', () => {
  const proxy = { url: 'http://proxy.example:3128', credentialsVariable: 'PROXY' };
  const cases: readonly [unknown, Record<string, string>, RegExp][] = [
    [{ proxy: { url: 'http://me:secret@proxy.example' } }, {}, /network\.proxy\.url/],
    [{ proxy: { url: 'socks5://proxy.example' } }, {}, /network\.proxy\.url/],
    [{ proxy }, {}, /PROXY/],
    [{ proxy }, { PROXY: 'no colon' }, /PROXY/],
    [{ perHost: { requestsPerSecond: 0 } }, {}, /network\.perHost\.requestsPerSecond/],
    [{ hosts: { 'https://a.example': {} } }, {}, /network\.hosts/],
    [{ caFile: '/no/such/file' }, {}, /network\.caFile/],
    [{ caFile: 'package.json' }, {}, /network\.caFile/],
  ];
  for (const [network, environment, where] of cases) {
    assert.throws(
      () => outside(network, environment),
      (error: { code?: string; where?: string; found?: string }) =>
        error.code === 'configuration.invalid' &&
        where.test(error.where ?? '') &&
        !error.found?.includes('secret'),
      JSON.stringify(network),
    );
  }
});
