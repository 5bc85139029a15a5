import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PublicationRecord } from '../../../src/core/records.js';
import type { ListedUpdate } from '../../../src/publishing/software-update-point/bridge.js';
import {
  type OwnPublication,
  planRetention,
} from '../../../src/publishing/software-update-point/retention.js';
import { packageIdOf } from '../samples.js';

const NOW = new Date('2026-11-28T10:00:00Z');
const RULE = { keep: 1, graceDays: 30 };

/** Version `n` of a product; the higher the newer. */
function own(
  n: number,
  state: PublicationRecord['state'],
  change: { changedAt?: string; variant?: string } = {},
) {
  const { changedAt = '2026-11-01T00:00:00Z', variant = 'x64/msi/any/machine' } = change;
  const day = String(n).padStart(2, '0');
  const one: OwnPublication = {
    update: {
      packageId: packageIdOf(n),
      productId: 'contoso/app',
      variant,
      kind: 'update',
      version: `${n}.0`,
      createdAt: `2026-10-${day}T00:00:00Z`,
    },
    publication: { state, changedAt },
  };
  return one;
}

function listed(n: number, change: Partial<ListedUpdate> = {}): ListedUpdate {
  return {
    packageId: packageIdOf(n),
    revision: 1,
    creationDate: '2026-10-01T00:00:00Z',
    isLocallyPublished: true,
    isExpired: false,
    isDeclined: false,
    hasContent: true,
    isMetadataOnly: false,
    ...change,
  };
}

const LINE = [own(1, 'superseded'), own(2, 'superseded'), own(3, 'superseded'), own(4, 'verified')];
const planned = (
  of: readonly OwnPublication[],
  there: readonly ListedUpdate[],
  rule: typeof RULE = RULE,
): readonly string[] => planRetention(of, there, rule, NOW).map(({ act, version }) => `${act} ${version}`);

describe('retention at the update server', () => {
  test('declines what is superseded beyond the newest that stay, and never what is offered', () => {
    const there = [1, 2, 3, 4].map((n) => listed(n));
    assert.deepEqual(planned(LINE, there), ['decline 2.0', 'decline 1.0']);
    assert.deepEqual(planned(LINE, there, { ...RULE, keep: 0 }), [
      'decline 3.0',
      'decline 2.0',
      'decline 1.0',
    ]);
    assert.deepEqual(planned(LINE, there, { ...RULE, keep: 3 }), []);
  });

  test('what stays is counted for each variant', () => {
    const other = own(5, 'superseded', { variant: 'arm64/msi/any/machine' });
    assert.deepEqual(planned([...LINE, other], [listed(5), listed(2)]), ['decline 2.0']);
  });

  test('deletes what was declined or expired before the grace', () => {
    const there = [listed(1, { isDeclined: true }), listed(2, { isExpired: true }), listed(3)];
    assert.deepEqual(planned(LINE, there), []);
    const long = LINE.map((one) => ({
      ...one,
      publication: { ...one.publication, changedAt: '2026-10-20T00:00:00Z' },
    }));
    assert.deepEqual(planned(long, there), ['delete 2.0', 'delete 1.0']);
  });

  test('leaves what only metadata has superseded: clients would be left without either', () => {
    const there = [1, 2, 3, 4].map((n) => listed(n));
    const newest = own(4, 'visible');
    const bare = { ...newest, publication: { ...newest.publication, content: 'metadata' as const } };
    assert.deepEqual(planned([...LINE.slice(0, 3), bare], there), []);
    assert.deepEqual(planned([...LINE.slice(0, 3), newest], there), ['decline 2.0', 'decline 1.0']);
  });

  test("leaves what the server does not have, and what is another publisher's", () => {
    assert.deepEqual(planned(LINE, []), []);
    assert.deepEqual(planned(LINE, [listed(1, { isLocallyPublished: false })]), []);
    assert.deepEqual(planned([], [listed(9)]), []);
  });
});
