import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { createCatalogue, type ServedUpdate } from '../../../src/lab/software-update-point/wusp/catalogue.js';
import { createCookies } from '../../../src/lab/software-update-point/wusp/cookies.js';
import { answerWusp, type WuspServer } from '../../../src/lab/software-update-point/wusp/endpoints.js';
import type { ReportedEvent } from '../../../src/lab/software-update-point/wusp/reports.js';

const SAMPLES = '../shared/samples/wusp';
const SCAN = '../shared/tools/wusp_scan.py';
const hasSamples = existsSync(SAMPLES);
const skip = hasSamples ? false : 'the recordings in ../shared are absent';
const sample = (name: string) => readFileSync(`${SAMPLES}/${name}`, 'utf8');

const CLIENT = 'http://www.microsoft.com/SoftwareDistribution/Server/ClientWebService';
const PATHS = {
  client: '/ClientWebService/client.asmx',
  auth: '/SimpleAuthWebService/SimpleAuth.asmx',
  reporting: '/ReportingWebService/ReportingWebService.asmx',
};

const served = (
  update: Partial<ServedUpdate> & Pick<ServedUpdate, 'revisionId' | 'updateId' | 'core'>,
): ServedUpdate => ({
  deploymentId: 1,
  revision: 1,
  isCategory: true,
  action: 'Evaluate',
  changedAt: '2026-10-04T13:00:00.000Z',
  prerequisites: [],
  extended: '<ExtendedProperties DefaultPropertiesLanguage="en" />',
  localized: [{ language: 'en', xml: '<LocalizedProperties><Language>en</Language></LocalizedProperties>' }],
  files: [],
  ...update,
});

const COMPANY = '56309036-4c77-4dd9-951a-99ee9c246a94';
const FAMILY = '6964aab4-c5b5-43bd-a17d-ffb4346a8e1d';
const PRODUCT = 'dd78b8a1-0b20-45c1-add6-4da72e9364cf';
const core = (id: string) =>
  `<UpdateIdentity UpdateID="${id}" RevisionNumber="1" /><Properties UpdateType="Category" />`;

const categories = (): readonly ServedUpdate[] => [
  served({
    revisionId: 108226,
    deploymentId: 8059,
    updateId: COMPANY,
    core: sample('fragments/category-company-56309036-r101.core.xml'),
  }),
  served({
    revisionId: 108231,
    deploymentId: 8069,
    updateId: FAMILY,
    prerequisites: [[COMPANY]],
    core: sample('fragments/category-family-6964aab4-r100.core.xml'),
  }),
  served({ revisionId: 108240, updateId: PRODUCT, prerequisites: [[FAMILY]], core: core(PRODUCT) }),
];

const updateId = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
const FILE = 'hlQslyYcRtWzeaQ+yJX5fq9Am6I=';

let server: Server;
let base = '';
let now = new Date('2026-10-04T15:03:36.000Z');
let updates: readonly ServedUpdate[] = [];
let events: ReportedEvent[] = [];
const faults: unknown[] = [];
const registered: string[] = [];
const cookies = createCookies(Buffer.alloc(32, 7));

before(async () => {
  updates = hasSamples ? categories() : [];
  const wusp: WuspServer = {
    serverName: 'REDACTED2',
    contentBase: 'http://wsus.lab.invalid:8530',
    configuredAt: '2026-10-04T13:17:07.59Z',
    cookies,
    now: () => now,
    catalogue: () => createCatalogue(updates),
    register: (clientId, dnsName) => registered.push(`${clientId} ${dnsName}`),
    record: (batch) => events.push(...batch),
    toldUntil: () => null,
    told: () => undefined,
    onFault: (error) => faults.push(error),
  };
  server = createServer((request, response) => {
    answerWusp(wusp, request.url ?? '', request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  base = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});
after(() => server.close());

/** What no two servers have in common. */
const normal = (xml: string) =>
  xml
    .replace(/<(CookieData|EncryptedData|Expiration)>[^<]*</g, '<$1>*<')
    .replace(/<ID>[0-9a-f-]{36}</g, '<ID>*<');

async function post(path: string, action: string, body: string) {
  const response = await fetch(`${base}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: `"${action}"` },
    body,
  });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

const AUTH = cookies.authorization('e1da06a3-5601-43c9-bac3-52d5db701494', 'REDACTED3');
const sessionText = () => {
  const session = { ...cookies.open(AUTH, now), toldUntil: now.toISOString() };
  const build = (name: string, ...children: readonly unknown[]) => ({ name, children });
  const written = cookies.write('cookie', session, build as never) as unknown as {
    children: readonly { children: readonly string[] }[];
  };
  return written.children[1]?.children[0] ?? '';
};
const withCookie = (xml: string) => xml.replace(/<EncryptedData>[^<]*</g, `<EncryptedData>${sessionText()}<`);
const sync = (body: string) => post(PATHS.client, `${CLIENT}/SyncUpdates`, withCookie(body));

describe('recorded requests get the recorded answers', { skip }, () => {
  const cases: readonly [string, string, string, string][] = [
    ['handshake/getconfig', PATHS.client, `${CLIENT}/GetConfig`, 'handshake/getconfig.response.xml'],
    [
      'handshake/registercomputer',
      PATHS.client,
      `${CLIENT}/RegisterComputer`,
      'handshake/registercomputer.response.xml',
    ],
    [
      'sync/startcategoryscan',
      PATHS.client,
      `${CLIENT}/StartCategoryScan`,
      'sync/startcategoryscan.response.xml',
    ],
    ['sync/scan-round1', PATHS.client, `${CLIENT}/SyncUpdates`, 'sync/scan-round1.response.xml'],
    ['sync/scan-round2', PATHS.client, `${CLIENT}/SyncUpdates`, 'sync/scan-round2.response.xml'],
    [
      'reporting/scan-events',
      PATHS.reporting,
      'http://www.microsoft.com/SoftwareDistribution/ReportEventBatch',
      'reporting/any.response.xml',
    ],
  ];
  for (const [name, path, action, answer] of cases) {
    test(name, async () => {
      const response = await post(path, action, withCookie(sample(`${name}.request.xml`)));
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), 'text/xml; charset=utf-8');
      assert.equal(normal(response.body), normal(sample(answer)));
    });
  }

  test('authorization cookie, then a cookie for 60 minutes', async () => {
    const auth = await post(
      PATHS.auth,
      'http://www.microsoft.com/SoftwareDistribution/Server/SimpleAuthWebService/GetAuthorizationCookie',
      sample('handshake/getauthorizationcookie.request.xml'),
    );
    assert.equal(normal(auth.body), normal(sample('handshake/getauthorizationcookie.response.xml')));
    const data = /<CookieData>([^<]+)</.exec(auth.body)?.[1] ?? '';
    const request = sample('handshake/getcookie.request.xml').replace(
      /<CookieData>[^<]*</,
      `<CookieData>${data}<`,
    );
    const cookie = await post(PATHS.client, `${CLIENT}/GetCookie`, request);
    assert.equal(normal(cookie.body), normal(sample('handshake/getcookie.response.xml')));
    assert.match(cookie.body, /<Expiration>2026-10-04T16:03:36.000Z</);
  });

  test('the driver pass is not needed', async () => {
    const response = await sync(sample('sync/driver-pass.request.trimmed.xml'));
    assert.equal(normal(response.body), normal(sample('sync/driver-pass.response.xml')));
  });

  test('401 installed updates are a fault, 400 are not', async () => {
    const request = (count: number) =>
      sample('sync/first-page-empty-cache.request.xml').replace(
        '<InstalledNonLeafUpdateIDs/>',
        `<InstalledNonLeafUpdateIDs>${'<int>1</int>'.repeat(count)}</InstalledNonLeafUpdateIDs>`,
      );
    const refused = await sync(request(401));
    assert.equal(refused.status, 500);
    assert.equal(refused.headers.get('connection'), 'close');
    assert.equal(normal(refused.body), normal(sample('faults/invalidparameters-401-installed.response.xml')));
    assert.equal((await sync(request(400))).status, 200);
  });

  test('a recorded request for extended information, with members that this server does not read', async () => {
    const request = sample('extended/bundle-and-children.request.xml');
    const asked = [...request.matchAll(/<int>(\d+)</g)].map((match) => Number(match[1]));
    // The last two are of revisions that this server does not have any more.
    const held = asked.slice(0, -2);
    updates = held.map((revisionId, index) =>
      served({
        revisionId,
        updateId: updateId(index),
        core: core(updateId(index)),
        files: [{ digest: FILE, extension: 'cab' }],
      }),
    );
    const { status, body } = await post(PATHS.client, `${CLIENT}/GetExtendedUpdateInfo`, withCookie(request));
    updates = categories();
    assert.equal(status, 200);
    const fragments = [...body.matchAll(/<Update><ID>(\d+)<\/ID><Xml>&lt;(\w+)/g)].map(
      (match) => `${match[2]} ${match[1]}`,
    );
    assert.deepEqual(fragments, [
      ...held.map((id) => `ExtendedProperties ${id}`),
      ...held.map((id) => `LocalizedProperties ${id}`),
    ]);
    assert.equal(body.match(/<FileLocation>/g)?.length, 1);
    const lost = asked.slice(-2).map((id) => `<int>${id}</int>`);
    assert.ok(body.includes(`<OutOfScopeRevisionIDs>${lost.join('')}</OutOfScopeRevisionIDs>`));
  });

  test('the events of a recorded report are understood', async () => {
    events = [];
    const action = 'http://www.microsoft.com/SoftwareDistribution/ReportEventBatch';
    await post(PATHS.reporting, action, withCookie(sample('reporting/scan-events.request.xml')));
    assert.deepEqual(
      events.map((event) => [event.eventId, event.hresult]),
      [
        [147, null],
        [148, '0x80240438'],
        [148, '0x80240438'],
        [148, '0x80240438'],
      ],
    );
    events = [];
    await post(PATHS.reporting, action, withCookie(sample('reporting/download-install-started.request.xml')));
    assert.deepEqual(
      events.map((event) => event.eventId),
      [147, 156, 167, 162, 181],
    );
    assert.equal(events[1]?.needed.length, 1);
    assert.equal(events[1]?.needed[0], events[2]?.updateId);
  });

  test('the agent tells its name', async () => {
    registered.length = 0;
    await post(
      PATHS.client,
      `${CLIENT}/RegisterComputer`,
      withCookie(sample('handshake/registercomputer.request.xml')),
    );
    assert.deepEqual(registered, ['e1da06a3-5601-43c9-bac3-52d5db701494 REDACTED3']);
  });
});

const EMPTY = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><SyncUpdates xmlns="${CLIENT}"><cookie><Expiration>2026-10-04T16:03:35Z</Expiration><EncryptedData></EncryptedData></cookie><parameters><ExpressQuery>false</ExpressQuery><SkipSoftwareSync>false</SkipSoftwareSync></parameters></SyncUpdates></s:Body></s:Envelope>`;
const cached = (ids: readonly number[]) =>
  EMPTY.replace(
    '<SkipSoftwareSync>',
    `<OtherCachedUpdateIDs>${ids.map((id) => `<int>${id}</int>`).join('')}</OtherCachedUpdateIDs><SkipSoftwareSync>`,
  );
const idsIn = (body: string) =>
  [...body.matchAll(/<UpdateInfo><ID>(\d+)</g)].map((match) => Number(match[1]));

describe('SyncUpdates', () => {
  const many = Array.from({ length: 35 }, (_, index) =>
    served({ revisionId: 500 - index, updateId: updateId(index), core: core(updateId(index)) }),
  );

  test('pages of 30, the oldest revision first, truncated while there is more', async () => {
    updates = many;
    const first = await sync(EMPTY);
    assert.deepEqual(
      idsIn(first.body),
      Array.from({ length: 30 }, (_, index) => 466 + index),
    );
    assert.match(first.body, /<Truncated>true</);
    const second = await sync(cached(idsIn(first.body)));
    assert.deepEqual(idsIn(second.body), [496, 497, 498, 499, 500]);
    assert.match(second.body, /<Truncated>false</);
    const third = await sync(cached([...idsIn(first.body), ...idsIn(second.body)]));
    assert.doesNotMatch(third.body, /NewUpdates/);
  });

  test('a scan of categories is of their products, and of nothing where a group has another form', async () => {
    const [product, other, classification] = [updateId(1), updateId(2), updateId(3)];
    const category = (revisionId: number, id: string, type: string) =>
      served({
        revisionId,
        updateId: id,
        core: core(id),
        extended: `<CategoryInformation CategoryType="${type}" />`,
      });
    updates = [
      category(1, product, 'Product'),
      category(2, other, 'Product'),
      category(3, classification, 'UpdateClassification'),
    ];
    const ask = async (groups: readonly (readonly string[])[]) => {
      const relationships = groups.flatMap((ids, index) =>
        ids.map(
          (id) =>
            `<CategoryRelationship><IndexOfAndGroup>${index}</IndexOfAndGroup><CategoryId>${id}</CategoryId></CategoryRelationship>`,
        ),
      );
      const wanted = `<requestedCategories>${relationships.join('')}</requestedCategories>`;
      const { body: xml } = await post(
        PATHS.client,
        `${CLIENT}/StartCategoryScan`,
        body('StartCategoryScan', CLIENT, wanted),
      );
      return ['preferredCategoryIds', 'requestedCategoryIdsInError'].map((name) =>
        [...(new RegExp(`<${name}>(.*)</${name}>`).exec(xml)?.[1] ?? '').matchAll(/<guid>([^<]*)</g)].map(
          (match) => match[1],
        ),
      );
    };
    assert.deepEqual(await ask([[product], [other, classification]]), [[product, other], []]);
    assert.deepEqual(await ask([[product], [other, updateId(9)]]), [[product], [updateId(9)]]);
    assert.deepEqual(await ask([[product], [classification]]), [[], []]);
    assert.deepEqual(await ask([[product, other]]), [[], []]);
  });

  test('devices are named in the driver pass alone', async () => {
    const spec = '<SystemSpec><Device /></SystemSpec><SkipSoftwareSync>';
    const refused = await sync(EMPTY.replace('<SkipSoftwareSync>', spec));
    assert.match(refused.body, /<ErrorCode>InvalidParameters<\/ErrorCode><Message>parameters.SystemSpec</);
  });

  test('lists of ids are the same however they are written', async () => {
    updates = many;
    const lists = [
      '<OtherCachedUpdateIDs><int>466</int><int>467</int></OtherCachedUpdateIDs>',
      '<OtherCachedUpdateIDs>\n <int> 466 </int>\n <int>467</int>\n</OtherCachedUpdateIDs>',
      `<x:OtherCachedUpdateIDs xmlns:x="${CLIENT}"><x:int>466</x:int><x:int>467</x:int></x:OtherCachedUpdateIDs>`,
      '<OtherCachedUpdateIDs><int><![CDATA[466]]></int><!-- and --><int>467</int></OtherCachedUpdateIDs>',
    ];
    for (const list of lists) {
      const { body } = await sync(EMPTY.replace('<SkipSoftwareSync>', `${list}<SkipSoftwareSync>`));
      assert.equal(idsIn(body)[0], 468, list);
    }
    for (const wrong of ['one', '1.5', '0x10', '1-2', '99999999999']) {
      const list = `<OtherCachedUpdateIDs><int>1</int><int>${wrong}</int></OtherCachedUpdateIDs>`;
      const { body } = await sync(EMPTY.replace('<SkipSoftwareSync>', `${list}<SkipSoftwareSync>`));
      assert.match(body, /<ErrorCode>InvalidParameters</, wrong);
    }
  });

  test('a revision that was replaced is out of scope', async () => {
    updates = many.slice(0, 1);
    const response = await sync(cached([500, 77]));
    assert.match(response.body, /<OutOfScopeRevisionIDs><int>77<\/int><\/OutOfScopeRevisionIDs>/);
  });

  test('an expired or foreign cookie is refused', async () => {
    const text = withCookie(EMPTY);
    const started = now;
    now = new Date(started.getTime() + 60 * 60 * 1000 + 1);
    const expired = await post(PATHS.client, `${CLIENT}/SyncUpdates`, text);
    now = started;
    assert.match(expired.body, /<ErrorCode>CookieExpired</);
    const foreign = await post(
      PATHS.client,
      `${CLIENT}/SyncUpdates`,
      EMPTY.replace('<EncryptedData>', '<EncryptedData>AAAA'),
    );
    assert.match(foreign.body, /<ErrorCode>InvalidCookie</);
  });

  const body = (operation: string, namespace: string, content: string) =>
    `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><${operation} xmlns="${namespace}"><cookie><EncryptedData></EncryptedData></cookie>${content}</${operation}></s:Body></s:Envelope>`;
  const identity = `<UpdateIdentity><UpdateID>${updateId(1)}</UpdateID><RevisionNumber>1</RevisionNumber></UpdateIdentity>`;
  const event =
    '<ReportingEvent><BasicData><EventID>147</EventID><UpdateID><RevisionNumber>0</RevisionNumber></UpdateID><Win32HResult>0</Win32HResult></BasicData></ReportingEvent>';
  const SOFTWARE = 'http://www.microsoft.com/SoftwareDistribution';
  const types = '<infoTypes><XmlUpdateFragmentType>Extended</XmlUpdateFragmentType></infoTypes>';
  const limits: readonly [string, string, string, string, string, number][] = [
    ['GetExtendedUpdateInfo', PATHS.client, CLIENT, 'revisionIDs', '<int>1</int>', 50],
    ['GetExtendedUpdateInfo2', PATHS.client, CLIENT, 'updateIDs', identity, 50],
    ['ReportEventBatch', PATHS.reporting, SOFTWARE, 'eventBatch', event, 500],
  ];
  for (const [operation, path, namespace, list, entry, most] of limits) {
    test(`${operation} takes ${most} of its list and no more`, async () => {
      const ask = (count: number) =>
        post(
          path,
          `${namespace}/${operation}`,
          withCookie(body(operation, namespace, `<${list}>${entry.repeat(count)}</${list}>${types}`)),
        );
      assert.equal((await ask(most)).status, 200);
      const refused = await ask(most + 1);
      assert.equal(refused.status, 500);
      assert.match(
        refused.body,
        new RegExp(`<ErrorCode>InvalidParameters</ErrorCode><Message>${list}</Message>`),
      );
    });
  }

  test('hostile and foreign XML gets a fault, nothing is expanded', async () => {
    const bomb = `<!DOCTYPE a [<!ENTITY b "${'x'.repeat(50)}">]><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>&b;</s:Body></s:Envelope>`;
    for (const body of [
      bomb,
      'not XML',
      '',
      `${'<a>'.repeat(100)}`,
      EMPTY.replace('SyncUpdates xmlns', 'Nothing xmlns'),
    ]) {
      const response = await post(PATHS.client, `${CLIENT}/SyncUpdates`, body);
      assert.equal(response.status, 500);
      assert.match(response.body, /<ErrorCode>InvalidParameters</);
    }
    assert.deepEqual(faults, []);
  });

  test('the action must be that of the body', async () => {
    const response = await post(PATHS.client, `${CLIENT}/GetConfig`, withCookie(EMPTY));
    assert.match(response.body, /<Message>SOAPAction</);
  });
});

test('an independent client built on the WSDLs scans every level', async (t) => {
  if (!existsSync(SCAN)) return t.skip('../shared/tools/wusp_scan.py is absent');
  try {
    await promisify(execFile)('/usr/bin/python3', ['-c', 'import zeep']);
  } catch {
    return t.skip('python3-zeep is not installed');
  }
  const leaf = updateId(9);
  updates = [
    ...categories(),
    served({
      revisionId: 200000,
      updateId: leaf,
      isCategory: false,
      action: 'Install',
      prerequisites: [[PRODUCT]],
      core: `<UpdateIdentity UpdateID="${leaf}" RevisionNumber="3" /><Properties UpdateType="Software" />`,
      files: [{ digest: FILE, extension: 'cab' }],
    }),
  ];
  const { stdout } = await promisify(execFile)('/usr/bin/python3', [SCAN, '--base', base]);
  const scan = JSON.parse(stdout);
  assert.deepEqual(
    scan.updates.map((update: { updateId: string; isLeaf: boolean; action: string; revision: number }) => [
      update.updateId.toLowerCase(),
      update.isLeaf,
      update.action,
    ]),
    [
      [COMPANY, false, 'Evaluate'],
      [FAMILY, false, 'Evaluate'],
      [PRODUCT, false, 'Evaluate'],
      [leaf, true, 'Install'],
    ],
  );
  assert.equal(scan.rounds, 5);
  assert.equal(scan.truncated, false);
  assert.equal(scan.extendedFragments, 2);
  assert.deepEqual(scan.fileLocations, [
    {
      digest: '86542c97261c46d5b379a43ec895f97eaf409ba2',
      url: 'http://wsus.lab.invalid:8530/Content/A2/86542C97261C46D5B379A43EC895F97EAF409BA2.cab',
    },
  ]);
  return undefined;
});
