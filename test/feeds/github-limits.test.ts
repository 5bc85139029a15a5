import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RetryableError } from '../../src/core/errors.js';
import type { HttpClient, LedgerReader } from '../../src/core/ports.js';
import type { FeedStateRecord } from '../../src/core/records.js';
import { ask, identify } from '../../src/feeds/ask.js';
import { githubReleases } from '../../src/feeds/github-releases/index.js';
import { bindProbe } from '../../src/feeds/probe.js';
import { FEED } from '../../src/net/faults.js';
import { createHostTurns, type HostBusy } from '../../src/net/host-turns.js';
import { POLITE } from '../../src/net/index.js';
import { statusFault, turnEndOf } from '../../src/net/status.js';

const REPOSITORIES = 1800;
const HOUR_MS = 3_600_000;

/** GitHub's ways on a clock of its own: an hourly budget of the API, free 304s with a token, an Atom feed that is not counted. */
class GitHub {
  nowMs = Date.parse('2026-11-24T12:00:00Z');
  readonly tags = Array.from({ length: REPOSITORIES }, () => 1);
  apiCalls = 0;
  counted = 0;
  overruns = 0;
  #windowEndsMs = 0;
  #used = 0;

  constructor(
    readonly perHour: number,
    readonly hasToken: boolean,
  ) {}

  answer(url: URL, ifNoneMatch: string | undefined) {
    const repository = Number(/\/r(\d+)[/.]/.exec(url.pathname)?.[1]);
    const etag = `"${this.tags[repository]}"`;
    const isSame = ifNoneMatch === etag;
    if (url.host === 'github.com')
      return this.#say(isSame ? 304 : 200, { etag }, isSame ? '' : this.#atom(repository));
    this.apiCalls += 1;
    if (this.nowMs >= this.#windowEndsMs) {
      this.#windowEndsMs = this.nowMs + HOUR_MS;
      this.#used = 0;
    }
    const isFree = isSame && this.hasToken;
    if (!isFree) this.#used += 1;
    if (!isFree) this.counted += 1;
    const isOver = this.#used > this.perHour;
    if (isOver) this.overruns += 1;
    const headers = {
      etag,
      'x-ratelimit-limit': String(this.perHour),
      'x-ratelimit-remaining': String(Math.max(this.perHour - this.#used, 0)),
      'x-ratelimit-reset': String(Math.ceil(this.#windowEndsMs / 1000)),
    };
    return this.#say(isOver ? 403 : isSame ? 304 : 200, headers, '[]');
  }

  #atom(repository: number): string {
    const id = `<id>tag:github.com,2008:Repository/${repository}/v${this.tags[repository]}</id>`;
    return `<feed><id>tag:github.com,2008:https://github.com/o/r${repository}/releases</id><updated>${this.nowMs}</updated><entry>${id}<updated>${this.tags[repository]}</updated></entry></feed>`;
  }

  #say(status: number, headers: Record<string, string>, body: string) {
    return { status, headers, body: Buffer.from(body) };
  }
}

/** The client's own rules of turns, faults and budgets, over the stand-in and its clock. */
function clientOf(github: GitHub): HttpClient {
  const turns = createHostTurns({ limitsOf: () => POLITE, now: () => github.nowMs, chance: () => 0 });
  return {
    async get({ url, headers }) {
      const endTurn = await turns
        .take(new URL(url).host, { longestWaitMs: 0, signal: undefined })
        .catch((error: HostBusy) => {
          throw new RetryableError('feed.busy', 'not our turn', { retryAfterMs: error.retryAfterMs });
        });
      const answer = github.answer(new URL(url), headers?.['if-none-match']);
      const now = new Date(github.nowMs);
      endTurn(turnEndOf(answer.status, answer.headers, now));
      if (answer.status === 200 || answer.status === 304) return { ...answer, finalUrl: url };
      throw statusFault(FEED, url, answer.status, answer.headers, now);
    },
    download: () => assert.fail('nothing is downloaded'),
  };
}

interface Synced {
  /** Repositories of which the API gave an answer anew. */
  readonly changed: ReadonlySet<number>;
  readonly hours: number;
  readonly mostTries: number;
}

/** One sync of all: who is told to come later comes then. */
async function sync(github: GitHub, states: Map<number, FeedStateRecord>, http: HttpClient): Promise<Synced> {
  const startedMs = github.nowMs;
  const clock = { now: () => new Date(github.nowMs) };
  const deps = { ledger: {} as LedgerReader, http, clock, probes: !github.hasToken };
  const due = Array.from({ length: REPOSITORIES }, (_, repository) => ({
    repository,
    atMs: startedMs,
    tries: 0,
  }));
  const changed = new Set<number>();
  let mostTries = 0;
  for (let job = due.shift(); job !== undefined; job = due.shift()) {
    github.nowMs = Math.max(github.nowMs, job.atMs);
    const { repository } = job;
    const feed = { type: 'github-releases', repo: `o/r${repository}` };
    const before = states.get(repository) ?? null;
    const asked = identify({
      productId: `P${repository}`,
      feedIndex: 0,
      request: githubReleases.request(feed),
      probe: bindProbe(githubReleases, feed),
      readAs: { feed },
      isKnown: before !== null,
      timeoutMs: 1000,
    });
    const tries = job.tries + 1;
    mostTries = Math.max(mostTries, tries);
    try {
      const { response, state } = await ask(deps, asked, before, new AbortController().signal);
      states.set(repository, state);
      if (response.status === 200) changed.add(repository);
    } catch (error) {
      const retryAfterMs = (error as RetryableError).retryAfterMs ?? assert.fail(error as Error);
      const again = { repository, atMs: github.nowMs + retryAfterMs, tries };
      const place = due.findIndex(({ atMs }) => atMs > again.atMs);
      due.splice(place < 0 ? due.length : place, 0, again);
    }
  }
  return { changed, hours: (github.nowMs - startedMs) / HOUR_MS, mostTries };
}

/** Every twentieth repository has a new release. */
function release(github: GitHub): number[] {
  const fresh = github.tags.flatMap((_tag, repository) => (repository % 20 === 7 ? [repository] : []));
  for (const repository of fresh) github.tags[repository] = 2;
  return fresh;
}

test('without a token: never over 60 an hour, and what is new is found while the rest costs nothing', async () => {
  const github = new GitHub(60, false);
  const [states, http] = [new Map<number, FeedStateRecord>(), clientOf(github)];
  const first = await sync(github, states, http);
  assert.equal(first.changed.size, REPOSITORIES);
  assert.ok(first.hours <= 31, `${first.hours} h for the first answers`);
  assert.ok(first.mostTries <= 10, `${first.mostTries} tries`);
  github.nowMs += HOUR_MS;
  const fresh = release(github);
  const countedBefore = github.counted;
  const second = await sync(github, states, http);
  assert.deepEqual(
    [...second.changed].sort((a, b) => a - b),
    fresh,
  );
  assert.equal(github.counted - countedBefore, fresh.length);
  assert.ok(second.hours <= 3, `${second.hours} h`);
  assert.equal(github.overruns, 0);
});

test('without a token a feed is asked in full at least once in a while, for what a probe does not show', async () => {
  const github = new GitHub(60, false);
  const [states, http] = [new Map<number, FeedStateRecord>(), clientOf(github)];
  await sync(github, states, http);
  github.nowMs += 8 * 24 * HOUR_MS;
  const before = github.apiCalls;
  await sync(github, states, http);
  assert.equal(github.apiCalls - before, REPOSITORIES);
  assert.equal(github.overruns, 0);
});

test('with a token: all within the hour at the polite rate, and what has not changed is not counted', async () => {
  const github = new GitHub(5000, true);
  const [states, http] = [new Map<number, FeedStateRecord>(), clientOf(github)];
  const first = await sync(github, states, http);
  assert.equal(first.changed.size, REPOSITORIES);
  assert.ok(first.hours <= 0.6, `${first.hours} h`);
  const fresh = release(github);
  const countedBefore = github.counted;
  const second = await sync(github, states, http);
  assert.deepEqual(
    [...second.changed].sort((a, b) => a - b),
    fresh,
  );
  assert.equal(github.counted - countedBefore, fresh.length);
  assert.equal(github.overruns, 0);
});
