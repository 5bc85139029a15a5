import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Release } from '../../src/core/release.js';
import { describeUpdate } from '../../src/packages/texts.js';
import { productOf, putty64 } from './products.js';

const release: Release = {
  version: '0.85',
  prerelease: false,
  publishedAt: null,
  assets: [],
  notesUrl: 'https://putty.example/changes',
  withdrawn: false,
};
const product = productOf([putty64]);
const edition = { technology: 'msi', architecture: 'x64' } as const;

describe('texts of an update', () => {
  test('title, description and addresses', () => {
    assert.deepEqual(describeUpdate(product, release, edition), {
      title: 'PuTTY 0.85 (MSI-x64)',
      description:
        'Updates PuTTY by Simon Tatham to version 0.85. It is offered where an older version of the same edition is installed for all users. Release notes: https://putty.example/changes',
      moreInfoUrls: ['https://putty.example/changes', 'https://putty.example/'],
      supportUrl: 'https://putty.example/',
      cveIds: [],
    });
  });

  test('what the release notes name is listed as far as there is room, and counted beyond', () => {
    const named = (count: number) => {
      const cveIds = Array.from({ length: count }, (_, n) => `CVE-2026-${10_000 + n}`);
      return describeUpdate(product, { ...release, cveIds }, edition);
    };
    assert.match(named(2).description, / Its release notes name CVE-2026-10000, CVE-2026-10001\.$/);
    assert.deepEqual(named(2).cveIds, ['CVE-2026-10000', 'CVE-2026-10001']);
    const { description, cveIds } = named(200);
    assert.ok(description.length <= 1500, String(description.length));
    assert.match(description, / and \d+ more\.$/);
    assert.equal(cveIds.length, 200, 'the document has all');
  });

  test('an EXE edition has another title', () => {
    assert.equal(
      describeUpdate(product, release, { technology: 'nullsoft', architecture: 'x86' }).title,
      'PuTTY 0.85 (EXE-x86)',
    );
  });

  const addresses: readonly [name: string, notesUrl: string | null, expected: readonly string[]][] = [
    ['none', null, ['https://putty.example/']],
    ['no web address', 'javascript:alert(1)', ['https://putty.example/']],
    ['a file', 'file:///etc/passwd', ['https://putty.example/']],
    ['no address', 'changes', ['https://putty.example/']],
    ['upper case', 'HTTPS://PUTTY.EXAMPLE/x', ['https://putty.example/x', 'https://putty.example/']],
    ['the homepage again', 'https://putty.example', ['https://putty.example/']],
    ['too long', `https://putty.example/${'x'.repeat(2083)}`, ['https://putty.example/']],
  ];
  for (const [name, notesUrl, expected] of addresses) {
    test(`release notes at ${name}`, () => {
      assert.deepEqual(describeUpdate(product, { ...release, notesUrl }, edition).moreInfoUrls, expected);
    });
  }

  test('limits are kept in characters, and the edition stays readable', () => {
    const long = productOf([putty64], { name: '𝒩'.repeat(300), vendor: 'v'.repeat(2000) });
    const { title, description } = describeUpdate(long, release, edition);
    assert.equal([...title].length, 200);
    assert.match(title, /\.\.\. 0\.85 \(MSI-x64\)$/);
    assert.equal([...description].length, 1500);
    assert.match(description, /\.\.\.$/);
  });

  test('control characters of a hostile version do not get into the title', () => {
    const { title } = describeUpdate(product, { ...release, version: '1\u202e\n2' }, edition);
    assert.equal(title, 'PuTTY 1\\u{202e}\\u{a}2 (MSI-x64)');
  });
});
