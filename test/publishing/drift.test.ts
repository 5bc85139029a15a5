import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SiteUpdateState } from '../../src/core/ports.js';
import type { PublicationRecord } from '../../src/core/records.js';
import { driftAtServer, driftAtSite } from '../../src/publishing/drift.js';
import type { ListedUpdate } from '../../src/publishing/software-update-point/bridge.js';
import { creationDateOf, packageIdOf } from './samples.js';

const recorded = (state: PublicationRecord['state']) => ({
  publication: {
    packageId: packageIdOf(1),
    revision: 2,
    target: 'software-update-point',
    state,
  } as PublicationRecord,
  revision: { revision: 2, creationDate: creationDateOf(2) },
});
const listed = (changes: Partial<ListedUpdate> = {}): ListedUpdate => ({
  packageId: packageIdOf(1),
  revision: 7,
  creationDate: creationDateOf(2),
  isLocallyPublished: true,
  isExpired: false,
  isDeclined: false,
  hasContent: true,
  isMetadataOnly: false,
  ...changes,
});

const AT_SERVER: readonly (readonly [PublicationRecord['state'], ListedUpdate | null, RegExp | null])[] = [
  ['verified', listed(), null],
  ['published', listed({ creationDate: creationDateOf(3) }), null],
  ['verified', null, /^nothing: .*PackageID is spent/],
  ['pending', null, null],
  ['superseded', null, null],
  ['expired', null, null],
  ['expired', listed(), /^offered: patchpress expire/],
  ['expired', listed({ isExpired: true }), null],
  ['deployable', listed({ isExpired: true }), /^expired: /],
  ['distributed', listed({ isDeclined: true }), /^declined: .*server undecline/],
  ['verified', listed({ hasContent: false }), /^metadata without content: /],
  ['verified', listed({ creationDate: creationDateOf(1) }), /^metadata of .*: .*--intent revise/],
];

for (const [state, found, expected] of AT_SERVER) {
  test(`recorded as ${state}, found ${JSON.stringify(found ?? 'nothing').slice(0, 150)}`, () => {
    const drifts = driftAtServer([recorded(state)], found === null ? [] : [found]);
    if (expected === null) return assert.deepEqual(drifts, []);
    assert.equal(drifts.length, 1);
    assert.match(`${drifts[0]?.found}: ${drifts[0]?.nextStep}`, expected);
  });
}

test('updates of others at the server are none of ours', () => {
  assert.deepEqual(driftAtServer([], [listed()]), []);
});

test('the site has fallen back behind what was recorded', () => {
  const site = (changes: Partial<SiteUpdateState>): SiteUpdateState => ({
    packageId: packageIdOf(1),
    revision: 2,
    revisedAt: creationDateOf(2),
    isMetadataOnly: false,
    isDeployable: true,
    isContentProvisioned: true,
    fault: null,
    ...changes,
  });
  const found = (state: PublicationRecord['state'], changes: Partial<SiteUpdateState>) =>
    driftAtSite([recorded(state)], [site(changes)]).map((one) => one.found);
  assert.deepEqual(found('verified', {}), []);
  assert.deepEqual(found('verified', { isContentProvisioned: false }), ['deployable']);
  assert.deepEqual(found('deployable', { isContentProvisioned: false }), []);
  assert.deepEqual(found('distributed', { isMetadataOnly: true }), ['visible']);
  assert.deepEqual(
    found('visible', { revision: null, revisedAt: null, isMetadataOnly: false, isDeployable: false }),
    ['published'],
  );
  assert.deepEqual(found('published', { revision: null, revisedAt: null, isDeployable: false }), []);
});
