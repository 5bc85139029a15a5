import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeLatency, hopsIn, withHopTimes } from '../../src/core/hops.js';
import type { PublicationRecord } from '../../src/core/records.js';

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const record = (state: PublicationRecord['state'], minute: number, revision = 1): PublicationRecord => ({
  packageId: 'p',
  revision,
  target: 'configmgr-catalog',
  state,
  catalogRevision: 1,
  reason: null,
  proof: null,
  clients: null,
  startedAt: at(0),
  changedAt: at(minute),
});

/** As the ledger keeps one after the other. */
function kept(...records: readonly PublicationRecord[]): PublicationRecord['reachedAt'] {
  return records.reduce<PublicationRecord | null>((before, one) => withHopTimes(one, before ?? one), null)
    ?.reachedAt;
}

describe('the times of the hops', () => {
  const cases: readonly [string, readonly PublicationRecord[], PublicationRecord['reachedAt']][] = [
    ['what waits has come to none', [record('pending', 1)], undefined],
    [
      'each state that is a hop',
      [record('pending', 1), record('published', 2), record('visible', 4), record('distributed', 9)],
      { published: at(2), visible: at(4), distributed: at(9) },
    ],
    [
      'the first time counts, also after a step back',
      [record('published', 2), record('visible', 4), record('published', 6), record('visible', 8)],
      { published: at(2), visible: at(4) },
    ],
    ['an end takes none away', [record('published', 2), record('superseded', 5)], { published: at(2) }],
    [
      'another revision begins anew, whatever its record was made from',
      [record('verified', 5), { ...record('published', 9, 2), reachedAt: { verified: at(5) } }],
      { published: at(9) },
    ],
    [
      'what is known of the way before is kept',
      [record('distributed', 5), { ...record('verified', 7), reachedAt: { released: at(0) } }],
      { released: at(0), distributed: at(5), verified: at(7) },
    ],
  ];
  for (const [name, records, expected] of cases) {
    test(name, () => assert.deepEqual(kept(...records), expected));
  }

  test('are told in the order of the way, with the two largest units', () => {
    const hops = hopsIn({ verified: at(61), published: at(1), released: at(0) });
    assert.equal(
      describeLatency(hops),
      `released ${at(0)}, published after 1 min, verified after 1 h; 1 h 1 min in all`,
    );
    assert.equal(describeLatency(hops.slice(0, 1)), `released ${at(0)}`);
    assert.equal(describeLatency([]), 'no times are known');
  });
});
