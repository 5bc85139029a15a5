import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DemoUpdate, isGoodUpdate } from '../../../src/app/demo/updates.js';
import { EXPECTED_CANARY } from '../../../src/core/publication.js';

const update = (change: Partial<DemoUpdate>): DemoUpdate => ({
  product: 'Contoso.App',
  version: '1.0',
  variant: 'x64/msi/any/machine',
  packageId: 'old',
  revision: 1,
  route: 'catalog',
  routeReason: null,
  state: 'verified',
  reached: 'verified',
  reason: null,
  nextStep: null,
  supersedes: [],
  isOffered: true,
  proof: 'lab',
  catalogRevision: 1,
  sdp: { path: '' },
  content: null,
  installer: null,
  clients: EXPECTED_CANARY,
  seconds: 1,
  ...change,
});

describe('whether an update is where it should be', () => {
  const superseder = update({ packageId: 'new', supersedes: ['old'] });
  const wrong = { ...EXPECTED_CANARY, older: EXPECTED_CANARY.current };
  const cases: readonly (readonly [string, Partial<DemoUpdate>, readonly DemoUpdate[], boolean])[] = [
    ['verified by three right answers', {}, [], true],
    ['verified, yet an answer is wrong', { clients: wrong }, [], false],
    ['verified by nobody', { clients: null }, [], false],
    ['on the CMG only', { state: 'distributed' }, [], false],
    ['failed', { state: 'failed', reached: 'verified' }, [], false],
    ['superseded by what is verified', { state: 'superseded', isOffered: false }, [superseder], true],
    ['superseded and still offered', { state: 'superseded' }, [superseder], false],
    ['superseded by nothing that is here', { state: 'superseded', isOffered: false }, [], false],
    [
      'superseded by what is not verified yet',
      { state: 'superseded', isOffered: false },
      [{ ...superseder, state: 'published' }],
      false,
    ],
    ['expired', { state: 'expired', isOffered: false }, [], true],
    ['expired and still offered', { state: 'expired' }, [], false],
  ];
  for (const [name, change, others, expected] of cases) {
    test(`${name}: ${expected ? 'yes' : 'no'}`, () => {
      assert.equal(isGoodUpdate(update(change), others), expected);
    });
  }
});
