import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { PermanentError, RetryableError } from '../../src/core/errors.js';
import type { Site, SiteUpdateState } from '../../src/core/ports.js';
import type { Deployments } from '../../src/publishing/configuration-manager/deployment/index.js';
import { type LineOptions, openLine, POLL_MS } from './line.js';
import { creationDateOf, packageIdOf } from './samples.js';

interface FakeSite extends Site {
  readonly calls: string[];
  /** Overrides what the site shows. */
  shows: (packageId: string) => Partial<SiteUpdateState>;
}

const NOTHING: Omit<SiteUpdateState, 'packageId'> = {
  revision: null,
  revisedAt: null,
  isMetadataOnly: false,
  isDeployable: false,
  isContentProvisioned: false,
  fault: null,
};
const METADATA = { revision: 1, revisedAt: creationDateOf(1), isMetadataOnly: true };
const DEPLOYABLE = { revision: 2, revisedAt: creationDateOf(1), isDeployable: true };
const PROVISIONED = { ...DEPLOYABLE, isContentProvisioned: true };

function fakeSite(shows: FakeSite['shows']): FakeSite {
  const calls: string[] = [];
  const site: FakeSite = {
    calls,
    shows,
    syncCatalogs: async () => void calls.push('catalogs'),
    syncSoftwareUpdates: async () => void calls.push('updates'),
    publishContent: async () => void calls.push('content'),
    updates: async (ids) => ids.map((packageId) => ({ ...NOTHING, packageId, ...site.shows(packageId) })),
    product: async () => ({ categoryInstanceId: 7, name: 'Updates', isSubscribed: true }),
    enableProduct: async () => void calls.push('enable'),
    classification: async () => ({ categoryInstanceId: 8, name: 'Updates', isSubscribed: true }),
    enableClassification: async ({ categoryInstanceId }) =>
      void calls.push(`classification ${categoryInstanceId}`),
    syncFault: async () => null,
  };
  return site;
}

const FOLLOW = `follow/${packageIdOf(1)}/1`;
const VERIFY = `verify/${packageIdOf(1)}/r1`;

describe('following an update through the site', () => {
  const table: readonly {
    readonly shows: Partial<SiteUpdateState>;
    readonly state: string;
    readonly reason: RegExp | null;
    readonly calls: readonly string[];
  }[] = [
    { shows: {}, state: 'published', reason: /does not show this revision/, calls: ['catalogs', 'updates'] },
    {
      shows: { ...PROVISIONED, revisedAt: '2026-11-24T08:59:59Z' },
      state: 'published',
      reason: /does not show this revision/,
      calls: ['catalogs', 'updates'],
    },
    { shows: METADATA, state: 'visible', reason: /content is not published/, calls: ['content', 'updates'] },
    { shows: DEPLOYABLE, state: 'deployable', reason: /content-enabled CMG/, calls: [] },
    {
      // A catalog that failed later is no fault of what is deployable.
      shows: { ...DEPLOYABLE, fault: '11508: changed' },
      state: 'deployable',
      reason: /content-enabled CMG/,
      calls: [],
    },
    { shows: PROVISIONED, state: 'distributed', reason: null, calls: [] },
    { shows: { ...PROVISIONED, revisedAt: null }, state: 'distributed', reason: null, calls: [] },
  ];
  for (const { shows, state, reason, calls } of table) {
    test(`${JSON.stringify(shows)} is ${state}`, async (t) => {
      const site = fakeSite(() => shows);
      const line = await openLine(t, { site: () => site });
      await line.publish(1);
      await line.settle();
      const publication = await line.publication(1);
      assert.equal(publication?.state, state);
      if (reason === null) assert.equal(publication?.reason, null);
      else assert.match(publication?.reason ?? '', reason);
      assert.deepEqual(site.calls, calls);
      const isDone = state === 'distributed';
      assert.equal((await line.work(FOLLOW))?.state, isDone ? 'done' : 'waiting');
      assert.equal((await line.work(VERIFY)) !== undefined, isDone);
      if (isDone) {
        assert.deepEqual((await line.work(VERIFY))?.input, {
          packageId: packageIdOf(1),
          revision: 1,
          target: 'configmgr-catalog',
          runId: 'r1',
        });
      }
    });
  }

  test('a site that does its part takes the update to the gateway in one turn', async (t) => {
    let shown: Partial<SiteUpdateState> = {};
    let server: Partial<SiteUpdateState> = {};
    const site = fakeSite(() => shown);
    const line = await openLine(t, {
      site: () => ({
        ...site,
        async syncCatalogs() {
          server = METADATA;
        },
        async syncSoftwareUpdates() {
          shown = server;
        },
        async publishContent() {
          server = PROVISIONED;
        },
      }),
    });
    await line.publish(1);
    await line.settle();
    assert.equal((await line.publication(1))?.state, 'distributed');
    assert.equal((await line.work(VERIFY))?.state, 'done');
  });

  test('hop by hop, each look at its time', async (t) => {
    const site = fakeSite(() => ({}));
    const line = await openLine(t, { site: () => site });
    await line.publish(1);
    await line.settle();
    const seen = [(await line.publication(1))?.state];
    for (const shows of [METADATA, DEPLOYABLE, PROVISIONED]) {
      site.shows = () => shows;
      assert.deepEqual(await line.settle(), [], 'not before its time');
      line.wait(POLL_MS);
      await line.settle();
      seen.push((await line.publication(1))?.state);
    }
    assert.deepEqual(seen, ['published', 'visible', 'deployable', 'distributed']);
  });

  test('without a site it ends with what cannot be seen', async (t) => {
    const line = await openLine(t);
    await line.publish(1);
    await line.settle();
    const work = await line.work(FOLLOW);
    assert.deepEqual([work?.state, work?.code], ['done', 'unchanged']);
    assert.match(work?.reason ?? '', /no site is configured/);
    assert.deepEqual(
      [(await line.publication(1))?.state, (await line.publication(1))?.reason],
      ['published', work?.reason],
    );
  });

  test('a later revision ends the following of the earlier one', async (t) => {
    const site = fakeSite(() => ({}));
    const line = await openLine(t, { site: () => site });
    await line.publish(1);
    await line.settle();
    await line.publish(1);
    await line.settle();
    line.wait(POLL_MS);
    await line.settle();
    assert.equal((await line.work(FOLLOW))?.reason, 'revision 2 has taken its place');
    site.shows = () => PROVISIONED;
    line.wait(POLL_MS);
    await line.settle();
    const publication = await line.publication(1);
    assert.deepEqual(
      [publication?.revision, publication?.state],
      [2, 'published'],
      'the site still shows the first revision',
    );
    site.shows = () => ({ ...PROVISIONED, revisedAt: creationDateOf(2) });
    line.wait(POLL_MS);
    await line.settle();
    assert.equal((await line.publication(1))?.state, 'distributed');
  });

  test('a revision that is published during a look is not overwritten by it', async (t) => {
    const site = fakeSite(() => PROVISIONED);
    let isFirst = true;
    const line = await openLine(t, {
      site: (self) => ({
        ...site,
        async updates(ids) {
          if (isFirst) {
            isFirst = false;
            await self().publish(1);
            await self().turn(`publish/${packageIdOf(1)}/2`);
          }
          return site.updates(ids);
        },
      }),
    });
    await line.publish(1);
    await line.settle();
    const publication = await line.publication(1);
    assert.deepEqual([publication?.revision, publication?.state], [2, 'published']);
  });

  test('a superseded update is not followed any more', async (t) => {
    const line = await openLine(t, { site: () => fakeSite(() => ({})) });
    await line.publish(1);
    await line.settle();
    await line.publish(2, { supersedes: [packageIdOf(1)] });
    await line.settle();
    line.wait(POLL_MS);
    await line.settle();
    assert.equal((await line.work(FOLLOW))?.reason, 'it is superseded');
    assert.equal((await line.publication(1))?.state, 'superseded');
  });
});

test('the rule that is to distribute an update is run once, and says where it stands', async (t) => {
  const ran: string[] = [];
  const line = await openLine(t, {
    site: () => fakeSite(() => DEPLOYABLE),
    deploymentRules: {
      name: 'Third party',
      look: async () => ({ id: 7, isEnabled: true, lastRunAt: null, lastErrorCode: 0 }),
      run: async () => void ran.push('ran'),
    },
  });
  await line.publish(1);
  await line.settle();
  assert.equal((await line.publication(1))?.state, 'deployable');
  line.wait(POLL_MS);
  await line.settle();
  assert.deepEqual(ran, ['ran']);
  assert.match((await line.publication(1))?.reason ?? '', /"Third party" has not run yet/);
});

test('a classification that is not ticked is enabled where that is allowed, and else said', async (t) => {
  for (const enableClassifications of [true, false]) {
    const fake = fakeSite(() => ({}));
    const classification = async () => ({ categoryInstanceId: 8, name: 'Updates', isSubscribed: false });
    const line = await openLine(t, { site: () => ({ ...fake, classification }), enableClassifications });
    await line.publish(1);
    await line.settle();
    const enabled = enableClassifications ? ['classification 8', 'updates'] : [];
    assert.deepEqual(fake.calls, ['catalogs', 'updates', ...enabled]);
    const { reason = '', nextStep = '' } = (await line.work(FOLLOW)) ?? {};
    assert.match(
      reason ?? '',
      enableClassifications ? /does not show this revision yet/ : /site\.enableClassifications/,
    );
    if (!enableClassifications) assert.match(nextStep ?? '', /Classifications: tick Updates/);
  }
});

describe('deployments of our own', () => {
  type Answer = Awaited<ReturnType<Deployments['carry']>>;
  const openOwn = async (t: TestContext, answers: readonly Answer[], more: LineOptions = {}) => {
    const calls: string[] = [];
    const deployments: Deployments = {
      async carry(packageId) {
        calls.push(`carry ${packageId}`);
        return answers[Math.min(calls.length, answers.length) - 1] ?? null;
      },
      remove: async (ids) => void calls.push(`remove ${ids}`),
    };
    const line = await openLine(t, {
      site: () => fakeSite(() => PROVISIONED),
      deployments: () => deployments,
      ...more,
    });
    return { line, calls };
  };
  const waiting = { reason: 'cmg.example: INSTALL_PENDING', nextStep: 'Monitoring' };

  test('an update is distributed when they say so, also where the site has its content provisioned', async (t) => {
    const { line } = await openOwn(t, [waiting, null]);
    await line.publish(1);
    await line.settle();
    const { state, reason } = (await line.publication(1)) ?? {};
    assert.deepEqual([state, reason], ['deployable', waiting.reason]);
    assert.equal((await line.work(FOLLOW))?.nextStep, waiting.nextStep);
    line.wait(POLL_MS);
    await line.settle();
    assert.equal((await line.publication(1))?.state, 'distributed');
    assert.equal((await line.work(VERIFY))?.state, 'done');
  });

  test('a refusal is recorded, asked for once more, and then ends the work', async (t) => {
    const { line, calls } = await openOwn(t, [{ ...waiting, isRefused: true }]);
    await line.publish(1);
    await line.settle();
    assert.equal((await line.work(FOLLOW))?.state, 'waiting');
    line.wait(POLL_MS);
    await line.settle();
    const work = await line.work(FOLLOW);
    assert.deepEqual([work?.state, work?.code, calls.length], ['failed', 'target.refused', 2]);
    assert.equal((await line.publication(1))?.reason, waiting.reason);
  });

  test('what metadata alone is wanted of is not deployed', async (t) => {
    const { line, calls } = await openOwn(t, [null], { contentWishFor: () => 'metadata' });
    await line.publish(1);
    await line.settle();
    assert.deepEqual(calls, []);
  });

  test('what it takes the place of leaves the group, and keeps nothing up where it does not', async (t) => {
    const remove = () => Promise.reject(new PermanentError('target.refused', 'it is as before'));
    for (const refusing of [{}, { remove }]) {
      const calls: string[] = [];
      const deployments: Deployments = {
        carry: async () => null,
        remove: async (ids) => void calls.push(ids.join()),
        ...refusing,
      };
      const line = await openLine(t, {
        site: () => fakeSite(() => PROVISIONED),
        deployments: () => deployments,
      });
      await line.publish(2, { supersedes: [packageIdOf(1)] });
      await line.settle();
      assert.equal((await line.publication(2))?.state, 'distributed');
      assert.deepEqual(calls, 'remove' in refusing ? [] : [packageIdOf(1)]);
    }
  });
});

describe('a product that the site does not know yet', () => {
  const where =
    /Configure Site Components > Software Update Point > Products: tick Patchpress > Patchpress Updates/;

  test('is revealed by a synchronization, enabled, and shown by the next', async (t) => {
    let isSubscribed = false;
    let shown: Partial<SiteUpdateState> = {};
    const asked: string[] = [];
    const site = fakeSite(() => shown);
    const line = await openLine(t, {
      site: () => ({
        ...site,
        async syncSoftwareUpdates() {
          site.calls.push('updates');
          if (isSubscribed) shown = PROVISIONED;
        },
        async product(vendor, product) {
          asked.push(vendor, product);
          return { categoryInstanceId: 7, name: 'Updates', isSubscribed };
        },
        async enableProduct({ categoryInstanceId }) {
          site.calls.push(`enable ${categoryInstanceId}`);
          isSubscribed = true;
        },
      }),
    });
    await line.publish(1);
    await line.settle();
    assert.deepEqual(site.calls, ['catalogs', 'updates', 'enable 7', 'updates']);
    assert.deepEqual(asked, ['Patchpress', 'Patchpress Updates'], 'as the document names them');
    assert.equal((await line.publication(1))?.state, 'distributed');
  });

  const cases: readonly {
    readonly name: string;
    readonly site: Partial<Site>;
    readonly enableProducts?: boolean;
    readonly reason: RegExp;
  }[] = [
    {
      name: 'not revealed',
      site: { product: async () => null },
      reason: /no synchronization of the site has revealed the product "Patchpress Updates"/,
    },
    {
      name: 'not to be enabled by us',
      site: { product: async () => ({ categoryInstanceId: 7, name: 'Updates', isSubscribed: false }) },
      enableProducts: false,
      reason: /is not enabled in the site.*site\.enableProducts does not let us/,
    },
    {
      name: 'that the account may not enable',
      site: {
        product: async () => ({ categoryInstanceId: 7, name: 'Updates', isSubscribed: false }),
        enableProduct: async () => {
          throw new PermanentError('target.refused', 'the account may not');
        },
      },
      reason: /is not enabled in the site.*the account may not/,
    },
  ];
  for (const { name, site, reason, ...allowed } of cases) {
    test(`${name}: the update waits at published, and says where to enable it`, async (t) => {
      const fake = fakeSite(() => ({}));
      const line = await openLine(t, { site: () => ({ ...fake, ...site }), ...allowed });
      await line.publish(1);
      await line.settle();
      const work = await line.work(FOLLOW);
      assert.deepEqual(
        [work?.state, (await line.publication(1))?.state, fake.calls.includes('enable')],
        ['waiting', 'published', false],
      );
      assert.match(work?.reason ?? '', reason);
      assert.equal((await line.publication(1))?.reason, work?.reason);
      assert.match(work?.nextStep ?? '', where);
    });
  }

  test('a site that does not show its products is waited for', async (t) => {
    const line = await openLine(t, {
      site: () => ({
        ...fakeSite(() => ({})),
        product: async () => {
          throw new PermanentError('target.refused', 'no such class');
        },
      }),
    });
    await line.publish(1);
    await line.settle();
    assert.match((await line.publication(1))?.reason ?? '', /does not show this revision/);
  });

  test('a synchronization that failed is told before all that follows from it', async (t) => {
    const line = await openLine(t, {
      site: () => ({
        ...fakeSite(() => ({})),
        product: async () => null,
        syncFault: async () => '6703 on sup.lab, error 12002',
      }),
    });
    await line.publish(1);
    await line.settle();
    const work = await line.work(FOLLOW);
    assert.match(work?.reason ?? '', /synchronization failed: 6703 on sup\.lab/);
    assert.match(work?.nextStep ?? '', /Software Update Point Synchronization Status/);
  });
});

describe('what to do next', () => {
  const refusals: Readonly<Record<string, RegExp>> = {
    '11508: the signature of the catalog is not trusted': /Third-party Software Updates Catalog/,
    "UPDATECONTENT_TRUST_FAIL: Certificate 'A' is BLOCKED.": /Third-party Software Updates Content/,
    '11516: UPDATECONTENT_TRUST_FAIL_BADSIG, signature check': /direct route/,
    'UPDATECONTENT_HASH_FAIL: SHA-1 of the downloaded file': /other bytes/,
    'connect ECONNREFUSED 127.0.0.1:9': /can be reached over https/,
    'the packages are odd': /correct what the site names/,
  };
  for (const [fault, nextStep] of Object.entries(refusals)) {
    test(fault, async (t) => {
      const line = await openLine(t, { site: () => fakeSite(() => ({ ...METADATA, fault })) });
      await line.publish(1);
      await line.settle();
      assert.match((await line.work(FOLLOW))?.nextStep ?? '', nextStep);
      line.wait(POLL_MS);
      await line.settle();
      assert.equal((await line.work(FOLLOW))?.state, 'failed');
      assert.match((await line.work(FOLLOW))?.nextStep ?? '', nextStep);
    });
  }
});

describe('faults of the site', () => {
  test('a refusal is recorded with the hop that was reached, then ends the work; a mended cause goes on', async (t) => {
    const fault = 'UPDATECONTENT_HASH_FAIL: SHA-1 of the downloaded file is other\u0007';
    const site = fakeSite(() => ({ ...METADATA, fault }));
    const line = await openLine(t, { site: () => site });
    await line.publish(1);
    await line.settle();
    const first = await line.publication(1);
    assert.equal(first?.state, 'visible');
    assert.match(first?.reason ?? '', /the site refuses it: UPDATECONTENT_HASH_FAIL.*\\u\{7\}/);
    assert.equal((await line.work(FOLLOW))?.state, 'waiting');
    line.wait(POLL_MS);
    await line.settle();
    const work = await line.work(FOLLOW);
    assert.deepEqual([work?.state, work?.code], ['failed', 'target.refused']);
    assert.match(work?.reason ?? '', /UPDATECONTENT_HASH_FAIL/);
    assert.ok((work?.nextStep ?? '').length > 0);
    assert.equal((await line.publication(1))?.state, 'visible');

    site.shows = () => PROVISIONED;
    await line.enqueue({ kind: 'follow', packageId: packageIdOf(1), revision: 1 }, true);
    await line.settle();
    assert.deepEqual(
      [(await line.publication(1))?.state, (await line.publication(1))?.reason],
      ['distributed', null],
    );
  });

  test('a fault that a second look does not show was none', async (t) => {
    const site = fakeSite(() => ({ fault: 'the catalog could not be downloaded' }));
    const line = await openLine(t, { site: () => site });
    await line.publish(1);
    await line.settle();
    site.shows = () => PROVISIONED;
    line.wait(POLL_MS);
    await line.settle();
    assert.equal((await line.publication(1))?.state, 'distributed');
  });

  test('a site that has no call for content is waited for: it may publish by itself', async (t) => {
    const site = fakeSite(() => METADATA);
    const line = await openLine(t, {
      site: () => ({
        ...site,
        publishContent: async () => {
          throw new PermanentError('target.refused', 'no REST call publishes third-party content', {
            nextStep: 'run Publish-CMThirdPartySoftwareUpdateContent',
          });
        },
      }),
    });
    await line.publish(1);
    await line.settle();
    assert.equal((await line.work(FOLLOW))?.state, 'waiting');
    assert.match((await line.publication(1))?.reason ?? '', /run Publish-CMThirdPartySoftwareUpdateContent/);
  });

  test('a site that does not answer is tried again; the hop stays', async (t) => {
    const line = await openLine(t, {
      site: () => ({
        ...fakeSite(() => ({})),
        syncCatalogs: async () => {
          throw new RetryableError('target.unreachable', 'no answer');
        },
      }),
    });
    await line.publish(1);
    await line.settle();
    const work = await line.work(FOLLOW);
    assert.deepEqual([work?.state, work?.code, work?.attempt], ['ready', 'target.unreachable', 1]);
    assert.equal((await line.publication(1))?.state, 'published');
  });
});
