import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createDeploymentRules } from '../../../src/publishing/configuration-manager/deployment-rule.js';
import { type Deed, EXPIRE, PROMOTE, PUBLISH, REPAIR, RESIGN, REVISE, SUPERSEDE, type Way } from './deeds.js';
import { requireConsistentCatalog } from './far-side.js';
import { IS_WHOLE, sweep } from './sweep.js';
import { openWorld } from './world.js';

interface Target extends Way {
  readonly name: string;
  readonly isSiteOverBridge: boolean;
  readonly deeds: readonly Deed[];
  /** Without PATCHPRESS_CONFORMANCE=whole; what another target does likewise is left out. */
  readonly usually: readonly Deed[];
}

const CATALOG = {
  route: 'catalog',
  deeds: [PUBLISH, REVISE, EXPIRE, SUPERSEDE, REPAIR, PROMOTE, RESIGN],
} as const;
const DIRECT = { route: 'direct', deeds: [PUBLISH, REVISE, EXPIRE, SUPERSEDE, PROMOTE] } as const;

const TARGETS: readonly Target[] = [
  {
    ...CATALOG,
    name: 'configmgr-catalog, the site over REST',
    isSignedByUs: false,
    isSiteOverBridge: false,
    usually: CATALOG.deeds.filter((deed) => deed !== SUPERSEDE),
  },
  {
    ...CATALOG,
    name: 'configmgr-catalog, the site over the Windows bridge',
    isSignedByUs: false,
    isSiteOverBridge: true,
    usually: [PROMOTE],
  },
  {
    ...DIRECT,
    name: 'software-update-point, packed there',
    isSignedByUs: false,
    isSiteOverBridge: false,
    usually: DIRECT.deeds,
  },
  {
    ...DIRECT,
    name: 'software-update-point, signed-cab',
    isSignedByUs: true,
    isSiteOverBridge: true,
    usually: [PROMOTE],
  },
];

const TURN = ['ledger.clearDelivered', 'ledger.take'] as const;
const LOOK = 'site.updates';
const SYNC = 'site.syncSoftwareUpdates';
const PROVEN = ['ledger.finish', ...TURN, 'ledger.finish'];
const TICKED = ['site.product', 'site.enableProduct', 'site.classification', SYNC, LOOK];

/** What a first publication crosses, and so where it is broken. */
const CROSSINGS: Readonly<Record<Way['route'], readonly string[]>> = {
  catalog: [
    ...[...TURN, 'ledger.finish'],
    ...[...TURN, 'signer.sign', 'ledger.finish'],
    ...[...TURN, LOOK, 'site.syncCatalogs', SYNC, LOOK, ...TICKED, 'site.publishContent', SYNC, LOOK],
    ...PROVEN,
  ],
  direct: [
    ...[...TURN, 'ledger.finish'],
    ...[...TURN, 'bridge.list', 'bridge.publish', 'bridge.list', 'ledger.finish'],
    ...[...TURN, LOOK, SYNC, LOOK, ...TICKED],
    ...PROVEN,
  ],
};

test('a publisher that ends anywhere begins again and comes to the same end', async (t) => {
  const { far } = await openWorld(t);
  for (const target of TARGETS) {
    for (const deed of IS_WHOLE ? target.deeds : target.usually) {
      await t.test(`${target.name}: ${deed.name}`, (one) => requireSameEnd(one, target, deed, far.folder));
    }
  }
});

async function requireSameEnd(t: TestContext, target: Target, deed: Deed, keysOf: string): Promise<void> {
  const world = await openWorld(t, keysOf);
  await world.reopen({ isSiteOverBridge: target.isSiteOverBridge });
  const { crossings, breaks } = await sweep(world, target, deed, 100);
  t.diagnostic(`broken at ${breaks} places`);
  if (deed === PUBLISH) {
    const publish = target.isSignedByUs ? 'bridge.publish-signed' : 'bridge.publish';
    const expected = CROSSINGS[target.route].map((name) => (name === 'bridge.publish' ? publish : name));
    assert.deepEqual(crossings, expected);
  }
  if (target.route === 'catalog') await requireConsistentCatalog(world);
  if (!target.isSiteOverBridge) return;
  const rules = createDeploymentRules(world.far.rest, 'Patchpress');
  const rule = await rules.look();
  assert.equal(rule?.isEnabled, true);
  await rules.run(rule);
  assert.equal(await createDeploymentRules(world.far.rest, 'another').look(), null);
}
