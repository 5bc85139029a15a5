import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFault } from '../../src/core/errors.js';
import type { Ledger } from '../../src/core/ports.js';

const T0 = new Date('2026-01-01T00:00:00.000Z');
const at = (seconds: number): Date => new Date(T0.getTime() + seconds * 1000);
const ROUNDS = 15;

/** What must hold when two processes work on one record of truth; `openTwo` gives two ledgers of one empty database. */
export function concurrencyContract(name: string, openTwo: () => Promise<readonly [Ledger, Ledger]>): void {
  const withTwo = (title: string, body: (a: Ledger, b: Ledger) => Promise<void>): void => {
    test(`${name}: ${title}`, async () => {
      const [a, b] = await openTwo();
      try {
        await body(a, b);
      } finally {
        await a.close();
        await b.close();
      }
    });
  };

  withTwo('work that both enqueue at once exists once, with one outbox row', async (a, b) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await Promise.all([a, b, a, b].map((one) => one.transaction((tx) => tx.enqueue(job(round), T0))));
    }
    assert.equal((await a.work()).length, ROUNDS);
    assert.equal((await b.undelivered(100)).length, ROUNDS);
  });

  withTwo('of all who want to take work one gets it', async (a, b) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = await enqueued(a, round);
      const taken = await Promise.all([a, b, a, b].map((one) => one.take(id, 1000, at(0))));
      assert.equal(taken.filter((one) => one !== null).length, 1);
    }
  });

  withTwo(
    'work that ends while its lease is taken over ends once: the effects of one turn stand',
    async (a, b) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const id = await enqueued(a, round);
        const first = await a.take(id, 1000, at(0));
        assert.ok(first);
        const [finished, second] = await Promise.all([
          a.finish(first, end('done'), (tx) => tx.putSetting(`by-${round}`, 'first'), at(2)),
          b.take(id, 1000, at(2)),
        ]);
        const state = (await a.workById(id))?.state;
        // Either it was done in time and nobody took it, or the other has it and the first one's effects are refused.
        assert.deepEqual(
          [finished, second === null, state],
          finished ? [true, true, 'done'] : [false, false, 'running'],
        );
        assert.equal(await a.setting(`by-${round}`), finished ? 'first' : null);
      }
    },
  );

  withTwo('what a transaction has read still holds when it writes', async (a, b) => {
    await a.transaction((tx) => tx.putSetting('count', '0'));
    const increment = (ledger: Ledger) =>
      ledger.transaction(async (tx) => {
        const count = Number(await tx.setting('count'));
        await tx.putSetting('count', `${count + 1}`);
      });
    await Promise.all(Array.from({ length: 20 }, (_, n) => increment(n % 2 === 0 ? a : b)));
    assert.equal(await b.setting('count'), '20');
  });

  withTwo('an installer that both acquire with other bytes is refused to one', async (a, b) => {
    const put = (ledger: Ledger, sha256: string) =>
      ledger.transaction((tx) =>
        tx.putInstaller({ productId: 'p', version: '1', variant: 'x64', sha256 } as never),
      );
    const outcomes = await Promise.allSettled([put(a, 'aa'), put(b, 'bb')]);
    const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    assert.equal(refused.length, 1);
    assert.match(describeFault(refused[0]), /^installer\.mismatch: other bytes/);
  });

  withTwo('text of any kind comes back as it went in, and NUL is refused', async (a, b) => {
    const text = 'Ünïcödé \u{1f600} \u202e \u0001 "quoted" \\ \n';
    await a.transaction((tx) => tx.putSetting('text', text));
    assert.equal(await b.setting('text'), text);
    await assert.rejects(
      a.transaction((tx) => tx.putSetting('text', 'a\0b')),
      { code: 'ledger.refused-value' },
    );
    const id = await enqueued(a, 0);
    const work = await a.take(id, 1000, at(0));
    assert.ok(work);
    const reason = { ...end('held'), reason: 'found a\0b\u001b[2J' };
    assert.equal(await a.finish(work, reason, async () => undefined, at(1)), true);
    assert.equal((await b.workById(id))?.reason, 'found a\\u{0}b\\u{1b}[2J');
  });
}

function job(n: number) {
  return { stage: 'feeds', input: { n }, key: `${n}`, product: null, version: null, variant: null } as const;
}

async function enqueued(ledger: Ledger, n: number): Promise<number> {
  await ledger.transaction((tx) => tx.enqueue(job(n), T0));
  const work = (await ledger.work()).find((one) => one.key === `${n}`);
  assert.ok(work);
  return work.id;
}

function end(state: 'done' | 'held') {
  return { state, code: null, reason: null, nextStep: null };
}
