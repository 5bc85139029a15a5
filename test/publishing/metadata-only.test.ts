import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runClient } from '../../src/app/cli/client/run.js';
import { type ContentWish, type Route, TARGET_OF } from '../../src/core/publication.js';
import { wordSetting } from '../../src/core/word.js';
import { windows11 } from '../../src/lab/machines/index.js';
import { contentAddress } from '../../src/verification/wusp/content.js';
import { packageIdOf, updateOf } from './samples.js';
import { openWithLab } from './with-lab.js';

/** The stage at the lab, with what the policy wants at the moment. */
async function openWorld(t: Parameters<typeof openWithLab>[0]) {
  const policy: { wish: ContentWish; promoteAt: number | null } = { wish: 'metadata', promoteAt: null };
  const world = await openWithLab(t, {
    contentWishFor: () => policy.wish,
    promoteAtFor: () => policy.promoteAt,
    document: (sdp, n) => sdp.replace('Patchpress Updates', `Patchpress Updates ${n}`),
  });
  world.lab.trustCatalogCertificate(world.signer.certificate.der);
  const publish = async (n: number, route: Route) => {
    await world.line.publish(n, { route, payloadSha256: world.sha256 });
    await world.line.settle();
  };
  const promote = async (n: number, revision: number, requestId: string) => {
    const input = { kind: 'promote', packageId: packageIdOf(n), revision, requestId } as const;
    await world.line.enqueue(input);
    await world.line.settle();
    const work = await world.line.work(`promote/${input.packageId}/${revision}/${requestId}`);
    return [work?.state, work?.reason];
  };
  const standing = async (n: number, route: Route) => {
    const found = await world.line.ledger.publication(TARGET_OF[route], packageIdOf(n));
    return [found?.revision, found?.state, found?.content];
  };
  /** What site and update server have of it. */
  const there = async (n: number) => {
    const row = await world.siteRow(packageIdOf(n));
    const { updates } = await world.bridge.call(
      { verb: 'list', packageIds: [packageIdOf(n)] },
      new AbortController().signal,
    );
    const [listed] = updates;
    return {
      site: [row.IsMetadataOnlyUpdate, row.IsDeployable, row.IsContentProvisioned],
      server: [listed?.isMetadataOnly, listed?.hasContent],
    };
  };
  /** A computer behind the gateway that has an older Product 6 and a newer Product 7 scans, and reports. */
  const report = async (name: string) => {
    const { gateway, tlsCa: ca, clientTrust: trust } = world.lab.ready;
    const base = `https://127.0.0.1:${gateway.port}${new URL(gateway.tokenBase).pathname}`;
    const version = (value: string) => ({ Version: { type: 'REG_SZ', value } }) as const;
    const bare = windows11();
    const hive = {
      ...bare.registry['64'],
      'HKLM\\SOFTWARE\\Contoso\\Product 6': version('1.0'),
      'HKLM\\SOFTWARE\\Contoso\\Product 7': version('9.0'),
    };
    const { scan } = await runClient(
      {
        base,
        machine: { ...bare, registry: { ...bare.registry, 64: hive } },
        dnsName: name,
        credentials: { ca, client: null, token: gateway.token },
        updateId: null,
        locale: 'en',
        statePath: null,
        filesFolder: null,
        isReported: true,
        timeoutMs: 20_000,
        trust,
        addressOf: (url) => contentAddress(base, url),
      },
      'scan',
    );
    const says = (n: number) =>
      scan.updates.find(({ known }) => known?.core.updateId === packageIdOf(n))?.state;
    assert.deepEqual([says(6), says(7)], ['required', 'installed']);
  };
  return { ...world, policy, publish, promote, standing, there, report };
}

const BARE = { site: [true, false, false], server: [true, false] };
const WHOLE = { site: [false, true, true], server: [false, true] };
const DONE = ['done', 'its content is published now'];

for (const [index, route] of (['catalog', 'direct'] as const).entries()) {
  const n = index + 1;
  describe(`metadata alone, then content: ${TARGET_OF[route]}`, () => {
    test('rests where the site shows it, is promoted once, and keeps its content in later revisions', async (t) => {
      const { publish, promote, standing, there, line } = await openWorld(t);
      await publish(n, route);
      assert.deepEqual(await standing(n, route), [1, 'visible', 'metadata']);
      assert.deepEqual(await there(n), BARE);
      const follow = await line.work(`follow/${packageIdOf(n)}/1`);
      assert.equal(follow?.state, 'done', 'nothing is waited for');

      await publish(n, route);
      assert.deepEqual(await standing(n, route), [2, 'visible', 'metadata'], 'revised');
      assert.deepEqual(await there(n), BARE);

      assert.deepEqual(await promote(n, 1, 'stale'), ['done', 'revision 2 has taken its place']);
      assert.deepEqual(await promote(n, 2, 'a'), DONE);
      assert.deepEqual(await standing(n, route), [2, 'distributed', 'full']);
      assert.deepEqual(await there(n), WHOLE);
      assert.deepEqual(await promote(n, 2, 'b'), ['done', 'its content is published already, or on the way']);

      await publish(n, route);
      assert.deepEqual(
        await standing(n, route),
        [3, 'distributed', 'full'],
        'the policy still says metadata',
      );
      assert.deepEqual(await there(n), WHOLE);
    });
  });
}

describe('promoted by the policy', () => {
  test('once the site counts enough computers that need it, and once', async (t) => {
    const { publish, standing, line, policy, report } = await openWorld(t);
    await publish(6, 'direct');
    await publish(7, 'catalog');
    const look = async () => {
      await line.enqueue({ kind: 'promote-required' }, true);
      await line.settle();
      return (await line.work('promote-required'))?.reason;
    };
    assert.match((await look()) ?? '', /nothing rests as metadata that may be promoted/);
    policy.promoteAt = 2;
    await report('pc-1');
    assert.equal(await look(), '0 of 2 are needed enough');
    await report('pc-2');
    const word = (verdict: 'hold' | 'approve') =>
      line.ledger.transaction((tx) =>
        tx.putSetting(
          wordSetting(updateOf(6).productId, updateOf(6).version),
          JSON.stringify({ verdict, by: 'ann', at: '2026-01-01T00:00:00Z', reason: 'looked at' }),
        ),
      );
    await word('hold');
    assert.equal(await look(), '0 of 1 are needed enough', 'what a person holds stays as it is');
    await word('approve');
    assert.equal(await look(), '1 of 2 are needed enough');
    assert.deepEqual(await standing(6, 'direct'), [1, 'distributed', 'full']);
    assert.deepEqual(await standing(7, 'catalog'), [1, 'visible', 'metadata']);
    const [audit, ...more] = await line.ledger.audit([packageIdOf(6)]);
    assert.deepEqual([audit?.actor, audit?.action, more.length], ['policy', 'promote', 0]);
    assert.deepEqual(JSON.parse(audit?.detail ?? ''), { required: 2, promoteAt: 2, revision: 1 });
    assert.equal(await look(), '0 of 1 are needed enough');
  });
});

describe('what of an update is published', () => {
  test('a policy that asks for content again has it with the next revision', async (t) => {
    const { publish, standing, there, policy } = await openWorld(t);
    await publish(3, 'direct');
    policy.wish = 'full';
    await publish(3, 'direct');
    assert.deepEqual(await standing(3, 'direct'), [2, 'distributed', 'full']);
    assert.deepEqual(await there(3), WHOLE);
  });

  test('what takes the place of another by hand is published as that one was', async (t) => {
    const { line, publish, standing, policy, sha256 } = await openWorld(t);
    policy.wish = 'full';
    await publish(4, 'catalog');
    policy.wish = 'metadata';
    const supersedes = [updateOf(4).packageId];
    await line.publish(5, { route: 'catalog', payloadSha256: sha256, respin: 1, supersedes });
    await line.settle();
    assert.deepEqual(await standing(5, 'catalog'), [1, 'distributed', 'full']);
  });
});
