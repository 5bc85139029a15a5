import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ComplianceCounts } from '../../../src/core/records.js';
import { createComplianceCanary } from '../../../src/verification/compliance/canary.js';
import { judgeCompliance } from '../../../src/verification/compliance/judge.js';
import { MOST_MEMBERS, readCompliance } from '../../../src/verification/compliance/read.js';

const ID = '05b39bf3-5e62-4e39-9f6a-3f1d5e8f0001';
const COLLECTION = 'XYZ00012';
const UNKNOWN = 0;
const NOT_REQUIRED = 1;
const REQUIRED = 2;
const INSTALLED = 3;

/** A site that answers these three classes as their filters ask, and keeps what it was asked. */
function siteOf(facts: {
  readonly isKnown?: boolean;
  /** By computer of the collection. */
  readonly statuses: ReadonlyMap<number, number>;
}) {
  const asked: string[] = [];
  const get = async (path: string): Promise<unknown> => {
    const url = new URL(path, 'https://site.example');
    const filter = url.searchParams.get('$filter') ?? '';
    asked.push(`${url.pathname.split('/').at(-1)} ${filter} ${url.searchParams.get('$select')}`);
    if (path.includes('SMS_SoftwareUpdate?')) {
      return { value: facts.isKnown === false ? [] : [{ CI_ID: 77 }] };
    }
    if (path.includes('SMS_FullCollectionMembership?')) {
      return { value: [...facts.statuses.keys()].map((ResourceID) => ({ ResourceID })) };
    }
    const rows = [...facts.statuses].map(([MachineID, Status]) => ({ MachineID, Status }));
    const wanted = rows.filter(({ MachineID }) => new RegExp(`MachineID eq ${MachineID}\\b`).test(filter));
    // A row about a computer that nobody asked for does not count.
    return { value: [...wanted, { MachineID: 999_999, Status: REQUIRED }] };
  };
  return { asked, get };
}

const statuses = (...all: readonly number[]) => new Map(all.map((status, index) => [index + 1, status]));

describe('the compliance of a collection', () => {
  test('is asked for by documented names alone, twenty computers at a time', async () => {
    const site = siteOf({
      statuses: statuses(...Array.from({ length: 21 }, () => REQUIRED), INSTALLED, NOT_REQUIRED, UNKNOWN),
    });
    assert.deepEqual(await readCompliance(site, COLLECTION, ID), { members: 24, required: 21, installed: 1 });
    assert.equal(site.asked.length, 4);
    assert.deepEqual(site.asked.slice(0, 2), [
      `SMS_SoftwareUpdate CI_UniqueID eq '${ID}' CI_ID`,
      `SMS_FullCollectionMembership CollectionID eq '${COLLECTION}' ResourceID`,
    ]);
    assert.match(
      site.asked[2] ?? '',
      /^SMS_UpdateComplianceStatus CI_ID eq 77 and \(MachineID eq 1 or .* MachineID eq 20\) MachineID,Status$/,
    );
  });

  test('of a collection that is none of canaries, or in another form, is refused', async () => {
    const many = siteOf({ statuses: statuses(...Array.from({ length: MOST_MEMBERS + 1 }, () => REQUIRED)) });
    await assert.rejects(readCompliance(many, COLLECTION, ID), { code: 'configuration.invalid' });
    await assert.rejects(readCompliance({ get: async () => ({ value: [{}] }) }, COLLECTION, ID), {
      code: 'protocol.violation',
    });
  });
});

describe('compliance as a proof', () => {
  const counts = (required: number, installed: number): ComplianceCounts => ({
    at: 'now',
    required,
    installed,
  });
  const cases: readonly [string, ComplianceCounts, ComplianceCounts | null, boolean, boolean][] = [
    ['the first look only begins', counts(0, 5), null, false, false],
    ['fewer need it and more have it', counts(1, 4), counts(5, 0), true, false],
    ['fewer need it: they may have left', counts(1, 0), counts(5, 0), false, false],
    ['more have it: they may have come with it', counts(5, 2), counts(5, 0), false, false],
    ['more have come to know that they need it', counts(8, 2), counts(5, 2), false, true],
    ['as many need it again, and none has it', counts(5, 0), counts(5, 0), false, true],
    ['nobody has ever needed it', counts(0, 0), counts(0, 0), false, false],
  ];
  for (const [name, now, earlier, isProven, isContrary] of cases) {
    test(name, () => {
      const verdict = judgeCompliance(now, earlier);
      assert.deepEqual([verdict.isProven, verdict.isContrary], [isProven, isContrary]);
    });
  }

  test('is compared with the time at which most needed it', () => {
    const first = judgeCompliance(counts(2, 0), null).mostRequired;
    const more = judgeCompliance(counts(6, 1), first).mostRequired;
    assert.deepEqual(more, counts(6, 1));
    assert.deepEqual(judgeCompliance(counts(3, 4), more).mostRequired, counts(6, 1));
  });
});

test('a canary of a collection says what was seen until it is proven', async () => {
  const update = {
    packageId: ID,
    revision: 1,
    productId: 'a.b',
    version: '1',
    variant: 'x64',
    supersedes: [],
  };
  const at = '2026-11-24T10:00:00.000Z';
  const canary = (facts: Parameters<typeof siteOf>[0]) =>
    createComplianceCanary({
      site: siteOf(facts),
      collectionId: COLLECTION,
      clock: { now: () => new Date(at) },
    });
  const first = await canary({ statuses: statuses(REQUIRED, REQUIRED, UNKNOWN) }).verify(update, null);
  assert.deepEqual(first, {
    reason: `not verified yet: of 3 computers in ${COLLECTION} 2 need it and 0 have it`,
    nextStep: `deploy the update to ${COLLECTION}, and let its computers report`,
    mostRequired: { at, required: 2, installed: 0 },
  });
  const before = { at: '2026-11-23T10:00:00.000Z', required: 2, installed: 0 };
  assert.deepEqual(
    await canary({ statuses: statuses(INSTALLED, REQUIRED, UNKNOWN) }).verify(update, before),
    {
      summary: `of 3 computers in ${COLLECTION} 1 need it and 1 have it; at ${before.at} 2 need it and 0 have it`,
      mostRequired: before,
    },
  );
  const others: readonly [Parameters<typeof siteOf>[0], RegExp, RegExp][] = [
    [{ isKnown: false, statuses: statuses(REQUIRED) }, /no such update/, /wsyncmgr\.log/],
    [{ statuses: statuses() }, /has no computers/, /site\.canaryCollection/],
    [{ statuses: statuses(UNKNOWN) }, /0 need it and 0 have it/, /scan for updates/],
    [{ statuses: statuses(INSTALLED) }, /0 need it and 1 have it/, /with an older version/],
  ];
  for (const [facts, reason, nextStep] of others) {
    const answer = await canary(facts).verify(update, null);
    assert.ok('reason' in answer);
    assert.match(answer.reason, reason);
    assert.match(answer.nextStep, nextStep);
  }
});
