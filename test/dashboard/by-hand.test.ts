import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { chromium, type Page } from 'playwright-core';
import { openByHand, PRODUCT, SIGNER, TRUSTING } from '../operations/by-hand.js';
import { signedIn, Visitor } from './session.js';
import { openDashboard, overviewOf, PASSWORD } from './world.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
const skip = CHROMIUM === undefined ? 'SKIPPED: chromium is not installed' : false;

test('over a socket: a double click is one revision, and a plan does not outlive what it rests on', async (t) => {
  const line = await openByHand(t);
  await line.release('0.85');
  const { packageId } = await line.update('0.85');
  const dashboard = await openDashboard(overviewOf([]), { operations: line.operations() });
  try {
    const visitor = new Visitor(dashboard.url);
    await signedIn(visitor);
    const page = await visitor.text(`/act?verb=rebuild&packageId=${packageId}`);
    const plan = /name="plan" value="(\w+)"/.exec(page)?.[1] ?? '';
    const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const expire = await visitor.text(`/act?verb=expire&packageId=${packageId}`);
    const form = { verb: 'rebuild', packageId, plan, csrf, reason: 'new icon' };
    for (let click = 0; click < 2; click += 1) {
      const done = await visitor.post('/act', form);
      assert.equal(done.headers.get('location'), `/?asked=${packageId}&from=1`);
    }
    await line.settle();
    assert.equal((await visitor.post('/act', form)).status, 303, 'and once more, when it is done');
    await line.settle();
    assert.equal((await line.publication(packageId))?.revision, 2);
    assert.equal((await line.ledger.audit([packageId])).length, 1);
    const old = /name="plan" value="(\w+)"/.exec(expire)?.[1] ?? '';
    const stale = await visitor.post('/act', { ...form, verb: 'expire', plan: old });
    assert.equal(stale.status, 409);
    assert.match(await stale.text(), /nothing was done/);
    assert.equal((await line.publication(packageId))?.state, 'published');
  } finally {
    await dashboard.close();
  }
});

test('in a browser: accept a signer, then roll back and read the story', { skip }, async (t) => {
  const line = await openByHand(t, { policy: { ...TRUSTING, signers: [] } });
  await line.release('0.84');
  const dashboard = await openDashboard(overviewOf([]), { operations: line.operations() });
  const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    const complaints = listen(page);
    page.setDefaultTimeout(15_000);
    await page.goto(dashboard.url);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Approve PuTTY' }).click();
    await page.getByText(`The signer "${SIGNER}" (issuer "CN=Test CA") is accepted`).waitFor();
    await page.getByLabel('Why').fill('it is the vendor');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Asked for: approve').waitFor();
    assert.equal((await line.ledger.trustRecord(PRODUCT))?.acceptedBy, 'admin');
    await line.settle();
    await line.release('0.85');
    const bad = await line.update('0.85');

    await page.goto(`${dashboard.url}/update/${bad.packageId}`);
    await page.getByText('Version 0.85 is published').waitFor();
    await page.getByLabel('Roll back to').selectOption('0.84');
    await page.getByRole('button', { name: 'Roll back' }).click();
    await page.getByText('changes', { exact: true }).waitFor();
    await page.getByText('Clients that have 0.85 already keep it').waitFor();
    await page.getByLabel('Why').fill('crashes at start');
    await page.keyboard.press('Enter');
    await page.getByText('Asked for: rollback').waitFor();
    await line.settle();
    await page.reload();
    await page.getByText('It is expired: a person expired it').waitFor();
    await page.getByText('By admin: rollback: crashes at start.').waitFor();
    assert.equal((await line.publication(bad.packageId))?.state, 'expired');
    const back = await line.update('0.84', 1);
    assert.equal((await line.publication(back.packageId))?.state, 'published');
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
    await dashboard.close();
  }
});

function listen(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  return complaints;
}
