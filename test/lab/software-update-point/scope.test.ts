import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { driversIn } from '../../../src/lab/software-update-point/imported/drivers.js';
import { bestDrivers } from '../../../src/lab/software-update-point/wusp/drivers.js';
import { parseXml } from '../../../src/text/xml/index.js';
import {
  CATEGORIES,
  CLASS,
  freshFolder,
  idOf,
  importFolderOf,
  type Made,
  openClient,
  PRODUCT,
  removeFolders,
  start,
  valuesIn,
} from './update-services.js';

after(removeFolders);

const filed = [PRODUCT, CLASS];
const software = (n: number): Made => ({
  id: idOf(n),
  prerequisites: filed,
  properties: 'ExplicitlyDeployable="true"',
});
const driver = (n: number, hardwareId: string, attributes = '', more = ''): Made => ({
  id: idOf(n),
  type: 'Driver',
  prerequisites: filed,
  rules: `<upd:Metadata><drv:WindowsDriverMetaData HardwareID="${hardwareId}" ${attributes}>${more}</drv:WindowsDriverMetaData></upd:Metadata>`,
});
type Approvals = Parameters<typeof start>[2];
const listIn = (xml: string, name: string) => {
  const [, list = ''] = new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(xml) ?? [];
  return valuesIn(list, 'int').map(Number);
};

/** The updates that a client takes in: categories, and the rest. */
async function scanned(client: Awaited<ReturnType<typeof openClient>>) {
  const seen = await client.scan();
  const ids = (isLeaf: string) => seen.flatMap(([, , leaf, id]) => (leaf === isLeaf ? [id] : []));
  return { nonLeaf: ids('false'), leaf: ids('true'), idOf: new Map(seen.map(([id, , , n]) => [id, n])) };
}

describe('what a computer has been told', () => {
  test('what it has and does not need any more is out of scope, in a scan of some categories apart', async () => {
    const services = await start(importFolderOf([...CATEGORIES, software(1)]));
    try {
      const client = await openClient(services.baseUrl);
      const { nonLeaf, leaf, idOf: numberOf } = await scanned(client);
      const without = nonLeaf.filter((id) => id !== numberOf.get(PRODUCT));
      const gone = await client.sync(without, [...leaf, 4711]);
      assert.deepEqual(listIn(gone, 'OutOfScopeRevisionIDs'), [4711, ...leaf].sort());
      const filter =
        `<FilterCategoryIds><CategoryIdentifier><Id>${CLASS}</Id></CategoryIdentifier></FilterCategoryIds>` +
        '<NeedTwoGroupOutOfScopeUpdates>true</NeedTwoGroupOutOfScopeUpdates>';
      const apart = await client.sync(without, [...leaf, 4711], filter);
      assert.deepEqual(
        [listIn(apart, 'OutOfScopeRevisionIDs'), listIn(apart, 'DeployedOutOfScopeRevisionIds')],
        [[4711], leaf],
      );
      assert.doesNotMatch(await client.sync(nonLeaf, leaf), /OutOfScope|NewUpdates|ChangedUpdates/);
    } finally {
      await services.close();
    }
  });

  test('an approval that changed, and a leaf that is none any more, are told once, without the fragment', async () => {
    const folder = freshFolder();
    const clientId = randomUUID();
    const before = [...CATEGORIES, software(1), software(2)];
    const first = await start(importFolderOf(before), folder);
    const { nonLeaf, leaf, idOf: numberOf } = await scanned(await openClient(first.baseUrl, clientId));
    await first.close();

    const [one, two] = [idOf(1), idOf(2)];
    const approvals: Approvals = new Map([[two, 'PreDeploymentCheck']]);
    const dependent = { ...software(3), prerequisites: [one] };
    const later = () => new Date('2026-11-29T00:00:00Z');
    const second = await start(importFolderOf([...before, dependent]), folder, approvals, null, later);
    try {
      const client = await openClient(second.baseUrl, clientId);
      const told = await client.sync(nonLeaf, leaf);
      const [, changed = ''] = /<ChangedUpdates>(.*)<\/ChangedUpdates>/s.exec(told) ?? [];
      assert.doesNotMatch(changed, /<Xml>/);
      const facts = changed
        .split('<UpdateInfo>')
        .slice(1)
        .map((info) => ['ID', 'Action', 'LastChangeTime', 'IsLeaf'].map((name) => valuesIn(info, name)[0]));
      assert.deepEqual(facts, [
        [String(numberOf.get(one)), 'Install', '2026-11-29', 'false'],
        [String(numberOf.get(two)), 'PreDeploymentCheck', '2026-11-29', 'true'],
      ]);
      const again = await client.sync([...nonLeaf, numberOf.get(one) ?? 0], [numberOf.get(two) ?? 0]);
      assert.doesNotMatch(again, /ChangedUpdates/);
      assert.match(again, new RegExp(`UpdateID=("|&quot;)${idOf(3)}`));
    } finally {
      await second.close();
    }
  });

  test('a driver that was withdrawn is out of scope of the driver pass, and of no other', async () => {
    const folder = freshFolder();
    const documents = importFolderOf([
      ...CATEGORIES,
      software(1),
      driver(2, 'PCI\\VEN_1'),
      driver(3, 'PCI\\VEN_2'),
    ]);
    const first = await start(documents, folder);
    const client = await openClient(first.baseUrl);
    const { nonLeaf, leaf } = await scanned(client);
    const device = (id: string) => `<Device><HardwareIDs><string>${id}</string></HardwareIDs></Device>`;
    const pass = (cached: readonly number[]) =>
      `<SystemSpec>${device('PCI\\VEN_1')}${device('PCI\\VEN_2')}</SystemSpec><CachedDriverIDs>${cached.map((id) => `<int>${id}</int>`).join('')}</CachedDriverIDs><SkipSoftwareSync>true</SkipSoftwareSync>`;
    const offered = await client.sync(nonLeaf, leaf, pass([]));
    const hardware = [...offered.matchAll(/<HardwareIds><string>([^<]*)</g)].map((match) => match[1]);
    assert.deepEqual(hardware, ['pci\\ven_1', 'pci\\ven_2']);
    const drivers = [...offered.matchAll(/<UpdateInfo><ID>(\d+)</g)].map((match) => Number(match[1]));
    await first.close();

    const second = await start(documents, folder, new Map([[idOf(3), 'Declined']]));
    try {
      const again = await openClient(second.baseUrl, client.clientId);
      const answer = await again.sync(nonLeaf, leaf, pass(drivers));
      assert.deepEqual(listIn(answer, 'OutOfScopeRevisionIDs'), drivers.slice(1));
      assert.doesNotMatch(answer, /NewUpdates/);
      assert.doesNotMatch(await again.sync(nonLeaf, leaf), /OutOfScope/);
    } finally {
      await second.close();
    }
  });
});

describe('the best driver for a device', () => {
  const [BOARD, MODEL] = ['458ab48b-acb9-5863-b5a8-d2c32f0d3e6f', 'de134db0-4b4a-51d6-98c5-f62916e550a7'];
  const made = ' Manufacturer="Contoso" Provider="Contoso"';
  const of = (date: string, version: string) =>
    `DriverVerDate="${date}" DriverVerVersion="${version}"${made}`;
  const target = (id: string) => `<drv:TargetComputerHardwareId>${id}</drv:TargetComputerHardwareId>`;
  const score = (value: string) =>
    `<drv:FeatureScore OperatingSystem="AMD64.10.0" FeatureScore="${value}" />`;
  const candidate = (name: string, hardwareId: string, attributes: string, more = '') => {
    const { rules = '' } = driver(1, hardwareId, attributes, more);
    const bound = rules.replace('<upd:Metadata>', '<upd:Metadata xmlns:upd="urn:u" xmlns:drv="urn:d">');
    return { name, drivers: driversIn(parseXml(bound)) };
  };
  const system = (device: string) =>
    parseXml(
      `<p><SystemSpec><Device>${device}</Device></SystemSpec><ComputerSpec><HardwareIDs><guid>${BOARD}</guid><guid>${MODEL}</guid></HardwareIDs></ComputerSpec><FeatureScoreMatchingKey>AMD64.10.0</FeatureScoreMatchingKey></p>`,
    );
  const ids =
    '<HardwareIDs><string>PCI\\A&amp;REV_2</string><string>PCI\\A</string></HardwareIDs><CompatibleIDs><string>PCI\\CC</string></CompatibleIDs>';
  const installed = (date: string, version: bigint, more = '') =>
    `${ids}<installedDriver><MatchingID>PCI\\A</MatchingID><DriverVerDate>${date}T00:00:00Z</DriverVerDate><DriverVerVersion>${version}</DriverVerVersion>${more}<Provider>Contoso</Provider><DriverRank>16711680</DriverRank></installedDriver>`;
  const old = candidate('old', 'pci\\a', of('2020-01-01', '1.0.0.0'));
  const newer = candidate('newer', 'PCI\\A', of('2022-01-01', '1.0.0.0'));
  const higher = candidate('higher', 'PCI\\A', of('2022-01-01', '1.0.0.1'));
  const exact = candidate('exact', 'PCI\\A&amp;REV_2', of('2019-01-01', '1.0'));
  const scored = candidate('scored', 'PCI\\CC', of('2018-01-01', '1.0'), score('0x80'));
  const forModel = candidate(
    'for the model',
    'PCI\\CC',
    of('2017-01-01', '1.0'),
    target(MODEL.toUpperCase()),
  );
  const forBoard = candidate('for the board', 'PCI\\CC', of('2016-01-01', '1.0'), target(BOARD));
  const stranger = candidate('for another computer', 'PCI\\A', of('2025-01-01', '9.0'), target(idOf(9)));
  const all = [old, newer, higher, exact, scored, forModel, forBoard, stranger];
  const version = (1n << 48n) + 1n;

  const cases: readonly [string, string, readonly (typeof old)[], readonly string[]][] = [
    ['the more specific computer first', ids, all, ['for the board']],
    ['then the next computer', ids, all.filter((one) => one !== forBoard), ['for the model']],
    ['then the feature score', ids, [old, newer, exact, scored], ['scored']],
    ['then the hardware id', ids, [old, higher, exact], ['exact']],
    ['then the date', ids, [newer, old], ['newer']],
    ['then the version', ids, [newer, higher], ['higher']],
    ['never for another computer or device', ids, [stranger, candidate('x', 'PCI\\B', made)], []],
    ['better than what is installed', installed('2021-01-01', 5n), [newer], ['newer']],
    ['not worse than what is installed', installed('2023-01-01', 5n), [higher], []],
    ['not the same as what is installed', installed('2022-01-01', version), [higher], []],
    [
      "a printer's of other makers is none",
      installed('2021-01-01', 5n, '<Class>Printer</Class><Manufacturer>Other</Manufacturer>'),
      [newer],
      [],
    ],
  ];
  for (const [name, device, candidates, expected] of cases) {
    test(name, () => {
      const best = bestDrivers(candidates, system(device));
      assert.deepEqual(
        [...best.keys()].map((one) => one.name),
        expected,
      );
    });
  }
});
