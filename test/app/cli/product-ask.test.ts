import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askProducts } from '../../../src/app/cli/product-ask.js';
import { PermanentError, RetryableError } from '../../../src/core/errors.js';
import type { HttpClient, HttpRequest } from '../../../src/core/ports.js';
import type { ProductDefinition } from '../../../src/core/product.js';

const product: ProductDefinition = {
  id: 'Vendor.App',
  name: 'App',
  vendor: 'Vendor',
  tier: 'A',
  versionScheme: 'numeric',
  classification: 'Updates',
  feeds: [
    { type: 'json', url: 'https://vendor.example/v.json', path: '$.version' },
    { type: 'text', url: 'https://vendor.example/v.txt', pattern: '(\\d+\\.\\d+)' },
    { type: 'winget', id: 'Vendor.App' },
  ],
  installers: [
    {
      architecture: 'x64',
      technology: 'nullsoft',
      scope: 'machine',
      urlTemplate: 'https://vendor.example/{version}/setup.exe',
      arguments: '/S',
      returnCodes: [],
    },
  ],
};

/** Vendors whose answers are given by address; a function is asked at each request. */
function vendors(answers: Readonly<Record<string, string | (() => string)>>) {
  const asked: string[] = [];
  const get: HttpClient['get'] = async ({ url, headOnly }: HttpRequest) => {
    asked.push(`${headOnly === true ? 'HEAD ' : ''}${url}`);
    const answer = answers[url];
    if (answer === undefined)
      throw new PermanentError('feed.refused', 'the host does not give it', { where: url });
    const body = Buffer.from(typeof answer === 'string' ? answer : answer());
    const headers = { 'content-length': String(body.length) };
    return { status: 200, finalUrl: url, headers, body: headOnly === true ? Buffer.alloc(0) : body };
  };
  const download: HttpClient['download'] = () => Promise.reject(new Error('nothing is downloaded'));
  return { asked, http: { get, download } };
}

const feeds = {
  'https://vendor.example/v.json': '{"version": "4.2"}',
  'https://vendor.example/v.txt': 'latest 4.1',
};

test('each feed says its version; one that cannot is told with its reason', async () => {
  const { http } = vendors({ 'https://vendor.example/v.json': feeds['https://vendor.example/v.json'] });
  const answers = await askProducts(http, [product], { feeds: true });
  assert.deepEqual(answers[0], { productId: 'Vendor.App', asked: 'feed 0 json', answer: '4.2', error: null });
  assert.match(answers[1]?.error ?? '', /feed\.refused/);
});

test('a file is looked for at the address of the newest version, without its body', async () => {
  const { http, asked } = vendors({ ...feeds, 'https://vendor.example/4.2/setup.exe': 'MZ..' });
  const answers = await askProducts(http, [product], { urls: true });
  assert.deepEqual(answers, [
    { productId: 'Vendor.App', asked: 'x64 nullsoft', answer: '4 bytes', error: null },
  ]);
  assert.deepEqual(asked, ['https://vendor.example/v.json', 'HEAD https://vendor.example/4.2/setup.exe']);
});

test('a host that lets us in one by one is asked again', async () => {
  let turns = 0;
  const busy = () => {
    turns += 1;
    if (turns < 3) throw new RetryableError('feed.busy', 'it is not our turn', { retryAfterMs: 1 });
    return '{"version": "4.2"}';
  };
  const { http } = vendors({ ...feeds, 'https://vendor.example/v.json': busy });
  const [answer] = await askProducts(http, [product], { feeds: true });
  assert.deepEqual([answer?.answer, turns], ['4.2', 3]);
});

test('a vendor who forbids automated download is asked for nothing', async () => {
  const { http, asked } = vendors(feeds);
  const answers = await askProducts(http, [{ ...product, automation: 'forbidden' }], {
    feeds: true,
    urls: true,
  });
  assert.deepEqual([answers, asked], [[], []]);
});
