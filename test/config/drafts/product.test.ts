import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draftArguments, draftReturnCodes } from '../../../src/config/drafts/command.js';
import { draftDetection, matchOfStatedName } from '../../../src/config/drafts/detection.js';
import {
  type InstallerFacts,
  type ProductFacts,
  ProductFactsSchema,
} from '../../../src/config/drafts/facts.js';
import { factsOfInspection } from '../../../src/config/drafts/inspected.js';
import { draftProduct } from '../../../src/config/drafts/product.js';
import { factsOfWinget } from '../../../src/config/drafts/winget.js';
import { ProductFile } from '../../../src/config/product-schema.js';
import type { InstallerTechnologyName } from '../../../src/core/product.js';
import { checkFeed } from '../../../src/feeds/index.js';

const installer = (more: Partial<InstallerFacts>): InstallerFacts => ({
  arch: 'x64',
  type: 'nullsoft',
  scope: 'machine',
  sampleUrl: 'https://a.test/app-1.2.3.exe',
  sampleVersion: '1.2.3',
  silentArgs: '/S',
  silentArgsSource: 'type-default',
  ...more,
});
const product = (...installers: readonly InstallerFacts[]): ProductFacts =>
  ProductFactsSchema.parse({
    id: 'Maker.App',
    name: 'App',
    vendor: 'Maker',
    latestVersion: '1.2.3',
    feeds: [
      { type: 'static-download', url: 'https://a.test/app.exe', complete: true },
      { type: 'html', url: 'https://a.test/', pattern: 'app-([\\d.]+)', complete: true, origin: 'scoop' },
      { type: 'winget', id: 'Maker.App', complete: true },
    ],
    installers,
    versions: [],
  });
const ROW = { displayName: 'Great App 1.2.3', displayVersion: '1.2.3', publisher: 'Maker' };

const COMMANDS: readonly (readonly [InstallerTechnologyName, Partial<InstallerFacts>, string | null])[] = [
  ['msi', { silentArgs: '/qn /norestart ADDLOCAL=ALL /l*v "C:\\a b.log" LOG="<LOGPATH>"' }, 'ADDLOCAL=ALL'],
  ['inno', { silentArgs: '/VERYSILENT /NORESTART /norestart /LOG="x"' }, '/VERYSILENT /NORESTART'],
  ['nullsoft', { silentArgs: null }, '/S'],
  ['exe', { silentArgs: '/s', silentArgsSource: 'type-default' }, null],
  ['exe', { silentArgs: '/s', silentArgsSource: 'manifest' }, '/s'],
];

test('the silent command: properties of an MSI, stated switches of an executable', () => {
  for (const [technology, more, expected] of COMMANDS)
    assert.equal(draftArguments(technology, installer(more)), expected);
});

test('exit codes: zero, the stated ones as signed numbers, and those that Windows Installer passes on', () => {
  const stated = installer({
    successCodes: ['4294967295'],
    returnCodes: [
      { code: '3010', response: 'rebootRequiredToFinish' },
      { code: '1602', response: 'cancelledByUser' },
      { code: '87', response: 'invalidParameter' },
    ],
  });
  assert.deepEqual(
    draftReturnCodes('exe', stated).map(({ code, result, reboot }) => [code, result, reboot]),
    [
      [-1, 'Succeeded', false],
      [0, 'Succeeded', false],
      [87, 'Failed', false],
      [1602, 'Cancelled', false],
      [3010, 'Succeeded', true],
    ],
  );
  const codesOf = (technology: InstallerTechnologyName, silentArgs: string) =>
    draftReturnCodes(technology, installer({ silentArgs })).map(({ code }) => code);
  assert.deepEqual(codesOf('burn', '/quiet'), [0, 1641, 3010]);
  assert.deepEqual(codesOf('exe', '/s /v"/qn"'), [0, 1641, 3010]);
  assert.deepEqual(codesOf('exe', '/s'), [0]);
  assert.deepEqual(codesOf('msi', ''), []);
});

test('a name under Apps: split around the version, but for what the product itself is called', () => {
  assert.deepEqual(matchOfStatedName('Great App 1.2.3 (x64)', ['1.2.3'], 'App'), {
    beginsWith: 'Great App ',
    endsWith: ' (x64)',
  });
  assert.deepEqual(matchOfStatedName('Python 3.12.10 (64-bit)', ['3.12.10'], 'Python 3.12'), {
    beginsWith: 'Python 3.12.',
    endsWith: ' (64-bit)',
  });
  assert.deepEqual(matchOfStatedName('Great App', ['1.2.3'], 'App'), { equalTo: 'Great App' });
  assert.equal(matchOfStatedName('R 1.2.3', ['1.2.3'], 'R'), undefined);
  assert.equal(matchOfStatedName('Great App 1.1.9', ['1.2.3'], 'App'), undefined);
});

const DETECTIONS: readonly (readonly [string, InstallerTechnologyName, Partial<InstallerFacts>, unknown])[] =
  [
    ['a guess is none', 'nullsoft', { arp: { ...ROW, inferred: true } }, undefined],
    [
      'a key',
      'inno',
      { productCode: 'app_is1' },
      { key: 'app_is1', windowsInstaller: false, displayVersion: 'installer', evidence: 'stated' },
    ],
    ['a key with a version', 'nullsoft', { productCode: 'App 1.2.3' }, undefined],
    ['a key that may change', 'nullsoft', { productCode: '4f357cc2-fcfb-5fb1-89af-67446d29eff0' }, undefined],
    [
      'an UpgradeCode',
      'msi',
      { upgradeCode: '{1F717D5A-A55B-5FE2-9103-C0D74F7FBDE3}' },
      {
        upgradeCode: '{1F717D5A-A55B-5FE2-9103-C0D74F7FBDE3}',
        windowsInstaller: true,
        displayVersion: 'installer',
        evidence: 'msi-tables',
      },
    ],
    [
      'a row',
      'nullsoft',
      { arp: { ...ROW, publisher: 'Maker Ltd' } },
      {
        displayName: { beginsWith: 'Great App ' },
        publisher: 'Maker Ltd',
        windowsInstaller: false,
        displayVersion: 'release',
        evidence: 'stated',
      },
    ],
    [
      'zeros at the end',
      'nullsoft',
      { arp: { ...ROW, displayVersion: '1.2.3.0' }, productCode: 'App' },
      {
        key: 'App',
        displayName: { beginsWith: 'Great App ' },
        windowsInstaller: false,
        displayVersion: 'release',
        evidence: 'stated',
      },
    ],
    [
      'another version under Apps',
      'nullsoft',
      { arp: { ...ROW, displayVersion: '7.1' }, productCode: 'App' },
      undefined,
    ],
    [
      'an MSI in an executable',
      'exe',
      { arp: ROW, productCode: '{1F717D5A-A55B-5FE2-9103-C0D74F7FBDE3}' },
      undefined,
    ],
  ];

test('detection rests on what is stated alone', () => {
  const of = { id: 'Maker.App', name: 'App', vendor: 'Maker' };
  for (const [what, technology, more, expected] of DETECTIONS)
    assert.deepEqual(draftDetection(technology, installer(more), of).detection, expected, what);
});

test('a definition: feeds that show a version first, tier by what is known, and in words what it lacks', () => {
  const known = draftProduct(product(installer({ arp: ROW })), checkFeed).product;
  assert.equal(known?.tier, 'A');
  assert.deepEqual(
    known?.feeds.map(({ type }) => type),
    ['html', 'static-download', 'winget'],
  );
  assert.ok(!('origin' in (known?.feeds[0] ?? {})));
  const inno = draftProduct(product(installer({ type: 'inno' })), checkFeed).product;
  assert.equal(inno?.tier, 'B');
  const unknown = draftProduct(product(installer({})), checkFeed).product;
  assert.equal(unknown?.tier, 'C');
  assert.match(unknown?.lacks?.join() ?? '', /evidence/);
  for (const one of [known, inno, unknown]) assert.ok(ProductFile.safeParse(one).success);
});

test('left out, with the reason', () => {
  const reasonOf = (more: Partial<InstallerFacts>) => {
    const draft = draftProduct(product(installer(more)), checkFeed);
    return draft.product === null ? draft.leftOut : 'not left out';
  };
  assert.equal(reasonOf({ scope: 'user' }), 'user scope only');
  assert.equal(reasonOf({ scope: null, silentArgs: '/S /currentuser' }), 'user scope only');
  assert.equal(reasonOf({ type: 'zip' }), 'zip only');
  assert.equal(reasonOf({ arch: 'arm' }), 'for another architecture only');
  assert.equal(
    reasonOf({ sampleUrl: 'https://a.test/app-1.2.3-arm64.exe' }),
    'for another architecture only',
  );
  assert.equal(reasonOf({ sampleUrl: 'https://a.test/app-portable-1.2.3.exe' }), 'portable only');
  assert.equal(reasonOf({ type: 'exe' }), 'no silent command known');
});

test('one file for all architectures is one installer; where each has its own row they stay apart', () => {
  const architecturesOf = (...keys: readonly string[]) => {
    const [x64, arm64] = ['x64', 'arm64'].map((arch, at) => installer({ arch, productCode: keys[at] }));
    const draft = x64 && arm64 && draftProduct(product(x64, arm64), checkFeed).product;
    return draft?.installers.map(({ architecture }) => architecture);
  };
  assert.deepEqual(architecturesOf('App', 'App'), ['x86']);
  assert.deepEqual(architecturesOf('App64', 'AppArm'), ['x64', 'arm64']);
});

const MANIFEST = `
PackageIdentifier: Maker.App
PackageVersion: 1.10
InstallerType: inno
Scope: machine
ProductCode: app_is1
Installers:
- Architecture: x64
  InstallerUrl: https://github.com/maker/app/releases/download/app-1.10/app-1.10-x64.exe
- Architecture: x64
  InstallerType: zip
  InstallerUrl: https://github.com/maker/app/releases/download/app-1.10/app-1.10.zip
ManifestType: installer
`;
const LOCALE = `
PackageIdentifier: Maker.App
PackageVersion: 1.10
PackageName: Great App
Publisher: Maker
ManifestType: defaultLocale
`;

test('winget manifests: members of the root hold for all, and the address tells the feed', () => {
  const draft = draftProduct(factsOfWinget([MANIFEST, LOCALE]), checkFeed).product;
  assert.equal(draft?.name, 'Great App');
  assert.equal(draft?.tier, 'A');
  assert.deepEqual(draft?.feeds, [
    { type: 'github-releases', repo: 'maker/app', endpoint: 'list', tagPattern: '^app-(.+)$' },
    { type: 'winget', id: 'Maker.App' },
  ]);
  assert.deepEqual(
    draft?.installers.map(({ assetPattern, arguments: silent, detection }) => [
      assetPattern,
      silent,
      detection?.key,
    ]),
    [['^app-\\d+(?:\\.\\d+)*-x64\\.exe$', '/VERYSILENT /SUPPRESSMSGBOXES /NORESTART /SP-', 'app_is1']],
  );
  assert.throws(() => factsOfWinget([LOCALE]), /cannot be read/);
  assert.throws(() => factsOfWinget([MANIFEST, LOCALE.replace('1.10', '1.11')]), /cannot be read/);
});

test('an inspected file: its own evidence, and nothing of feeds or addresses', () => {
  const inspection = {
    technology: 'inno',
    architecture: null,
    scope: 'machine',
    productName: 'Great App',
    publisher: 'Maker, Ltd.',
    version: '1.2.3',
    language: null,
    productCode: null,
    upgradeCode: null,
    arp: [
      {
        view: '32',
        key: 'app_is1',
        displayName: 'Great App 1.2.3',
        displayVersion: '1.2.3',
        publisher: 'Maker, Ltd.',
        windowsInstaller: false,
        source: 'inno-header',
      },
    ],
  } as const;
  const draft = draftProduct(factsOfInspection(inspection), checkFeed).product;
  assert.equal(draft?.id, 'MakerLtd.GreatApp');
  assert.equal(draft?.tier, 'C');
  assert.deepEqual(draft?.feeds, []);
  const [one] = draft?.installers ?? [];
  assert.equal(one?.architecture, 'x86');
  assert.equal(one?.detection?.key, 'app_is1');
  assert.equal(one?.detection?.evidence, 'inno-header');
  assert.throws(() => factsOfInspection({ ...inspection, scope: 'user' }), /one user/);
});
