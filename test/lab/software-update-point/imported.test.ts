import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import {
  type CloudManagementGateway,
  startCloudManagementGateway,
} from '../../../src/lab/cloud-management-gateway/index.js';
import { readComputers } from '../../../src/lab/software-update-point/computers.js';
import { openDatabase } from '../../../src/lab/software-update-point/database.js';
import type { UpdateServices } from '../../../src/lab/software-update-point/imported/index.js';
import { makeAuthority, makeIdentity } from '../certificates.js';
import {
  bytesOf,
  CATEGORIES,
  CLASS,
  COMPANY,
  documentOf,
  freshFolder,
  idOf,
  importFolderOf,
  openClient,
  PRODUCT,
  removeFolders,
  sha1,
  start,
  valueIn,
  valuesIn,
} from './update-services.js';
import { ZEEP_CLIENT } from './zeep-client.js';

const SAMPLES = '../shared/samples/wusp/fragments';
const SCAN = '../shared/tools/wusp_scan.py';
const WSDL = '../shared/schemas/microsoft';
/** PATCHPRESS_LAB_UPDATES=2000 for the long form. */
const UPDATES = Number(process.env.PATCHPRESS_LAB_UPDATES ?? 400);

describe('a Software Update Point over imported documents', () => {
  after(removeFolders);

  test('each kind has its deployment, and declined, expired and unreachable updates are not told of', async () => {
    const [bundle, child, plain, check, declined, expired, lost, driver, behind] = [
      1, 2, 3, 4, 5, 6, 7, 8, 9,
    ].map(idOf);
    assert.ok(bundle && child && plain && check && declined && expired && lost && driver && behind);
    const detectoid = idOf(904);
    const deployable = 'ExplicitlyDeployable="true"';
    const filed = [PRODUCT, CLASS];
    const folder = importFolderOf([
      ...CATEGORIES,
      { id: detectoid, type: 'Detectoid' },
      { id: bundle, prerequisites: filed, bundled: [child], properties: deployable },
      { id: child, prerequisites: [detectoid], file: bytesOf(2) },
      { id: plain, prerequisites: filed, properties: deployable, file: bytesOf(3) },
      { id: check, prerequisites: filed, properties: deployable },
      { id: declined, prerequisites: filed, properties: deployable },
      { id: expired, prerequisites: filed, properties: `${deployable} PublicationState="Expired"` },
      { id: lost, prerequisites: [idOf(999)] },
      { id: behind, prerequisites: [CLASS, lost] },
      {
        id: driver,
        type: 'Driver',
        prerequisites: filed,
        rules: '<upd:Metadata><drv:WindowsDriverMetaData HardwareID="PCI\\VEN_1&amp;DEV_2" /></upd:Metadata>',
      },
    ]);
    const approvals = new Map([
      [check, 'PreDeploymentCheck'],
      [declined, 'Declined'],
    ]);
    const services = await start(folder, freshFolder(), approvals);
    try {
      assert.deepEqual(services.unreachable, [
        { updateId: lost, missing: idOf(999) },
        { updateId: behind, missing: lost },
      ]);
      assert.deepEqual(services.served, { categories: 4, software: 6, drivers: 1 });
      const client = await openClient(services.baseUrl);
      const seen = await client.scan();
      assert.deepEqual(
        new Map(seen.map(([id, action, isLeaf]) => [id, `${action} ${isLeaf}`])),
        new Map([
          [COMPANY, 'Evaluate false'],
          [CLASS, 'Evaluate false'],
          [detectoid, 'Evaluate false'],
          [PRODUCT, 'Evaluate false'],
          [child, 'Bundle true'],
          [bundle, 'Install true'],
          [plain, 'Install true'],
          [check, 'PreDeploymentCheck true'],
        ]),
      );
      // A category comes before what is filed under it, a level in each round.
      assert.ok(seen.findIndex(([id]) => id === COMPANY) < seen.findIndex(([id]) => id === PRODUCT));

      const nonLeaf = seen.filter(([, , isLeaf]) => isLeaf === 'false').map(([, , , id]) => id);
      const pass = (device: string) =>
        client.sync(
          nonLeaf,
          [],
          `<SystemSpec><Device><HardwareIDs><string>${device}</string></HardwareIDs></Device></SystemSpec><SkipSoftwareSync>true</SkipSoftwareSync>`,
        );
      assert.match(
        await pass('pci\\ven_1&amp;dev_2'),
        /UpdateID=&quot;00000000-0000-4000-8000-000000000008|UpdateID="00000000-0000-4000-8000-000000000008/,
      );
      const other = await pass('PCI\\VEN_9');
      assert.doesNotMatch(other, /NewUpdates/);
      assert.equal(valueIn(other, 'DriverSyncNotNeeded'), 'true');
      assert.equal(valueIn(await client.sync(nonLeaf), 'DriverSyncNotNeeded'), 'false');
    } finally {
      await services.close();
    }
  });

  test('a scan of one category brings the members of its bundles, which are filed nowhere', async () => {
    const [bundle, inner, file, other] = [idOf(1), idOf(2), idOf(3), idOf(4)];
    const services = await start(
      importFolderOf([
        ...CATEGORIES,
        { id: bundle, prerequisites: [CLASS], bundled: [inner.toUpperCase()] },
        { id: inner, bundled: [file] },
        { id: file, properties: 'ExplicitlyDeployable="1"' },
        { id: other },
      ]),
    );
    try {
      const client = await openClient(services.baseUrl);
      const [category] = (await client.scan()).filter(([id]) => id === CLASS);
      const filter = `<FilterCategoryIds><CategoryIdentifier><Id>${CLASS}</Id></CategoryIdentifier></FilterCategoryIds>`;
      const page = await client.sync([category?.[3] ?? 0], [], filter);
      const infos = page.replaceAll('&quot;', '"').split('<UpdateInfo>').slice(1);
      const told = infos.map((info) => [/UpdateID="([^"]*)"/.exec(info)?.[1] ?? '', valueIn(info, 'Action')]);
      assert.deepEqual(told.sort(), [
        [bundle, 'Install'],
        [inner, 'Bundle'],
        [file, 'Install'],
      ]);
      const drivers = await client.sync([category?.[3] ?? 0], [], '<SkipSoftwareSync>1</SkipSoftwareSync>');
      assert.deepEqual(valuesIn(drivers, 'Action'), [], 'the driver pass has no software');
    } finally {
      await services.close();
    }
  });

  test('content, file addresses and both calls for extended information', async () => {
    const id = idOf(1);
    const services = await start(
      importFolderOf([
        { id, file: bytesOf(1) },
        { id: idOf(2), file: bytesOf(2) },
      ]),
    );
    try {
      const client = await openClient(services.baseUrl);
      const [[, , , revisionId] = ['', '', '', 0]] = (await client.scan()).filter(([one]) => one === id);
      const types = (names: readonly string[]) =>
        `<infoTypes>${names.map((name) => `<XmlUpdateFragmentType>${name}</XmlUpdateFragmentType>`).join('')}</infoTypes>`;
      const told = await client.wusp(
        'GetExtendedUpdateInfo',
        `<revisionIDs><int>${revisionId}</int></revisionIDs>${types(['Extended', 'LocalizedProperties'])}<locales><string>en-US</string></locales>`,
      );
      const address = valueIn(told, 'Url');
      const hex = sha1(bytesOf(1), 'hex').toUpperCase();
      assert.equal(address, `${services.baseUrl}/Content/${hex.slice(-2)}/${hex}.cab`);
      const part = await fetch(address, { headers: { range: 'bytes=3-6' } });
      assert.deepEqual([part.status, await part.text()], [206, bytesOf(1).toString().slice(3, 7)]);
      const identity = (revision: number) =>
        `<updateIDs><UpdateIdentity><UpdateID>${id}</UpdateID><RevisionNumber>${revision}</RevisionNumber></UpdateIdentity></updateIDs>${types(['FileUrl'])}`;
      assert.deepEqual(valuesIn(await client.wusp('GetExtendedUpdateInfo2', identity(1)), 'Url'), [address]);
      assert.deepEqual(valuesIn(await client.wusp('GetExtendedUpdateInfo2', identity(2)), 'Url'), []);
    } finally {
      await services.close();
    }
  });

  test('extended information by identity, and RefreshCache, as a strict client reads them', {
    skip: existsSync(WSDL) ? false : `${WSDL} is absent`,
  }, async (t) => {
    const german =
      '<upd:LocalizedProperties><upd:Language>de</upd:Language><upd:Title>Ein Titel</upd:Title></upd:LocalizedProperties>';
    const eula = (language: string) =>
      `<upd:EulaFile Language="${language}" FileName="eula-${language}.txt" />`;
    const [id, terms] = [idOf(1), idOf(77)];
    const made = {
      id,
      revision: 7,
      properties: `ExplicitlyDeployable="true" EulaID="${terms}"`,
      localized: `${german}${eula('en')}${eula('de')}`,
      file: bytesOf(1),
    };
    const services = await start(importFolderOf([made]));
    try {
      const python = promisify(execFile)('/usr/bin/python3', [
        '-c',
        ZEEP_CLIENT,
        WSDL,
        services.baseUrl,
        id,
        '7',
      ]);
      const run = await python.catch((error: unknown) => {
        if (/No module named/.test(String(error))) return null;
        throw error;
      });
      if (run === null) return t.skip('python3-zeep is not installed');
      const told = JSON.parse(run.stdout) as Record<string, readonly unknown[]>;
      const [core, extended, localized, license] = told.xml as readonly string[];
      assert.match(
        core ?? '',
        new RegExp(`<Properties UpdateType="Software" ExplicitlyDeployable="true" EulaID="${terms}" />`),
      );
      assert.match(
        extended ?? '',
        /^<ExtendedProperties DefaultPropertiesLanguage="en" \/><Files><File Digest=/,
      );
      assert.equal(
        localized,
        '<LocalizedProperties><Language>de</Language><Title>Ein Titel</Title></LocalizedProperties>',
      );
      assert.equal(license, '<EulaFile Language="de" FileName="eula-de.txt" />');
      const hex = sha1(bytesOf(1), 'hex');
      const url = `${services.baseUrl}/Content/${hex.slice(-2).toUpperCase()}/${hex.toUpperCase()}.cab`;
      assert.deepEqual(told.files, [[hex, url, 'SHA1']]);
      assert.deepEqual([told.decryption, told.fault], [null, ['InvalidParameters', 'locales']]);
      assert.deepEqual(told.known, [[(told.ids ?? [])[0], id, 7, true, 'Install']]);
    } finally {
      await services.close();
    }
  });

  test('what cannot be served is set aside by name, and a file with other bytes is not taken', async () => {
    const folder = importFolderOf([
      { id: idOf(1), file: bytesOf(1) },
      { id: idOf(2), revision: 3 },
    ]);
    writeFileSync(join(folder, `${idOf(1)}_1.cab`), 'other bytes');
    writeFileSync(join(folder, 'older.update.xml'), documentOf({ id: idOf(2), revision: 2 }));
    writeFileSync(join(folder, 'broken.update.xml'), '<upd:Update');
    writeFileSync(join(folder, 'other.update.xml'), '<Package xmlns="urn:other"/>');
    // Two links that lead upwards: whoever followed them would read without an end.
    for (const name of ['up', 'again']) symlinkSync(folder, join(folder, name));
    writeFileSync(join(folder, 'entity.update.xml'), '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>');
    const services = await start(folder);
    try {
      assert.deepEqual(services.setAside.map(({ path }) => path.slice(folder.length + 1)).sort(), [
        'broken.update.xml',
        'entity.update.xml',
        'older.update.xml',
        'other.update.xml',
      ]);
      assert.match(
        services.setAside.find(({ path }) => path.includes('older'))?.reason ?? '',
        /revision 3 of it/,
      );
      assert.deepEqual(services.missingFiles, [`${idOf(1)}_1.cab`]);
      assert.deepEqual(services.served, { categories: 0, software: 2, drivers: 0 });
    } finally {
      await services.close();
    }
    await assert.rejects(start(join(folder, 'nowhere')), /no such folder of documents/);
  });

  test('numbers, cookies, computers and states outlive a restart', async () => {
    const folder = freshFolder();
    const documents = importFolderOf([...CATEGORIES, { id: idOf(1), prerequisites: [PRODUCT, CLASS] }]);
    const first = await start(documents, folder);
    const client = await openClient(first.baseUrl);
    const seen = await client.scan();
    const event = (id: number, updateId: string, hresult: number, misc = '') =>
      `<ReportingEvent><BasicData><TargetID><Sid>${client.clientId}</Sid></TargetID><SequenceNumber>0</SequenceNumber><TimeAtTarget>2026-11-28T00:00:00.000Z</TimeAtTarget><EventInstanceID>${randomUUID()}</EventInstanceID><NamespaceID>1</NamespaceID><EventID>${id}</EventID><SourceID>101</SourceID><UpdateID><RevisionNumber>0</RevisionNumber><UpdateID>${updateId}</UpdateID></UpdateID><Win32HResult>${hresult}</Win32HResult><AppName>a</AppName></BasicData><ExtendedData><MiscData>${misc}</MiscData></ExtendedData><PrivateData /></ReportingEvent>`;
    const none = '00000000-0000-0000-0000-000000000000';
    await client.report(
      event(156, none, 0, `<string>U=${idOf(1)};${idOf(2)}</string><string>V=${idOf(3)}</string>`),
    );
    await client.report(event(182, idOf(2), -2145099769));
    await first.close();

    const second = await start(documents, folder);
    try {
      assert.deepEqual(await (await openClient(second.baseUrl)).scan(), seen);
      const database = openDatabase(folder);
      const computer = readComputers(database).find(({ clientId }) => clientId === client.clientId);
      database.close();
      assert.deepEqual(computer?.states, {
        [idOf(1)]: 'NotInstalled',
        [idOf(2)]: 'Failed',
        [idOf(3)]: 'Installed',
      });
      assert.equal(computer?.dnsName, 'one.lab');
    } finally {
      await second.close();
    }
  });

  test('recorded documents are told byte for byte as the real server told them', {
    skip: existsSync(SAMPLES) ? false : 'the recordings in ../shared are absent',
  }, async () => {
    const folder = freshFolder();
    const names = ['category-company-56309036-r101', 'category-family-6964aab4-r100'];
    for (const name of names)
      copyFileSync(`${SAMPLES}/${name}.update.xml`, join(folder, `${name}.update.xml`));
    const services = await start(folder);
    try {
      const client = await openClient(services.baseUrl);
      const first = await client.sync([]);
      const core = (xml: string) => valuesIn(xml, 'Xml').map((text) => unescaped(text));
      assert.deepEqual(core(first), [readFileSync(`${SAMPLES}/${names[0]}.core.xml`, 'utf8')]);
      const second = await client.sync([Number(valueIn(first, 'ID'))]);
      assert.deepEqual(core(second), [readFileSync(`${SAMPLES}/${names[1]}.core.xml`, 'utf8')]);
    } finally {
      await services.close();
    }
  });

  describe(`an independent client scans ${UPDATES} updates`, () => {
    const authority = makeAuthority('Test Authority');
    const identity = makeIdentity('sup', { hosts: ['localhost'] }, authority);
    const files = freshFolder();
    const fileOf = (name: string, text: string): string => {
      writeFileSync(join(files, name), text);
      return join(files, name);
    };
    let services: UpdateServices;
    let gateway: CloudManagementGateway;
    before(async () => {
      const folder = freshFolder();
      const documents = importFolderOf([
        ...CATEGORIES,
        ...Array.from({ length: UPDATES }, (_, n) => ({
          id: idOf(n + 1000),
          prerequisites: [PRODUCT, CLASS],
          file: bytesOf(n),
        })),
      ]);
      services = await start(documents, folder, new Map(), identity);
      gateway = await startCloudManagementGateway({
        port: 0,
        identity,
        name: 'localhost',
        clientCa: authority.certificate,
        softwareUpdatePoint: {
          address: '127.0.0.1',
          port: services.port,
          name: 'localhost',
          ca: authority.certificate,
        },
        contentFolder: join(folder, 'content'),
        now: () => new Date(),
      });
    });
    after(async () => {
      await gateway.close();
      await services.close();
    });

    const ways: readonly [string, () => readonly string[]][] = [
      ['directly', () => ['--base', services.baseUrl]],
      [
        'through the gateway',
        () => {
          const device = makeIdentity('device', { usage: 'clientAuth' }, authority);
          const base = `https://localhost:${gateway.port}${gateway.proxyPath}`;
          const certificate = fileOf('device.pem', device.certificate);
          return ['--base', base, '--cert', certificate, '--key', fileOf('device.key', device.key)];
        },
      ],
    ];
    for (const [way, words] of ways) {
      test(`every level and all extended information, ${way}`, {
        skip: existsSync(SCAN) ? false : `${SCAN} is absent`,
      }, async (t) => {
        const ca = fileOf('ca.pem', authority.certificate);
        const run = await promisify(execFile)('/usr/bin/python3', [SCAN, ...words(), '--ca', ca], {
          maxBuffer: 1 << 28,
        }).catch((error: unknown) => {
          if (/No module named/.test(String(error))) return null;
          throw error;
        });
        if (run === null) return t.skip('python3-zeep is not installed');
        const told = JSON.parse(run.stdout) as Record<string, unknown>;
        const lengthOf = (name: string) =>
          Array.isArray(told[name]) ? (told[name] as unknown[]).length : told[name];
        assert.equal(lengthOf('updates'), UPDATES + 3);
        assert.equal(lengthOf('fileLocations'), UPDATES);
        assert.equal(told.truncated, false);
      });
    }
  });
});

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
