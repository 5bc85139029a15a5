import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { parseMachine } from '../../src/config/machine.js';
import { childElements, parseXml, parseXmlFragment, type XmlElement } from '../../src/text/xml/index.js';
import { judgeDriver, readDrivers } from '../../src/verification/drivers.js';
import { metered } from '../../src/verification/meter.js';
import { fault } from './wusp/stub-server.js';
import { scanServer } from '../../src/verification/scan.js';
import { createHttpsTransport } from '../../src/verification/transport.js';
import { openSession } from '../../src/verification/wusp/session.js';
import type { UpdateCache } from '../../src/verification/wusp/sync.js';
import {
  CATEGORIES,
  CLASS,
  freshFolder,
  idOf,
  importFolderOf,
  type Made,
  PRODUCT,
  removeFolders,
  start,
} from '../lab/software-update-point/update-services.js';

const RECORDED = '../shared/samples/wusp/sync/driver-pass.request.trimmed.xml';

after(removeFolders);

const machineOf = (hardware: object) =>
  parseMachine(
    JSON.stringify({ os: { version: '10.0.22631.1', architecture: 'x64' }, hardware }),
    'machine.json',
  );
const { hardware } = machineOf({
  computerIds: ['458ab48b-acb9-5863-b5a8-d2c32f0d3e6f'],
  devices: [
    { hardwareIds: ['PCI\\VEN_1&REV_2', 'PCI\\VEN_1'], compatibleIds: ['PCI\\CC_02'] },
    {
      hardwareIds: ['USB\\VID_2'],
      driver: {
        date: '2022-05-04',
        version: '1.2.3.4',
        matchingId: 'USB\\VID_2',
        class: 'Net',
        manufacturer: 'Contoso',
        provider: 'Contoso',
        model: 'Adapter',
      },
    },
  ],
});
const metadata = (hardwareId: string, date = '2023-01-01', version = '2.0.0.0') =>
  `<drv:WindowsDriverMetaData HardwareID="${hardwareId}" DriverVerDate="${date}" DriverVerVersion="${version}" />`;

describe('what a driver is to the devices of a machine', () => {
  const fragment = (...entries: readonly string[]) => {
    const text = `<ApplicabilityRules><Metadata>${entries.join('').replaceAll('drv:', 'd.')}</Metadata></ApplicabilityRules>`;
    return readDrivers(parseXmlFragment(text)[0] ?? null);
  };
  const cases: readonly [string, string, string][] = [
    ['of a device without one', metadata('pci\\ven_1'), 'required'],
    ['of a compatible id', metadata('PCI\\CC_02'), 'required'],
    ['newer by date', metadata('usb\\vid_2'), 'required'],
    ['newer by version', metadata('USB\\VID_2', '2022-05-04', '1.2.3.5'), 'required'],
    ['the same', metadata('USB\\VID_2', '2022-05-04', '1.2.3.4'), 'installed'],
    ['older by date, whatever its version', metadata('USB\\VID_2', '2021-01-01', '9.0.0.0'), 'installed'],
    ['of a device that is not there', metadata('USB\\VID_9'), 'notApplicable'],
  ];
  for (const [name, entry, state] of cases) {
    test(name, () => {
      const verdict = judgeDriver(fragment(entry), hardware);
      assert.deepEqual([verdict.state, verdict.unknown], [state, false]);
    });
  }

  test('is not known where the machine names no hardware', () => {
    const verdict = judgeDriver(fragment(metadata('USB\\VID_2')), undefined);
    assert.deepEqual([verdict.state, verdict.unknown], ['notApplicable', true]);
  });
});

describe('the driver pass', () => {
  const filed = [PRODUCT, CLASS];
  const driver = (n: number, entry: string): Made => ({
    id: idOf(n),
    type: 'Driver',
    prerequisites: filed,
    rules: `<upd:Metadata>${entry}</upd:Metadata>`,
  });
  const software: Made = { id: idOf(1), prerequisites: filed };
  const documents = [
    ...CATEGORIES,
    software,
    driver(2, metadata('PCI\\VEN_1')),
    driver(3, metadata('USB\\VID_2')),
    driver(4, metadata('USB\\VID_2', '2022-12-31')),
    driver(5, metadata('USB\\VID_9')),
  ];

  test('brings the best driver for each device after the software, and none that the machine has no use for', async (t) => {
    const folder = freshFolder();
    const first = await start(importFolderOf(documents), folder);
    const transport = createHttpsTransport({ client: null, hosts: {}, timeoutMs: 10_000 });
    t.after(() => transport.close());
    const sent: string[] = [];
    const recording = {
      ...transport,
      post: (address: string, headers: Readonly<Record<string, string>>, body: string) => {
        sent.push(body);
        return transport.post(address, headers, body);
      },
    };
    const computer = { clientId: '11111111-0000-4000-8000-000000000001', dnsName: 'device.lab' };
    const machine = machineOf(hardware ?? {});
    const open = (base: string) =>
      openSession({ transport: recording, base, computer, machine, now: () => new Date() });
    const cache: UpdateCache = new Map();
    const statesOf = ({ updates }: Awaited<ReturnType<typeof scanServer>>) =>
      updates.flatMap(({ known, state }) =>
        known?.core.updateType === 'Driver' ? [[known.core.updateId, state]] : [],
      );
    try {
      const scan = await scanServer(await open(first.baseUrl), cache);
      assert.deepEqual(statesOf(scan), [
        [idOf(2), 'required'],
        [idOf(3), 'required'],
      ]);
    } finally {
      await first.close();
    }
    const pass = sent.at(-1) ?? '';
    assert.match(pass, /<SkipSoftwareSync>true</);
    assert.match(pass, /<DriverVerVersion>281483566841860</);
    assert.match(pass, /<FeatureScoreMatchingKey>AMD64.10.0</);
    assertShape(pass);

    // The best one is withdrawn: the next best takes its place.
    const second = await start(importFolderOf(documents), folder, new Map([[idOf(3), 'Declined']]));
    try {
      const scan = await scanServer(await open(second.baseUrl), cache);
      assert.deepEqual(statesOf(scan), [
        [idOf(2), 'required'],
        [idOf(4), 'required'],
      ]);
    } finally {
      await second.close();
    }
  });

  test('of what turns out to be another server begins with the software again', async (t) => {
    const services = await start(importFolderOf(documents));
    const wire = createHttpsTransport({ client: null, hosts: {}, timeoutMs: 10_000 });
    t.after(() => wire.close());
    let faults = 1;
    const transport = {
      ...wire,
      post: async (address: string, headers: Readonly<Record<string, string>>, body: string) => {
        if (faults === 0 || !body.includes('<SystemSpec>')) return wire.post(address, headers, body);
        faults -= 1;
        return { status: 500, headers: {}, body: Buffer.from(fault('ServerChanged')) };
      },
    };
    const computer = { clientId: '11111111-0000-4000-8000-000000000003', dnsName: 'device.lab' };
    const machine = machineOf(hardware ?? {});
    try {
      const base = services.baseUrl;
      const session = await openSession({ transport, base, computer, machine, now: () => new Date() });
      const { updates } = await scanServer(session, new Map());
      assert.deepEqual(updates.map(({ known }) => known?.core.updateType).sort(), [
        ...['Category', 'Category', 'Category', 'Driver', 'Driver', 'Software'],
      ]);
    } finally {
      await services.close();
    }
  });

  test('is not made where the server has no drivers, or the machine names no hardware', async (t) => {
    const wire = createHttpsTransport({ client: null, hosts: {}, timeoutMs: 10_000 });
    t.after(() => wire.close());
    const computer = { clientId: '11111111-0000-4000-8000-000000000002', dnsName: 'device.lab' };
    const { hardware: _, ...bare } = machineOf({ devices: [] });
    const cases = [
      { documents: [...CATEGORIES, software], machine: machineOf(hardware ?? {}) },
      { documents, machine: bare },
    ];
    for (const { documents: made, machine } of cases) {
      const services = await start(importFolderOf(made));
      try {
        const { transport, traffic } = metered(wire);
        const options = { transport, base: services.baseUrl, computer, machine, now: () => new Date() };
        const scan = await scanServer(await openSession(options), new Map());
        assert.deepEqual([scan.trips, traffic.requests], [4, 8]);
      } finally {
        await services.close();
      }
    }
  });
});

/** Nothing of its own, everything in the order of the recorded one. */
function assertShape(request: string): void {
  if (!existsSync(RECORDED)) return;
  const shape = (xml: string) => {
    const paths = new Set<string>();
    const walk = (from: XmlElement, path: string): void => {
      paths.add(path);
      for (const child of childElements(from)) walk(child, `${path}/${child.localName}`);
    };
    walk(parseXml(xml), '');
    return [...paths];
  };
  const [ours, theirs] = [shape(request), shape(readFileSync(RECORDED, 'utf8'))];
  const added = ours.filter((path) => !theirs.includes(path) && !/CachedDriverIDs/.test(path));
  assert.deepEqual(added, []);
  for (const parent of ['/parameters/', '/installedDriver/']) {
    const members = (paths: readonly string[]) =>
      paths.flatMap((path) =>
        path.includes(parent) ? [path.slice(path.indexOf(parent) + parent.length)] : [],
      );
    const direct = (paths: readonly string[]) => members(paths).filter((path) => !path.includes('/'));
    const known = direct(ours).filter((path) => direct(theirs).includes(path));
    assert.deepEqual(
      known,
      direct(theirs).filter((path) => known.includes(path)),
    );
  }
}
