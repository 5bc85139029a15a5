import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { siteCanaryFrom } from '../../src/app/configure.js';
import { decodeSettings } from '../../src/config/settings.js';

const decode = (value: unknown) => decodeSettings(value, 'patchpress.yaml', {});

test('what is verified is verified again once a day, or less often', () => {
  assert.equal(decode({}).canary.everyHours, 24);
  assert.equal(decode({ canary: { everyHours: 168 } }).canary.everyHours, 168);
  for (const everyHours of [0, 23, 24.5, 'daily']) {
    assert.throws(() => decode({ canary: { everyHours } }), { code: 'configuration.invalid' });
  }
});

test('a script on devices goes before the compliance of a collection; without either nothing is proven', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'canary-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const tokenFile = join(dir, 'token');
  writeFileSync(tokenFile, 'secret');
  const canaryScript = '11111111-2222-4333-8444-555555555555';
  const canaryCollection = 'XYZ00012';
  const table: readonly (readonly [object, string | undefined])[] = [
    [{}, undefined],
    [{ canaryCollection }, 'compliance'],
    [{ canaryScript }, 'device'],
    [{ canaryScript, canaryCollection }, 'device'],
  ];
  for (const [named, proof] of table) {
    const site = { adminServiceUrl: 'https://site.example', tokenFile, ...named };
    assert.equal(siteCanaryFrom(decode({ site }))?.proof, proof);
  }
  assert.equal(siteCanaryFrom(decode({})), null);
  for (const wrong of ['XYZ 0012', "XYZ00012' or 1 eq 1", '']) {
    const site = { adminServiceUrl: 'https://site.example', tokenFile, canaryCollection: wrong };
    assert.throws(() => decode({ site }), { code: 'configuration.invalid' });
  }
});
