import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, test } from 'node:test';
import { EXPECTED_CANARY } from '../../src/core/publication.js';
import { publicationsOf, runDemo, temporaryFolder } from './run.js';

/** A machine with time to spare runs it for 200. */
const PRODUCTS = Number(process.env.PATCHPRESS_DEMO_PRODUCTS ?? 16);
const FIXTURE_PRODUCTS = 12;
const WORDS = ['--products', String(PRODUCTS), '--no-second-release'];

const dataDir = temporaryFolder('demo-stand-ins');
after(() => rmSync(dataDir, { recursive: true, force: true }));

test(`${PRODUCTS} products of the catalog reach three clients, and once only`, async () => {
  const options = { words: WORDS, killAfterMs: 120_000 + PRODUCTS * 10_000 };
  const first = await runDemo(dataDir, options);
  assert.equal(first.code, 0, `${first.stdout}\n${first.stderr}`);
  assert.ok(first.report);
  const { products, updates, notVerified, kinds } = first.report;
  assert.deepEqual([products, new Set(updates.map(({ product }) => product)).size], [PRODUCTS, PRODUCTS]);
  assert.deepEqual(notVerified, []);
  for (const { clients, product } of updates) assert.deepEqual(clients, EXPECTED_CANARY, product);
  const counted = (kinds ?? []).reduce((sum, { verified }) => sum + verified, 0);
  assert.equal(counted, PRODUCTS);
  assert.ok(new Set(kinds?.map(({ technology }) => technology)).size >= 3);
  assert.ok(new Set(kinds?.map(({ feed }) => feed)).size >= 5);
  const standIns = updates.filter(({ installer }) => installer?.signer?.endsWith('O=Patchpress Lab'));
  assert.ok(standIns.length >= PRODUCTS - FIXTURE_PRODUCTS);

  const second = await runDemo(dataDir, options);
  assert.equal(second.code, 0, second.stderr);
  assert.equal(second.report?.publishedNow, 0);
  assert.deepEqual(publicationsOf(second.report), publicationsOf(first.report));
});
