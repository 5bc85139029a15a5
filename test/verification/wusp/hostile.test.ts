import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { scanServer } from '../../../src/verification/scan.js';
import { createHttpsTransport } from '../../../src/verification/transport.js';
import { extendedInfo } from '../../../src/verification/wusp/extended.js';
import { reportEvents } from '../../../src/verification/wusp/reports.js';
import { openSession } from '../../../src/verification/wusp/session.js';
import type { UpdateCache } from '../../../src/verification/wusp/sync.js';
import { windows } from '../machine.js';
import {
  type Asked,
  envelope,
  extendedAnswer,
  fault,
  type Reply,
  stubServer,
  syncAnswer,
  usual,
} from './stub-server.js';

const id = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
const core = (index: number, rest = '') =>
  `<UpdateIdentity UpdateID="${id(index)}" RevisionNumber="1" /><Properties UpdateType="Software" />${rest}` +
  '<ApplicabilityRules><IsInstalled><False /></IsInstalled><IsInstallable><True /></IsInstallable></ApplicabilityRules>';

/** A server that answers the first calls of an operation as the list says, and then as usual. */
async function open(t: TestContext, script: Readonly<Record<string, readonly Reply[]>>, timeoutMs = 5000) {
  const left = new Map(Object.entries(script).map(([operation, replies]) => [operation, [...replies]]));
  const reply = (asked: Asked): Reply => {
    const scripted = left.get(asked.operation)?.shift();
    if (scripted !== undefined) return scripted;
    return asked.operation === 'SyncUpdates' ? syncAnswer([]) : usual(asked);
  };
  const { base, asked } = await stubServer(t, reply);
  const transport = createHttpsTransport({ client: null, hosts: {}, timeoutMs });
  t.after(() => transport.close());
  const computer = { clientId: id(0), dnsName: 'device.lab' };
  const session = () => openSession({ transport, base, computer, machine: windows, now: () => new Date() });
  const scan = async (cache: UpdateCache = new Map()) => scanServer(await session(), cache);
  const calls = () => asked.map(({ operation }) => operation);
  return { scan, session, calls, asked };
}

const HANDSHAKE = ['GetConfig', 'GetAuthorizationCookie', 'GetCookie'];
const FIRST = [...HANDSHAKE, 'RegisterComputer', 'SyncUpdates'];

describe('faults that a client mends by itself', () => {
  const cases: readonly [string, readonly string[]][] = [
    ['InvalidCookie', [...HANDSHAKE, 'SyncUpdates']],
    ['CookieExpired', [...HANDSHAKE, 'SyncUpdates']],
    ['ConfigChanged', [...HANDSHAKE, 'SyncUpdates']],
    ['FileLocationChanged', [...HANDSHAKE, 'SyncUpdates']],
    ['FileLocationsChanged', [...HANDSHAKE, 'SyncUpdates']],
    ['InvalidAuthorizationCookie', [...HANDSHAKE, 'SyncUpdates']],
    ['RegistrationRequired', ['RegisterComputer', 'SyncUpdates']],
    ['ServerChanged', [...HANDSHAKE, 'RegisterComputer', 'SyncUpdates']],
  ];
  for (const [code, mended] of cases) {
    test(code, async (t) => {
      const { scan, calls } = await open(t, { SyncUpdates: [fault(code)] });
      assert.equal((await scan()).trips, 1);
      assert.deepEqual(calls(), [...FIRST, ...mended]);
    });
  }

  for (const code of ['ServerChanged', 'InvalidCookie']) {
    test(`of what may be another server (${code}) nothing that was told before holds`, async (t) => {
      const known = { revisionId: 5, action: 'Install', isLeaf: true, core: core(5) };
      const answers = [fault(code), syncAnswer([{ id: 5, core: core(6) }])];
      const { scan, asked } = await open(t, { SyncUpdates: answers });
      const found = await scan(new Map([[5, known]]));
      assert.deepEqual(
        found.updates.map((update) => update.known?.core.updateId),
        [id(6)],
      );
      const named = asked
        .filter(({ operation }) => operation === 'SyncUpdates')
        .map(({ body }) => [...body.matchAll(/<int>(\d+)</g)].length);
      assert.deepEqual(named, [1, 0, 1]);
    });
  }

  test('a cookie that expires between two pages is renewed with the old one, and what was told still holds', async (t) => {
    const answers = [
      syncAnswer([{ id: 1, core: core(1) }], { isTruncated: true }),
      fault('CookieExpired'),
      syncAnswer([{ id: 2, core: core(2) }]),
    ];
    const { scan, asked } = await open(t, { SyncUpdates: answers });
    assert.equal((await scan()).updates.length, 2);
    const old = asked.flatMap(({ operation, body }) =>
      operation === 'GetCookie' ? [/<oldCookie>.*<EncryptedData>([^<]*)</.exec(body)?.[1] ?? null] : [],
    );
    assert.deepEqual(old, [null, 'QUJD']);
    const named = asked.flatMap(({ operation, body }) =>
      operation === 'SyncUpdates' ? [[...body.matchAll(/<int>(\d+)</g)].length] : [],
    );
    assert.deepEqual(named, [0, 1, 1, 2]);
  });

  test('an old cookie that the server does not take back is left out', async (t) => {
    const { scan, asked } = await open(t, {
      SyncUpdates: [fault('ConfigChanged')],
      GetCookie: [usual({ operation: 'GetCookie' } as Asked), fault('InvalidCookie', 'oldCookie')],
    });
    assert.equal((await scan()).trips, 1);
    const withOld = asked.flatMap(({ operation, body }) =>
      operation === 'GetCookie' ? [body.includes('<oldCookie>')] : [],
    );
    assert.deepEqual(withOld, [false, true, false]);
  });

  test('a cookie that expires before the details and before the report', async (t) => {
    const { session, calls } = await open(t, {
      GetExtendedUpdateInfo: [
        fault('CookieExpired'),
        extendedAnswer([{ id: 1, xml: '<ExtendedProperties />' }]),
      ],
      ReportEventBatch: [fault('CookieExpired')],
    });
    const opened = await session();
    assert.equal((await extendedInfo(opened, [1])).extended.size, 1);
    await reportEvents(opened, [], { now: new Date(), newId: () => id(1), os: windows.os });
    const each = (operation: string) => [operation, ...HANDSHAKE, operation];
    assert.deepEqual(calls().slice(4), [...each('GetExtendedUpdateInfo'), ...each('ReportEventBatch')]);
  });

  test('a registration that is not wanted is no fault', async (t) => {
    const { scan } = await open(t, { RegisterComputer: [fault('RegistrationNotRequired')] });
    assert.equal((await scan()).trips, 1);
  });

  test('a configuration that changes within the handshake is read again, once', async (t) => {
    const { scan, calls } = await open(t, { GetCookie: [fault('ConfigChanged')] });
    assert.equal((await scan()).trips, 1);
    assert.deepEqual(calls().slice(0, 6), [...HANDSHAKE, ...HANDSHAKE]);
  });
});

describe('a server that breaks the protocol is given up, with the reason', () => {
  const many = (reply: Reply) => Array.from({ length: 300 }, () => reply);
  const endless = Array.from({ length: 300 }, (_, index) => syncAnswer([{ id: index, core: core(index) }]));
  const config = (change: (xml: string) => string) => change(usual({ operation: 'GetConfig' } as Asked));
  const cases: readonly [string, Readonly<Record<string, readonly Reply[]>>, object][] = [
    [
      'the same fault for ever',
      { SyncUpdates: many(fault('InvalidCookie')) },
      { code: 'protocol.violation', found: 'InvalidCookie' },
    ],
    [
      'a fault that nothing mends',
      { SyncUpdates: [fault('InvalidParameters', 'cookie')] },
      { code: 'target.refused', found: 'InvalidParameters (cookie)' },
    ],
    ['a fault inside of it', { SyncUpdates: [fault('InternalServerError')] }, { code: 'cmg.unreachable' }],
    ['a server that is too busy', { SyncUpdates: [fault('ServerBusy')] }, { code: 'cmg.unreachable' }],
    [
      'a fault without a detail',
      {
        SyncUpdates: [
          envelope(
            '<s:Fault><faultcode>s:Client</faultcode><faultstring>Unknown action</faultstring></s:Fault>',
          ),
        ],
      },
      { code: 'target.refused', found: 'unknown (Unknown action)' },
    ],
    [
      'pages without end',
      { SyncUpdates: endless },
      { code: 'protocol.violation', expected: 'at most 200 SyncUpdates calls' },
    ],
    [
      'more is promised and never sent',
      { SyncUpdates: many(syncAnswer([], { isTruncated: true })) },
      { code: 'protocol.violation', found: 'none' },
    ],
    ['no XML', { SyncUpdates: ['<html><p>Welcome'] }, { code: 'payload.invalid' }],
    [
      'a document type',
      { SyncUpdates: [`<!DOCTYPE x [<!ENTITY a "b">]>${syncAnswer([])}`] },
      { code: 'payload.invalid' },
    ],
    ['another answer', { SyncUpdates: [envelope('<Hello xmlns="urn:x"/>')] }, { code: 'protocol.violation' }],
    [
      'an update without a deployment',
      { SyncUpdates: [syncAnswer([{ id: 1, core: core(1) }]).replace(/<Deployment>.*<\/Deployment>/, '')] },
      { code: 'protocol.violation' },
    ],
    [
      'no plug-in that is known',
      { GetConfig: [config((xml) => xml.replace('>SimpleTargeting<', '>Passport<'))] },
      { code: 'protocol.violation', found: 'Passport' },
    ],
    [
      'a plug-in elsewhere',
      {
        GetConfig: [
          config((xml) => xml.replace('SimpleAuthWebService/SimpleAuth.asmx', 'http://other.lab/x')),
        ],
      },
      { code: 'protocol.violation', found: 'http://other.lab/x' },
    ],
    [
      'a redirect',
      { GetConfig: [(response) => void response.writeHead(302, { location: 'http://other.lab/' }).end()] },
      { code: 'target.refused', found: 'status 302: ' },
    ],
    [
      'a refusal',
      { GetConfig: [(response) => void response.writeHead(403).end('no certificate')] },
      { code: 'target.refused', found: 'status 403: no certificate' },
    ],
    [
      'a body without end',
      {
        SyncUpdates: [
          (response) => {
            response.writeHead(200);
            const piece = Buffer.alloc(1 << 20, 'a');
            const more = () => response.write(piece, (error) => (error == null ? more() : undefined));
            more();
          },
        ],
      },
      { code: 'protocol.violation', message: 'the update server answers with too much' },
    ],
    [
      'a connection that is cut',
      {
        SyncUpdates: [
          (response) =>
            void response
              .writeHead(200, { 'content-length': 99 })
              .write('<', () => response.socket?.destroy()),
        ],
      },
      { code: 'cmg.unreachable' },
    ],
  ];
  for (const [name, script, expected] of cases) {
    test(name, async (t) => {
      const { scan } = await open(t, script);
      await assert.rejects(scan(), expected);
    });
  }

  test('an answer that drips is given up after the time for the whole of it', async (t) => {
    const drip: Reply = (response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('<'), 20);
      response.on('close', () => clearInterval(timer));
    };
    const { scan } = await open(t, { GetConfig: [drip] }, 200);
    await assert.rejects(scan(), { code: 'cmg.unreachable' });
  });
});

test('metadata that cannot be read fails its update alone', async (t) => {
  const broken = [
    { id: 1, core: '<UpdateIdentity UpdateID="x" RevisionNumber="1" /><Properties />' },
    { id: 2, core: '<open>' },
    { id: 3, core: core(3) },
  ];
  const { scan } = await open(t, { SyncUpdates: [syncAnswer(broken)] });
  const found = await scan();
  assert.deepEqual(
    found.updates.map(({ state }) => state),
    ['failed', 'failed', 'required'],
  );
  assert.match(found.updates[0]?.why ?? '', /a GUID/);
});

test('what has changed about a cached update, and what is out of scope, is taken over', async (t) => {
  const category = {
    id: 1,
    core: core(1).replaceAll('<False />', '<True />'),
    action: 'Evaluate',
    isLeaf: true,
  };
  const change =
    '<ChangedUpdates><UpdateInfo><ID>1</ID><Deployment><ID>9</ID><Action>Evaluate</Action></Deployment><IsLeaf>false</IsLeaf></UpdateInfo></ChangedUpdates>' +
    '<OutOfScopeRevisionIDs><int>2</int></OutOfScopeRevisionIDs>';
  const dependent = `<Relationships><Prerequisites><UpdateIdentity UpdateID="${id(1)}" /></Prerequisites></Relationships>`;
  const { scan, asked } = await open(t, {
    SyncUpdates: [
      syncAnswer([category, { id: 2, core: core(2) }]),
      syncAnswer([], { before: change }),
      syncAnswer([{ id: 3, core: core(3, dependent) }]),
    ],
  });
  const found = await scan();
  assert.deepEqual(
    found.updates.map(({ revisionId, state }) => [revisionId, state]),
    [
      [1, 'installed'],
      [3, 'required'],
    ],
  );
  const third = asked.filter(({ operation }) => operation === 'SyncUpdates')[2]?.body ?? '';
  assert.match(third, /<InstalledNonLeafUpdateIDs><int>1<\/int><\/InstalledNonLeafUpdateIDs><Skip/);
});

test('of several languages the one that was wanted most is taken, in whatever order they come', async (t) => {
  const text = (language: string) =>
    `<LocalizedProperties><Language>${language}</Language></LocalizedProperties>`;
  const told = (...languages: readonly string[]) =>
    languages.map((language, index) => ({ id: Math.floor(index / 2) + 1, xml: text(language) }));
  const { session } = await open(t, {
    GetExtendedUpdateInfo: [extendedAnswer(told('en', 'de', 'de', 'en')), extendedAnswer(told('fr', 'en'))],
  });
  const opened = await session();
  const info = await extendedInfo(opened, [1, 2], ['de-AT', 'de', 'en']);
  assert.deepEqual([...info.localized.values()], [text('de'), text('de')]);
  const other = await extendedInfo(opened, [1], ['it', 'en']);
  assert.deepEqual([...other.localized.values()], [text('en')]);
});

test('a digest is the same however its base64 is written', async (t) => {
  const sha1 = Buffer.alloc(20, 7).toString('base64');
  const url = 'http://sup.lab/Content/07/07.cab?a=1&b=2';
  const { session } = await open(t, {
    GetExtendedUpdateInfo: [
      extendedAnswer([], [{ digest: `\n ${sha1.slice(0, 9)}\n${sha1.slice(9, -1)}`, url }]),
    ],
  });
  const { locations } = await extendedInfo(await session(), [1]);
  assert.deepEqual([...locations], [[sha1, url]]);
});

test('details are asked in batches of what the server takes, in the wanted language', async (t) => {
  const fragment = (index: number) => ({ id: index, xml: `<ExtendedProperties N="${index}" />` });
  const { session, asked } = await open(t, {
    GetExtendedUpdateInfo: [extendedAnswer([fragment(1), fragment(2)]), extendedAnswer([fragment(3)])],
  });
  const info = await extendedInfo(await session(), [1, 2, 3], ['de', 'en']);
  assert.deepEqual([...info.extended.keys()], [1, 2, 3]);
  const bodies = asked
    .filter(({ operation }) => operation === 'GetExtendedUpdateInfo')
    .map(({ body }) => body);
  assert.deepEqual(
    bodies.map((body) => [...body.matchAll(/<int>(\d+)</g)].map((match) => match[1])),
    [['1', '2'], ['3']],
  );
  assert.ok(bodies[0]?.includes('<locales><string>de</string><string>en</string></locales>'));
});
