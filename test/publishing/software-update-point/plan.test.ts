import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListedUpdate } from '../../../src/publishing/software-update-point/bridge.js';
import type { Delivery } from '../../../src/publishing/software-update-point/delivery.js';
import { planDelivery, requireDelivered } from '../../../src/publishing/software-update-point/plan.js';
import { creationDateOf, packageIdOf, updateOf } from '../samples.js';

function wanted(changes: Partial<Delivery> = {}): Delivery {
  return {
    update: updateOf(1, { route: 'direct' }),
    revision: { packageId: packageIdOf(1), revision: 2, creationDate: creationDateOf(2) } as never,
    sdp: Buffer.alloc(0),
    isExpired: false,
    content: { mode: 'payload', files: [] },
    ...changes,
  };
}

function there(changes: Partial<ListedUpdate> = {}): ListedUpdate {
  return {
    packageId: packageIdOf(1),
    revision: 7,
    creationDate: creationDateOf(2),
    isLocallyPublished: true,
    isExpired: false,
    isDeclined: false,
    hasContent: true,
    isMetadataOnly: false,
    ...changes,
  };
}

const SIGNED = { mode: 'signed-cab', cabinet: { name: 'a.cab', sha256: 'a', sizeBytes: 1 } } as const;
const METADATA = { mode: 'metadata' } as const;
const BARE = there({ hasContent: false, isMetadataOnly: true });
const OLDER = there({ creationDate: creationDateOf(1) });
const EXPIRED = there({ isExpired: true });

const TABLE: readonly (readonly [string, Delivery, ListedUpdate | null, string])[] = [
  ['nothing is there', wanted(), null, 'publish'],
  ['nothing is there, and we signed the content', wanted({ content: SIGNED }), null, 'publish-signed'],
  ['this revision is there', wanted(), there(), 'none'],
  ['a later revision is there', wanted(), there({ creationDate: creationDateOf(3) }), 'none'],
  [
    'the same time in another form',
    wanted(),
    there({ creationDate: '2026-11-24T09:01:00.0000000Z' }),
    'none',
  ],
  ['an older revision is there', wanted(), OLDER, 'revise'],
  ['an older revision is there, and we signed the content', wanted({ content: SIGNED }), OLDER, 'revise'],
  ['to expire, nothing is there', wanted({ isExpired: true }), null, 'none'],
  ['to expire, it is there', wanted({ isExpired: true }), there(), 'expire'],
  [
    'to expire, its content has vanished',
    wanted({ isExpired: true }),
    there({ hasContent: false }),
    'expire',
  ],
  ['metadata alone, nothing is there', wanted({ content: METADATA }), null, 'publish-metadata'],
  ['metadata alone, it is there', wanted({ content: METADATA }), BARE, 'none'],
  [
    'metadata alone, an older one is there',
    wanted({ content: METADATA }),
    { ...BARE, creationDate: creationDateOf(1) },
    'revise',
  ],
  ['content, metadata alone is there', wanted(), BARE, 'publish'],
  ['content that we signed, metadata alone is there', wanted({ content: SIGNED }), BARE, 'publish-signed'],
  ['to expire, metadata alone is there', wanted({ isExpired: true }), BARE, 'expire'],
  ['to expire, it is expired', wanted({ isExpired: true }), EXPIRED, 'none'],
];

for (const [name, delivery, found, kind] of TABLE) {
  test(`${name}: ${kind}`, () => {
    assert.equal(planDelivery(delivery, found).kind, kind);
  });
}

const REFUSED: readonly (readonly [string, ListedUpdate, RegExp])[] = [
  ['expired at the server', EXPIRED, /expired at the server/],
  ['without its content', there({ hasContent: false }), /metadata without it/],
  ["another publisher's", there({ isLocallyPublished: false }), /another publisher/],
];

for (const [name, found, reason] of REFUSED) {
  test(`an update that is ${name} is refused with the next step`, () => {
    assert.throws(
      () => planDelivery(wanted(), found),
      (error: { code: string; found: string; nextStep: string }) =>
        error.code === 'target.refused' && reason.test(error.found) && error.nextStep.length > 10,
    );
  });
}

test('what was asked for is read back: an answer to a call proves nothing', () => {
  requireDelivered(wanted(), there());
  requireDelivered(wanted({ isExpired: true }), EXPIRED);
  requireDelivered(wanted({ content: METADATA }), BARE);
  const wrong = [
    [wanted(), null],
    [wanted(), OLDER],
    [wanted(), there({ hasContent: false })],
    [wanted(), BARE],
    [wanted({ content: METADATA }), { ...BARE, creationDate: creationDateOf(1) }],
    [wanted({ isExpired: true }), there()],
  ] as const;
  for (const [delivery, found] of wrong) {
    assert.throws(() => requireDelivered(delivery, found), { code: 'target.refused' });
  }
});
