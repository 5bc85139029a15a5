import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PermanentError, RetryableError } from '../../../src/core/errors.js';
import {
  createBridgeCmdlets,
  createBridgeTransport,
} from '../../../src/publishing/configuration-manager/by-bridge.js';
import { createAdminServiceSite } from '../../../src/publishing/configuration-manager/site.js';
import type { Bridge, BridgeCall } from '../../../src/publishing/software-update-point/bridge.js';

const ID = '11111111-2222-4333-8444-555555555555';

/** A far side that answers the AdminService's calls by their path. */
function openSite(answers: Readonly<Record<string, { status: number; value: unknown } | Error>>) {
  const calls: BridgeCall[] = [];
  const bridge: Bridge = {
    async call(call: BridgeCall) {
      calls.push(call);
      if (call.verb !== 'admin-service') return {} as never;
      const answer = answers[new URL(call.address).pathname] ?? { status: 404, value: 'no such class' };
      if (answer instanceof Error) throw answer;
      return { status: answer.status, bodyText: JSON.stringify(answer.value) } as never;
    },
  };
  const site = createAdminServiceSite({
    baseUrl: 'https://site.example',
    token: null,
    transport: createBridgeTransport(bridge),
    cmdlets: createBridgeCmdlets(bridge),
    isLab: false,
  });
  return { site, calls };
}

const row = {
  CI_ID: 16777220,
  CI_UniqueID: ID,
  DateRevised: null,
  IsMetadataOnlyUpdate: true,
  IsDeployable: false,
  IsContentProvisioned: false,
};

test('the REST calls are the same over the bridge', async () => {
  const { site, calls } = openSite({
    '/AdminService/wmi/SMS_SoftwareUpdate.SyncNow': { status: 201, value: { ReturnValue: 0 } },
  });
  await site.syncSoftwareUpdates();
  assert.deepEqual(calls, [
    {
      verb: 'admin-service',
      method: 'POST',
      address: 'https://site.example/AdminService/wmi/SMS_SoftwareUpdate.SyncNow',
      bodyText: '{"fullSync":false}',
    },
  ]);
});

test('content is published by the cmdlet, which names the update as the site does', async () => {
  const { site, calls } = openSite({
    '/AdminService/wmi/SMS_SoftwareUpdate': { status: 200, value: { value: [row] } },
  });
  await site.publishContent(ID);
  assert.deepEqual(calls.at(-1), { verb: 'publish-content', ciId: 16777220 });
});

test('what the site does not show yet is not published', async () => {
  const { site, calls } = openSite({
    '/AdminService/wmi/SMS_SoftwareUpdate': { status: 200, value: { value: [] } },
  });
  await assert.rejects(site.publishContent(ID), { code: 'target.refused', where: ID });
  assert.equal(calls.length, 1);
});

const category = (id: number, name: string, isSubscribed: boolean) => ({
  CategoryInstanceID: id,
  LocalizedCategoryInstanceName: name,
  ParentCategoryInstanceID: 1,
  IsSubscribed: isSubscribed,
});
const CATEGORIES = '/AdminService/wmi/SMS_UpdateCategoryInstance';

test('a product is ticked by the cmdlet, by its name, where no other product of that name would be too', async () => {
  const product = { categoryInstanceId: 9, name: "Pat's Updates", isSubscribed: false };
  const known = (...rows: readonly object[]) =>
    openSite({ [CATEGORIES]: { status: 200, value: { value: rows } } });
  const mine = category(9, "Pat's Updates", false);
  for (const rows of [[mine], [mine, category(10, "Pat's Updates", true)]]) {
    const { site, calls } = known(...rows);
    await site.enableProduct(product);
    assert.deepEqual(calls.at(-1), { verb: 'enable-product', product: "Pat's Updates" });
  }
  const { site, calls } = known(mine, category(10, "Pat's Updates", false));
  await assert.rejects(site.enableProduct(product), {
    code: 'target.refused',
    message: /another vendor has a product of the same name/,
  });
  assert.equal(calls.length, 1);
});

test('a classification is found by its id and ticked by the name that the site has for it', async () => {
  const { site, calls } = openSite({
    [CATEGORIES]: { status: 200, value: { value: [category(4, 'Sicherheitsupdates', false)] } },
  });
  const found = await site.classification('0fa1201d-4330-4fa8-8ae9-b877473b6441');
  assert.ok(found);
  await site.enableClassification(found);
  const [asked, enabled] = calls;
  assert.ok(asked?.verb === 'admin-service');
  assert.equal(
    new URL(asked.address).searchParams.get('$filter'),
    "CategoryInstance_UniqueID eq 'UpdateClassification:0fa1201d-4330-4fa8-8ae9-b877473b6441'",
  );
  assert.deepEqual(enabled, { verb: 'enable-classification', classification: 'Sicherheitsupdates' });
});

test('a refusal of the site, of the far side and of the way to it stay what they are', async () => {
  const path = '/AdminService/wmi/SMS_SoftwareUpdate.SyncNow';
  const refused = new PermanentError('target.refused', 'the account may not');
  const unreachable = new RetryableError('target.unreachable', 'no way there');
  for (const [answer, error] of [
    [{ status: 403, value: { error: { message: 'access denied' } } }, { code: 'target.refused' }],
    [{ status: 503, value: {} }, { code: 'target.unreachable' }],
    [refused, refused],
    [unreachable, unreachable],
  ] as const) {
    await assert.rejects(openSite({ [path]: answer }).site.syncSoftwareUpdates(), error);
  }
});
