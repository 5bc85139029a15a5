import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RetryableError } from '../../src/core/errors.js';
import { gaugeVocabulary } from '../../src/core/vocabulary.js';
import { signedIn, withDashboard } from './session.js';
import { DIGEST, overviewOf, row } from './world.js';

const HELD = row(2, {
  state: 'held',
  reached: 'acquired',
  code: 'signer-changed',
  reason: 'signed by another',
  nextStep: 'look at the certificate',
  clients: null,
  proof: null,
});

test('a row tells state, hop, reason, next step, clients, revision and catalog', async () => {
  const older = {
    before: 'required',
    after: 'required',
    installed: false,
    detail: 'exit code 1603',
  } as const;
  const clients = { ...row(3).clients, older } as NonNullable<ReturnType<typeof row>['clients']>;
  const rows = [row(1, { revision: 4 }), HELD, row(3, { state: 'failed', clients })];
  await withDashboard(overviewOf(rows), async (_dashboard, visitor) => {
    await signedIn(visitor);
    const page = await visitor.text('/');
    for (const text of [
      'revision 4 · catalog 3',
      'by lab',
      'reached acquired, step 2 of 9; next: built',
      '<code>signer-changed</code> signed by another',
      'Next: look at the certificate',
      'required → installed',
      'exit code 1603',
      'x64 · msi',
      'title="x64/msi/any/machine"',
      '2 min ago',
      'revision <b>3</b>',
      'in 2 h',
      '2 running · 3 waiting',
    ]) {
      assert.ok(page.includes(text), text);
    }
    assert.ok(page.indexOf('Product 2') < page.indexOf('Product 1'), 'what needs a person comes first');
  });
});

test('whatever a feed says stays text', async () => {
  const evil = `<script>alert(1)</script>"'&<img src=x onerror=alert(1)>\u202e\u001b[2J`;
  const faults = [{ path: evil, message: evil }];
  const rows = [
    row(1, {
      productName: evil,
      productId: evil,
      version: evil,
      variant: evil,
      state: 'failed',
      reason: evil,
      nextStep: evil,
      code: evil,
      clients: {
        missing: { before: 'installed', after: 'installed', installed: false, detail: evil },
        older: { before: 'installed', after: 'installed', installed: false },
        current: { before: 'installed', after: 'installed', installed: false },
      },
    }),
  ];
  await withDashboard(overviewOf(rows, { definitionFaults: faults }), async (_dashboard, visitor) => {
    await signedIn(visitor);
    for (const path of [
      '/',
      '/live',
      `/act?verb=revise&packageId=${rows[0]?.packageId}`,
      `/update/${rows[0]?.packageId}`,
      `/?q=${encodeURIComponent(evil)}`,
    ]) {
      const page = await visitor.text(path);
      assert.ok(page.includes('&lt;script&gt;'), path);
      for (const raw of ['<script>', '<img src=x', `"'&<`, '\u202e', '\u001b']) {
        assert.ok(!page.includes(raw), `${path} ${JSON.stringify(raw)}`);
      }
    }
    assert.doesNotMatch(await visitor.text('/?q=%22%3E%3Cscript%3Ealert(1)'), /<script>/);
  });
});

test('no page may run what is not ours, or be framed', async () => {
  await withDashboard(overviewOf([row(1)]), async (_dashboard, visitor) => {
    await signedIn(visitor);
    const page = await visitor.send('/');
    const policy = page.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'self'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(page.headers.get('cache-control'), 'no-store');
    assert.doesNotMatch(await page.text(), / style=| on[a-z]+=|<style/);
  });
});

test('a search finds words in any order, a group its rows, and nonsense everything', async () => {
  const rows = [row(1), HELD, row(3, { state: 'known', version: null, packageId: null, revision: null })];
  await withDashboard(overviewOf(rows), async (_dashboard, visitor) => {
    await signedIn(visitor);
    const found = async (query: string): Promise<string[]> =>
      [...(await visitor.text(`/live?${query}`)).matchAll(/data-key="vendor\/product-(\d)/g)].map(
        (match) => match[1] ?? '',
      );
    assert.deepEqual(await found(''), ['2', '1', '3']);
    assert.deepEqual(await found('q=ANOTHER+product'), ['2']);
    assert.deepEqual(await found('q=000000000001'), ['1']);
    assert.deepEqual(await found('show=verified'), ['1']);
    assert.deepEqual(await found('show=quiet'), ['3']);
    assert.deepEqual(await found('show=nonsense&from=-1&asked=x&q[]=1'), ['2', '1', '3']);
    assert.match(await visitor.text('/?q=zzz'), /Nothing matches “zzz”/);
  });
});

test('3,400 rows come a page at a time, also when searched, and a page beyond the last is the last', async () => {
  const many = Array.from({ length: 3400 }, (_, n) => row(n, n === 3399 ? { state: 'held' } : {}));
  await withDashboard(overviewOf(many), async (_dashboard, visitor) => {
    await signedIn(visitor);
    const first = await visitor.text('/');
    assert.equal(first.match(/<tbody/g)?.length, 100);
    assert.match(first, /3400 updates; 1 to 100 are shown/);
    assert.ok(first.indexOf('Product 3399') > 0, 'what needs a person is on the first page');
    assert.match(first, /rel="next" href="\/\?show=all&amp;page=2"/);
    assert.doesNotMatch(first, /rel="prev"/);
    const last = await visitor.text('/live?page=999');
    assert.match(last, /3301 to 3400 are shown[\s\S]*Page 34 of 34/);
    assert.doesNotMatch(last, /rel="next"/);
    const found = await visitor.text('/?q=product-33&page=2&show=verified');
    assert.match(found, /110 of 3400 updates; 101 to 110 are shown/);
    assert.match(found, /rel="prev" href="\/\?q=product-33&amp;show=verified"/);
    const api = await visitor.send('/api/overview?q=product-33&page=2');
    const { rows, page } = (await api.json()) as { rows: unknown[]; page: unknown };
    assert.equal(rows.length, 11);
    assert.deepEqual(page, { number: 2, pages: 2, found: 111, all: 3400 });
  });
});

test('without products the page says what to do; without a queue, that nothing is lost', async () => {
  await withDashboard(overviewOf([], { queues: null, catalog: null }), async (_dashboard, visitor) => {
    await signedIn(visitor);
    const page = await visitor.text('/');
    assert.match(page, /No products yet/);
    assert.match(page, /product check/);
    assert.match(page, /The queue does not answer; nothing is lost/);
    assert.match(page, /none yet/);
  });
});

test('the page warns before the catalogs bring too many names to WSUS', async () => {
  const imported = (vendors: number) => ({
    name: 'Others',
    updates: Array.from({ length: vendors }, (_, n) => ({ vendor: `Vendor ${n}`, products: ['One', 'Two'] })),
  });
  for (const [vendors, expected] of [
    [3, /3 of 10 vendors, 6 of 50 products</],
    [8, /class="bad"[^>]*>8 of 10 vendors, 16 of 50 products \(nearly too many\)/],
    [11, /title="Others: 11 vendors, 22 products">11 of 10 vendors, 22 of 50 products \(too many/],
  ] as const) {
    const vocabulary = gaugeVocabulary([imported(vendors)]);
    await withDashboard(overviewOf([], { vocabulary }), async (_dashboard, visitor) => {
      await signedIn(visitor);
      assert.match(await visitor.text('/'), expected);
    });
  }
});

test('republish says what will happen, then asks once, then tells of the new revision', async () => {
  await withDashboard(overviewOf([row(1, { revision: 2 })]), async ({ operations, asked }, visitor) => {
    await signedIn(visitor);
    const id = row(1).packageId ?? '';
    const page = await visitor.text(`/act?verb=revise&packageId=${id}`);
    assert.match(page, /stays/);
    assert.match(page, /2 → <b>3<\/b>/);
    assert.match(page, /sees &lt;nothing&gt;/);
    const form = formOf(page);
    assert.equal(form.plan, DIGEST);
    const unreasoned = await visitor.post('/act', { ...form, reason: ' ' });
    assert.equal(unreasoned.status, 400);
    assert.match(await unreasoned.text(), /say why/);
    assert.equal(asked.perform.length, 0);
    const done = await visitor.post('/act', { ...form, reason: 'new icon' });
    assert.equal(done.headers.get('location'), `/?asked=${id}&from=2`);
    const operator = { name: 'admin' };
    const what = { verb: 'revise', packageId: id };
    assert.deepEqual(asked.perform, [{ what, plan: DIGEST, reason: 'new icon', operator }]);
    assert.match(await visitor.text(`/?asked=${id}&from=2`), /on its way; revision 2 stands/);
    operations.overviewNow = overviewOf([row(1, { revision: 3, state: 'published' })]);
    await untilText(() => visitor.text(`/live?asked=${id}&from=2`), /revision <b>3<\/b> has arrived/);
  });
});

test('a plan that has become stale, or that nobody was shown, is refused and nothing is done', async () => {
  await withDashboard(overviewOf([row(1)]), async ({ asked }, visitor) => {
    await signedIn(visitor);
    const id = row(1).packageId ?? '';
    const form = formOf(await visitor.text(`/act?verb=expire&packageId=${id}`));
    const stale = await visitor.post('/act', { ...form, plan: 'cd'.repeat(32), reason: 'x' });
    assert.equal(stale.status, 409);
    assert.match(await stale.text(), /does not stand any more[\s\S]*preview it again/);
    const { plan, csrf, ...rest } = form;
    assert.equal((await visitor.post('/act', { ...rest, csrf: csrf ?? '', reason: 'x' })).status, 400, plan);
    for (const wrong of [
      { ...form, csrf: 'guessed', reason: 'x' },
      { ...rest, plan: plan ?? '', reason: 'x' },
    ]) {
      assert.equal((await visitor.post('/act', wrong)).status, 403);
    }
    assert.equal((await visitor.post('/act', { ...form, reason: 'x' }, 'https://evil.test')).status, 403);
    assert.equal((await visitor.post('/act', { ...form, verb: 'nonsense', reason: 'x' })).status, 400);
    assert.equal(asked.perform.length, 1, 'only the stale one got so far');
  });
});

test('a held row is approved, with the version, and any row leads to its story', async () => {
  await withDashboard(overviewOf([row(1), HELD]), async ({ asked }, visitor) => {
    await signedIn(visitor);
    const page = await visitor.text('/');
    assert.ok(page.includes('/act?verb=approve&amp;productId=vendor%2Fproduct-2&amp;version=2.0.1'));
    assert.ok(page.includes(`href="/update/${row(1).packageId}"`));
    const form = formOf(await visitor.text('/act?verb=approve&productId=vendor%2Fproduct-2&version=2.0.1'));
    const done = await visitor.post('/act', { ...form, reason: 'it is the vendor' });
    assert.equal(done.headers.get('location'), '/product?id=vendor%2Fproduct-2&asked=approve');
    const what = { verb: 'approve', productId: 'vendor/product-2', version: '2.0.1' };
    assert.deepEqual(asked.perform[0]?.what, what);
    const story = await visitor.text('/product?id=vendor%2Fproduct-2&asked=approve');
    assert.match(story, /Asked for: approve[\s\S]*signed by another/);
    assert.match(story, /verb=hold&amp;productId=vendor%2Fproduct-2/);
    assert.equal((await visitor.send('/product?id=no')).status, 404);
    assert.equal((await visitor.send('/product')).status, 404);
  });
});

test('sync is one POST; it too needs origin and token', async () => {
  await withDashboard(overviewOf([row(1)]), async ({ asked }, visitor) => {
    await signedIn(visitor);
    const csrf = await visitor.csrf('/');
    assert.equal((await visitor.post('/sync', {})).status, 403);
    assert.equal((await visitor.post('/sync', { csrf: 'x' })).status, 403);
    assert.equal((await visitor.post('/sync', { csrf }, 'https://evil.test')).status, 403);
    assert.equal((await visitor.post('/sync', { csrf }, 'null')).status, 403);
    assert.equal((await visitor.send('/sync')).status, 404);
    assert.equal(asked.sync.length, 0);
    assert.equal((await visitor.post('/sync', { csrf })).headers.get('location'), '/?asked=sync');
    assert.deepEqual(asked.sync, [{ operator: { name: 'admin' } }]);
    assert.match(await visitor.text('/?asked=sync'), /The line is at work: <b>7<\/b> left to do/);
  });
});

test('the page of an update tells how long each hop has taken', async () => {
  await withDashboard(overviewOf([row(1)]), async (_, visitor) => {
    await signedIn(visitor);
    const page = await visitor.text(`/update/${row(1).packageId}`);
    assert.match(
      page,
      /How long each hop has taken[\s\S]*<b>released<\/b>[\s\S]*<b>seen<\/b> after 1 d 4 h</,
    );
  });
});

test('an unknown PackageID is no page; a busy ledger is told as what it is', async () => {
  await withDashboard(overviewOf([row(1)]), async ({ operations }, visitor) => {
    await signedIn(visitor);
    for (const id of ['00000000-0000-5000-8000-999999999999', 'x', '..%2f..%2fetc']) {
      assert.equal((await visitor.send(`/update/${id}`)).status, 404, id);
    }
    operations.overview = async () => {
      throw new RetryableError('ledger.busy', 'the ledger is busy', {
        nextStep: 'look for a second service',
      });
    };
    await untilText(() => visitor.text('/'), /the ledger is busy[\s\S]*look for a second service/);
    assert.equal((await visitor.send('/api/overview')).status, 503);
    operations.overview = async () => {
      throw new Error('secret inside');
    };
    const page = await visitor.send('/');
    assert.equal(page.status, 500);
    assert.doesNotMatch(await page.text(), /secret/);
  });
});

/** Pages share an answer for half a second. */
async function untilText(read: () => Promise<string>, wanted: RegExp): Promise<void> {
  const end = Date.now() + 5000;
  for (;;) {
    const text = await read();
    if (wanted.test(text)) return;
    if (Date.now() > end) assert.match(text, wanted);
  }
}

/** The hidden fields of the form that a page holds. */
function formOf(page: string): Record<string, string> {
  const fields = [...page.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)];
  return Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value]));
}
