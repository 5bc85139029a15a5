import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { chromium, type Page } from 'playwright-core';
import { openDashboard, overviewOf, PASSWORD, row } from './world.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
const skip = CHROMIUM === undefined ? 'SKIPPED: chromium is not installed' : false;

test('in a browser: sign in, see a row change, republish, search', { skip }, async () => {
  const first = row(1, { state: 'published', reached: 'published', clients: null, proof: null });
  const dashboard = await openDashboard(overviewOf([first, row(2)]));
  const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.setDefaultTimeout(15_000);
    await signIn(page, dashboard.url);
    const group = page.locator('tbody', { hasText: 'Product 1' });
    assert.match((await group.textContent()) ?? '', /published/);

    dashboard.operations.overviewNow = overviewOf([row(1), row(2)]);
    await group.getByText('verified').waitFor();
    await group.getByText('required → installed').waitFor();

    await page.keyboard.press('Tab');
    await page.locator(`#republish-${first.packageId}`).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Why').fill('the icon changed');
    await page.keyboard.press('Enter');
    await page.getByText('it is on its way').waitFor();
    assert.equal(dashboard.asked.perform.length, 1);
    assert.equal(dashboard.asked.perform[0]?.reason, 'the icon changed');

    dashboard.operations.overviewNow = overviewOf([row(1, { revision: 2 }), row(2)]);
    await page.locator('.notice', { hasText: 'revision 2 has arrived and is verified' }).waitFor();

    await page.keyboard.press('/');
    await page.keyboard.type('product 2');
    await group.waitFor({ state: 'detached' });
    assert.equal(await page.locator('tbody').count(), 1);
    assert.match(page.url(), /q=product\+2/);

    await page.getByRole('button', { name: 'Sync now' }).click();
    await page.getByText('Sync asked for').waitFor();
    assert.equal(dashboard.asked.sync.length, 1);
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
    await dashboard.close();
  }
});

test('in a browser: what a feed says is never markup', { skip }, async () => {
  const name = '<img src=x onerror="window.hurt=1"><b id="evil">bold</b>';
  const dashboard = await openDashboard(overviewOf([row(1, { productName: name, reason: name })]));
  const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(15_000);
    await signIn(page, dashboard.url);
    dashboard.operations.overviewNow = overviewOf([row(1, { productName: `${name}!`, reason: name })]);
    await page.getByText('bold</b>!').first().waitFor();
    assert.equal(await page.locator('#evil').count(), 0);
    assert.equal(await page.locator('img[src="x"]').count(), 0);
  } finally {
    await browser.close();
    await dashboard.close();
  }
});

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.locator('#connection.live').waitFor();
}
