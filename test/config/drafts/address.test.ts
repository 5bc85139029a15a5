import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draftAddress } from '../../../src/config/drafts/address.js';
import type { InstallerFacts } from '../../../src/config/drafts/facts.js';
import { compilePattern } from '../../../src/text/pattern.js';

const GITHUB = { type: 'github-releases', repo: 'maker/app' };
const release = (tag: string, name: string) =>
  `https://github.com/maker/app/releases/download/${tag}/${name}`;
const facts = (more: Partial<InstallerFacts>): InstallerFacts => ({ arch: 'x64', type: 'exe', ...more });

const NAMES: readonly (readonly [
  string,
  string,
  string,
  string | undefined,
  readonly string[],
  readonly string[],
])[] = [
  [
    'numbers stay numbers',
    'App-1.2.3.exe',
    '1.2.3',
    undefined,
    ['App-1.3.exe'],
    ['App-1.3-arm64.exe', 'App-1.3.exe.sig'],
  ],
  ['underscores', 'app_1_2_3_x64.msi', '1.2.3', undefined, ['app_2_0_x64.msi'], ['app_2_0_arm64.msi']],
  ['no dots', 'app1203.exe', '12.03', undefined, ['app1301.exe'], ['app1301-x64.exe']],
  [
    'a date beside it',
    'App_1.2_20220227_x64.exe',
    '1.2',
    undefined,
    ['App_1.3_20260101_x64.exe'],
    ['App_1.3_20260101_x86.exe'],
  ],
  ['letters', 'App-2.0-beta1-setup.exe', '2.0-beta1', undefined, ['App-2.0-setup.exe'], ['App-setup.exe']],
  [
    'no version',
    'Setup-x64.exe',
    '1.2.3',
    undefined,
    ['Setup-x64.exe'],
    ['Setup-arm64.exe', 'My-Setup-x64.exe'],
  ],
  [
    'a spelling of its own',
    'App8u502b07.msi',
    '8.0.5020.7',
    'App8u452b09.msi',
    ['App8u600b01.msi'],
    ['App9u1b1.msi'],
  ],
];

for (const [what, newest, version, older, fits, others] of NAMES) {
  test(`the pattern of an asset: ${what}`, () => {
    const { assetPattern = '' } = draftAddress(
      facts({
        latestUrl: release('v9', newest),
        latestUrlVersion: version,
        ...(older === undefined ? {} : { sampleUrl: release('v8', older), sampleVersion: '8.0.1' }),
      }),
      GITHUB,
    );
    const pattern = compilePattern(assetPattern);
    for (const name of [newest, ...fits]) assert.ok(pattern.test(name), `${assetPattern} fits ${name}`);
    for (const name of others) assert.ok(!pattern.test(name), `${assetPattern} does not fit ${name}`);
  });
}

const known = (newest: readonly [string, string], older?: readonly [string, string]) => ({
  latestUrl: newest[0],
  latestUrlVersion: newest[1],
  ...(older === undefined ? {} : { sampleUrl: older[0], sampleVersion: older[1] }),
});

const TEMPLATES: readonly (readonly [string, Partial<InstallerFacts>, string | undefined])[] = [
  [
    'made from an address',
    known(['https://a.test/1.2.3/app-1_2_3.exe', '1.2.3']),
    'https://a.test/{version}/app-{versionUnderscore}.exe',
  ],
  [
    'first parts',
    known(['https://a.test/7.4/app-7.4.2.exe', '7.4.2']),
    'https://a.test/{version2}/app-{version}.exe',
  ],
  [
    'the newest address counts more than a stated template',
    {
      ...known(['https://b.test/app-2.0.exe', '2.0'], ['https://a.test/1.0/app.exe', '1.0']),
      urlTemplate: 'https://a.test/{version}/app.exe',
      templateVerified: true,
    },
    'https://b.test/app-{version}.exe',
  ],
  [
    'one that is known to be wrong',
    {
      ...known(['https://a.test/x9f3/app.exe?id=12', '2.0']),
      urlTemplate: 'https://a.test/{version}',
      templateVerified: false,
    },
    undefined,
  ],
  [
    'a second version that changes too',
    known(['https://a.test/app-2.0-jre8.1.exe', '2.0'], ['https://a.test/app-1.0-jre8.0.exe', '1.0']),
    undefined,
  ],
  [
    'a fixed address',
    known(['https://a.test/get/setup.exe', '2.0'], ['https://a.test/get/setup.exe', '1.0']),
    'https://a.test/get/setup.exe',
  ],
  ['in the clear', known(['http://a.test/app-2.0.exe', '2.0']), undefined],
  [
    'in the clear, where the host is known to speak https',
    known(['http://a.test/app-2.0.exe', '2.0'], ['https://a.test/app-1.0.exe', '1.0']),
    'https://a.test/app-{version}.exe',
  ],
];

test('the template of an address', () => {
  for (const [what, more, expected] of TEMPLATES) {
    assert.deepEqual(
      draftAddress(facts(more), undefined),
      expected === undefined ? {} : { urlTemplate: expected },
      what,
    );
  }
});

test('a repository names only its own files', () => {
  const elsewhere = facts(known(['https://a.test/app-2.0.exe', '2.0']));
  assert.deepEqual(draftAddress(elsewhere, GITHUB), { urlTemplate: 'https://a.test/app-{version}.exe' });
});

test('a fixed address is that of its file where the file was seen there', () => {
  const feed = { type: 'static-download', url: 'https://a.test/get/My App.exe' };
  const seen = { sampleVersion: '4.1', sampleUrl: 'https://a.test/get/My%20App.exe?t=20250512' };
  assert.deepEqual(draftAddress(facts(seen), feed), { urlTemplate: 'https://a.test/get/My%20App.exe' });
  const elsewhere = { ...seen, sampleUrl: 'https://a.test/get/4.2/My%20App-20250512.exe' };
  assert.deepEqual(draftAddress(facts(elsewhere), feed), {});
  assert.deepEqual(draftAddress(facts(seen), { ...feed, url: feed.url.replace('https', 'http') }), {});
  assert.deepEqual(draftAddress(facts(seen), { ...feed, type: 'html' }), {});
});
