import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PermanentError, RetryableError } from '../../../src/core/errors.js';
import type { SiteTransport } from '../../../src/publishing/configuration-manager/rest.js';
import { createAdminServiceSite } from '../../../src/publishing/configuration-manager/site.js';

const ID = '11111111-2222-4333-8444-555555555555';
const OTHER = '22222222-2222-4333-8444-555555555555';

interface Asked {
  readonly method: string;
  readonly address: string;
  readonly token: string | undefined;
  readonly body: string | null;
}

function siteThatAnswers(
  answers: Readonly<Record<string, { status: number; value: unknown }>>,
  isLab = true,
) {
  const asked: Asked[] = [];
  const transport: SiteTransport = {
    async send(method, address, headers, body) {
      asked.push({ method, address, token: headers.authorization, body });
      const path = new URL(address).pathname;
      const answer = answers[path] ?? { status: 404, value: 'no such class' };
      return { status: answer.status, body: Buffer.from(JSON.stringify(answer.value)) };
    },
  };
  return {
    asked,
    site: createAdminServiceSite({ baseUrl: 'https://site.lab/', token: 'secret', transport, isLab }),
  };
}

const row = {
  CI_ID: 5,
  CI_UniqueID: ID,
  DateRevised: '2026-11-24T10:00:00Z',
  IsMetadataOnlyUpdate: false,
  IsDeployable: true,
  IsContentProvisioned: true,
  IsExpired: false,
  IsSuperseded: false,
  NumMissing: 7,
};

test('the calls are those of the AdminService', async () => {
  const { site, asked } = siteThatAnswers({
    '/AdminService/wmi/SMS_ISVCatalogs.SyncCatalogs': { status: 201, value: { ReturnValue: 0 } },
    '/AdminService/wmi/SMS_SoftwareUpdate.SyncNow': { status: 201, value: { ReturnValue: 0 } },
  });
  await site.syncCatalogs();
  await site.syncSoftwareUpdates();
  assert.deepEqual(asked, [
    {
      method: 'POST',
      address: 'https://site.lab/AdminService/wmi/SMS_ISVCatalogs.SyncCatalogs',
      token: 'Bearer secret',
      body: '{}',
    },
    {
      method: 'POST',
      address: 'https://site.lab/AdminService/wmi/SMS_SoftwareUpdate.SyncNow',
      token: 'Bearer secret',
      body: '{"fullSync":false}',
    },
  ]);
});

test('rows, and what the lab says of them, become states; an update without a row has nothing but its fault', async () => {
  const { site, asked } = siteThatAnswers({
    '/AdminService/wmi/SMS_SoftwareUpdate': { status: 200, value: { value: [row] } },
    '/lab/status': {
      status: 200,
      value: {
        catalog: { fault: '11508: the catalog certificate has changed' },
        packages: [{ packageId: ID, siteRevision: 2, fault: null }],
      },
    },
  });
  const [known, unknown] = await site.updates([ID, OTHER]);
  assert.deepEqual(known, {
    packageId: ID,
    revision: 2,
    revisedAt: '2026-11-24T10:00:00Z',
    isMetadataOnly: false,
    isDeployable: true,
    isContentProvisioned: true,
    required: 7,
    fault: '11508: the catalog certificate has changed',
  });
  assert.deepEqual(unknown, {
    packageId: OTHER,
    revision: null,
    revisedAt: null,
    isMetadataOnly: false,
    isDeployable: false,
    isContentProvisioned: false,
    fault: '11508: the catalog certificate has changed',
  });
  const filter = new URL(asked[0]?.address ?? '').searchParams.get('$filter');
  assert.equal(filter, `CI_UniqueID eq '${ID}' or CI_UniqueID eq '${OTHER}'`);
});

test('many updates are asked for in parts', async () => {
  const { site, asked } = siteThatAnswers(
    { '/AdminService/wmi/SMS_SoftwareUpdate': { status: 200, value: { value: [] } } },
    false,
  );
  const ids = Array.from(
    { length: 45 },
    (_, index) => `11111111-2222-4333-8444-${String(index).padStart(12, '0')}`,
  );
  assert.equal((await site.updates(ids)).length, 45);
  assert.equal(asked.length, 3);
});

test('nothing but a GUID gets into a filter', async () => {
  const { site, asked } = siteThatAnswers({});
  await assert.rejects(site.updates(["' or 1 eq 1 or CI_UniqueID eq '"]), { code: 'payload.invalid' });
  assert.equal(asked.length, 0);
});

test("a refusal carries the site's own words; a site that cannot answer is tried again", async () => {
  const words = '11516: UPDATECONTENT_TRUST_FAIL_BADSIG, signature check on downloaded binary has failed';
  const refusing = siteThatAnswers({
    '/lab/publish-content': { status: 400, value: { error: { message: words } } },
  });
  await assert.rejects(refusing.site.publishContent(ID), (error: unknown) => {
    assert.ok(error instanceof PermanentError);
    assert.equal(error.code, 'target.refused');
    assert.equal(error.message, words);
    return true;
  });
  const busy = siteThatAnswers({
    '/AdminService/wmi/SMS_SoftwareUpdate.SyncNow': { status: 503, value: 'busy' },
  });
  await assert.rejects(busy.site.syncSoftwareUpdates(), (error: unknown) => {
    assert.ok(error instanceof RetryableError);
    assert.equal(error.code, 'target.unreachable');
    return true;
  });
});

test('a real site has no REST call for content: the cmdlet is named', async () => {
  const { site, asked } = siteThatAnswers({}, false);
  await assert.rejects(site.publishContent(ID), (error: unknown) => {
    assert.ok(error instanceof PermanentError);
    assert.match(error.nextStep ?? '', /Publish-CMThirdPartySoftwareUpdateContent/);
    return true;
  });
  assert.equal(asked.length, 0);
});

test('an answer in another form is told as such', async () => {
  const { site } = siteThatAnswers({
    '/AdminService/wmi/SMS_SoftwareUpdate': { status: 200, value: { value: [{ CI_ID: 'five' }] } },
  });
  await assert.rejects(site.updates([ID]), { code: 'protocol.violation' });
});

test('a product is the one of its vendor, and quotes in names are doubled', async () => {
  const category = (id: number, parent: number, subscribed = false) => ({
    CategoryInstanceID: id,
    LocalizedCategoryInstanceName: 'Updates',
    ParentCategoryInstanceID: parent,
    IsSubscribed: subscribed,
  });
  const asked: string[] = [];
  const transport: SiteTransport = {
    async send(_method, address) {
      const filter = new URL(address).searchParams.get('$filter') ?? '';
      asked.push(filter);
      const value = filter.includes("'Company'") ? [category(5, 0)] : [category(8, 4), category(9, 5, true)];
      return { status: 200, body: Buffer.from(JSON.stringify({ value })) };
    },
  };
  const site = createAdminServiceSite({ baseUrl: 'https://site.lab', token: 't', transport, isLab: false });
  assert.deepEqual(await site.product("Pat's", 'Updates'), {
    categoryInstanceId: 9,
    name: 'Updates',
    isSubscribed: true,
  });
  assert.deepEqual(asked, [
    "CategoryTypeName eq 'Company' and LocalizedCategoryInstanceName eq 'Pat''s'",
    "CategoryTypeName eq 'Product' and LocalizedCategoryInstanceName eq 'Updates'",
  ]);
  await assert.rejects(site.enableProduct({ categoryInstanceId: 9, name: 'Updates', isSubscribed: false }), {
    code: 'target.refused',
    nextStep: /Set-CMSoftwareUpdatePointComponent/,
  });
});

test('the outcome of the last synchronization', async () => {
  const row = (LastSyncState: number | null) => ({
    WSUSServerName: 'sup.lab',
    LastSyncState,
    LastSyncErrorCode: 12002,
  });
  const answers: readonly (readonly [number | null, string | null])[] = [
    [null, null],
    [6702, null],
    [6703, '6703 on sup.lab, error 12002'],
    [6704, null],
  ];
  for (const [state, fault] of answers) {
    const { site } = siteThatAnswers({
      '/AdminService/wmi/SMS_SUPSyncStatus': { status: 200, value: { value: [row(state)] } },
    });
    assert.equal(await site.syncFault(), fault, String(state));
  }
});
