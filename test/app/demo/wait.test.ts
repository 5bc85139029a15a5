import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntilAtRest } from '../../../src/app/demo/wait.js';
import type { Ledger } from '../../../src/core/ports.js';
import type { WorkRecord } from '../../../src/core/records.js';

type Look = Pick<WorkRecord, 'id' | 'state' | 'reason' | 'token'>;

/** Shows one look after the other, then the last for ever; tells how many were taken. */
function ledgerThat(looks: readonly (readonly Look[])[]) {
  let taken = 0;
  const ledger = {
    work: async () => looks[Math.min(taken++, looks.length - 1)] ?? [],
    undelivered: async () => [],
  } as unknown as Ledger;
  return { ledger, taken: () => taken };
}

const work = (state: WorkRecord['state'], token: number, reason: string | null = 'waits'): Look => ({
  id: 1,
  state,
  token,
  reason,
});
const alive = () => undefined;
const soon = () => new Date(Date.now() + 400);

test('nothing left is at rest', async () => {
  const { ledger, taken } = ledgerThat([[work('ready', 0, null)], []]);
  assert.equal(await waitUntilAtRest(ledger, soon(), alive), true);
  assert.equal(taken(), 2);
});

test('what waits is at rest after two more looks with the same reason', async () => {
  const { ledger, taken } = ledgerThat([
    [work('waiting', 3)],
    [work('waiting', 4)],
    // The third look goes on: it does not count yet.
    [work('running', 5)],
    [work('waiting', 5)],
  ]);
  assert.equal(await waitUntilAtRest(ledger, new Date(Date.now() + 5000), alive), true);
  assert.equal(taken(), 4);
});

test('a look that goes on after enough others is no hindrance', async () => {
  const { ledger, taken } = ledgerThat([[work('waiting', 3)], [work('running', 6)]]);
  assert.equal(await waitUntilAtRest(ledger, new Date(Date.now() + 5000), alive), true);
  assert.equal(taken(), 2);
});

test('another reason begins the count again', async () => {
  const { ledger, taken } = ledgerThat([
    [work('waiting', 3)],
    [work('waiting', 5, 'waits for something else')],
    [work('waiting', 6, 'waits for something else')],
    [work('waiting', 7, 'waits for something else')],
  ]);
  assert.equal(await waitUntilAtRest(ledger, new Date(Date.now() + 5000), alive), true);
  assert.equal(taken(), 4);
});

for (const state of ['ready', 'running'] as const) {
  test(`what is ${state} is not at rest; the deadline ends the waiting`, async () => {
    const { ledger } = ledgerThat([[work(state, 1, null)]]);
    assert.equal(await waitUntilAtRest(ledger, soon(), alive), false);
  });
}
