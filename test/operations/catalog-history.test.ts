import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogRevisionRecord } from '../../src/core/records.js';
import { describeRevisions, selectRevision } from '../../src/operations/catalog-history.js';

const revision = (number: number, createdAt: string, members: readonly string[]): CatalogRevisionRecord => ({
  target: 'configmgr-catalog',
  number,
  cabSha256: String(number).padStart(64, '0'),
  membersSha256: '',
  members: members.map((text) => {
    const [packageId = '', count] = text.split('/');
    return { packageId, revision: Number(count) };
  }),
  createdAt,
});

const REVISIONS = [
  revision(1, '2026-11-24T10:00:00.000Z', ['a/1', 'b/1']),
  revision(2, '2026-11-24T12:00:00.000Z', ['a/2', 'b/1', 'c/1']),
  revision(3, '2026-11-26T10:00:00.000Z', ['a/2', 'b/1', 'c/1']),
  revision(4, '2026-11-26T11:00:00.000Z', ['a/2', 'c/1']),
];

test('each revision says what it changed of the one before', () => {
  assert.deepEqual(
    describeRevisions(REVISIONS).map(({ number, updates, why }) => [number, updates, why]),
    [
      [1, 2, '2 added'],
      [2, 3, '1 added, 1 revised'],
      [3, 3, 'signed again'],
      [4, 2, '1 removed'],
    ],
  );
});

test('of the first revision that is kept nothing is claimed', () => {
  const [first, next] = describeRevisions(REVISIONS.slice(1));
  assert.deepEqual([first?.why, first?.added], ['earlier ones are not kept', 0]);
  assert.equal(next?.why, 'signed again');
});

test('a revision is named by its number or by a time at which it stood', () => {
  for (const [at, number] of [
    ['2', 2],
    ['5', null],
    ['2026-11-24T10:00:00Z', 1],
    ['2026-11-24T11:59:59Z', 1],
    ['2026-11-24', 2],
    ['2026-11-25', 2],
    ['2026-11-26', 4],
    ['2026-11-23', null],
    ['yesterday', null],
  ] as const) {
    assert.equal(selectRevision(REVISIONS, at)?.number ?? null, number, at);
  }
});
