import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import {
  beginTurn,
  createHostLine,
  endTurn,
  isIdle,
  promiseMs,
  startableAtMs,
  type TurnEnd,
} from '../../src/net/host-line.js';
import { createHostTurns } from '../../src/net/host-turns.js';
import type { HostLimits } from '../../src/net/index.js';
import { type Answering, feedRequest, withVendor } from './server.js';

const POLITE: HostLimits = { concurrency: 2, requestsPerSecond: 1 };
const GOOD: TurnEnd = { kind: 'answered', budget: null };

/** A line after turns that ended so, one after the other, at time 0. */
function lineAfter(...ends: readonly TurnEnd[]) {
  const line = createHostLine();
  for (const end of ends) {
    beginTurn(line, POLITE, 0);
    endTurn(line, end, 0, 0);
  }
  return line;
}

test('a host is left alone for as long as it asks, fails or has nothing left to give', () => {
  const budget = { perHour: 60, remaining: 0, resetsInMs: 90_000 };
  const cases: readonly [string, readonly TurnEnd[], number][] = [
    ['an answer', [GOOD], 1000],
    ['a pause of its own', [{ kind: 'busy', pauseMs: 7000 }], 7000],
    [
      'a shorter pause does not end a longer one',
      [
        { kind: 'busy', pauseMs: 7000 },
        { kind: 'busy', pauseMs: 1 },
      ],
      7000,
    ],
    ['busy without a time', [{ kind: 'busy', pauseMs: null }], 15_000],
    [
      'busy again',
      [
        { kind: 'busy', pauseMs: null },
        { kind: 'busy', pauseMs: null },
      ],
      30_000,
    ],
    ['one failure', [{ kind: 'failed' }], 1000],
    ['two failures', [{ kind: 'failed' }, { kind: 'failed' }], 5000],
    ['failures that are not in a row', [{ kind: 'failed' }, GOOD, { kind: 'failed' }], 1000],
    ['stopped from here', [{ kind: 'stopped' }, { kind: 'stopped' }], 1000],
    ['twenty failures', Array(20).fill({ kind: 'failed' }), 600_000],
    ['a spent budget', [{ kind: 'answered', budget }], 90_000],
    ['a budget that is left', [{ kind: 'answered', budget: { ...budget, remaining: 1 } }], 1000],
  ];
  for (const [what, ends, expected] of cases) {
    assert.equal(startableAtMs(lineAfter(...ends), POLITE, 0), expected, what);
  }
});

test('what runs is taken off a budget before the host has counted it', () => {
  const line = lineAfter({ kind: 'answered', budget: { perHour: 60, remaining: 1, resetsInMs: 90_000 } });
  beginTurn(line, POLITE, 5000);
  assert.equal(startableAtMs(line, POLITE, 50_000), 90_000);
  assert.equal(startableAtMs(line, POLITE, 90_001), 6000);
  assert.equal(isIdle(line, 100_000), false);
  endTurn(line, GOOD, 50_000, 0);
  assert.equal(isIdle(line, 100_000), true);
});

test('who is sent away comes back at a time of its own, as far apart as the host allows', () => {
  const rated = lineAfter(GOOD);
  assert.deepEqual(
    [1, 2, 3].map(() => promiseMs(rated, POLITE, 0)),
    [2000, 3000, 4000],
  );
  const spent = lineAfter({ kind: 'answered', budget: { perHour: 60, remaining: 0, resetsInMs: 90_000 } });
  assert.deepEqual(
    [1, 2].map(() => promiseMs(spent, POLITE, 0)),
    [150_000, 210_000],
  );
});

/** Turns on a clock of the test's own. */
function withClock(limits: HostLimits, body: (turns: ReturnType<typeof createHostTurns>) => Promise<void>) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  const turns = createHostTurns({ limitsOf: () => limits, now: () => Date.now(), chance: () => 0 });
  return body(turns).finally(() => mock.timers.reset());
}
const settle = () => new Promise((resolve) => setImmediate(resolve));
const wait = (longestWaitMs: number) => ({ longestWaitMs, signal: undefined });

test('starts are as far apart as the rate says, and one host does not delay another', () =>
  withClock(POLITE, async (turns) => {
    const starts: [string, number][] = [];
    for (const host of ['a.test', 'A.TEST.', 'a.test', 'b.test']) {
      void turns.take(host, wait(60_000)).then((end) => {
        starts.push([host, Date.now()]);
        end(GOOD);
      });
    }
    for (let second = 0; second < 4; second += 1) {
      await settle();
      mock.timers.tick(1000);
    }
    await settle();
    assert.deepEqual(starts, [
      ['a.test', 0],
      ['b.test', 0],
      ['A.TEST.', 1000],
      ['a.test', 2000],
    ]);
  }));

test('a long wait is not waited for: at once where it is known, else when patience ends', () =>
  withClock({ concurrency: 1, requestsPerSecond: 1 }, async (turns) => {
    const end = await turns.take('a.test', wait(2000));
    const patient = turns.take('a.test', wait(2000));
    mock.timers.tick(2000);
    await assert.rejects(patient, { name: 'HostBusy' });
    end({ kind: 'busy', pauseMs: 60_000 });
    await assert.rejects(turns.take('a.test', wait(2000)), { name: 'HostBusy', retryAfterMs: 61_000 });
    await assert.rejects(turns.take('a.test', wait(2000)), { name: 'HostBusy', retryAfterMs: 62_000 });
    mock.timers.tick(60_000);
    (await turns.take('a.test', wait(2000)))(GOOD);
  }));

test('a host that asks for a pause gets it from every product, and each hop has a turn of its own', async () => {
  const answer: Answering = (request, response) => {
    if (request.url === '/busy') response.writeHead(429, { 'retry-after': '40' }).end();
    else if (request.url === '/go')
      response.writeHead(302, { location: 'https://h1.vendor.test/busy' }).end();
    else response.end('ok');
  };
  await withVendor(answer, async ({ client, seen }) => {
    await assert.rejects(client.get(feedRequest('/go')), { code: 'feed.busy', retryAfterMs: 40_000 });
    assert.equal((await client.get(feedRequest('/other'))).body.toString(), 'ok');
    const refused = await client.get(feedRequest('/other', {}, 'h1.vendor.test')).then(
      () => null,
      (error: unknown) => error as { code: string; retryAfterMs: number },
    );
    assert.equal(refused?.code, 'feed.busy');
    assert.ok((refused?.retryAfterMs ?? 0) > 39_000);
    assert.deepEqual(
      seen.map(({ url }) => url),
      ['/go', '/busy', '/other'],
    );
  });
});
