import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { request } from 'node:https';
import { test } from 'node:test';
import { hashPassword, verifyPassword } from '../../src/dashboard/index.js';
import { makeAuthority, makeIdentity } from '../lab/certificates.js';
import { signedIn, Visitor, withDashboard } from './session.js';
import { overviewOf, PASSWORD, row } from './world.js';

const OVERVIEW = overviewOf([row(1)]);

test('a password is known by its hash alone, which says how it was made', async () => {
  const hash = await hashPassword('żółć');
  assert.match(hash, /^scrypt\$32768\$8\$1\$[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=$/);
  assert.notEqual(await hashPassword('żółć'), hash);
  assert.equal(await verifyPassword('żółć', hash), true);
  assert.equal(await verifyPassword('żółć'.normalize('NFD'), hash), true);
  assert.equal(await verifyPassword('zolc', hash), false);
  assert.equal(await verifyPassword('', hash), false);
});

test('a hash of another form, or of an absurd cost, verifies nothing', async () => {
  const key = Buffer.alloc(32).toString('base64');
  for (const hash of [
    '',
    'plain',
    'scrypt$32768$8$1$AA==',
    `scrypt$99999999$8$1$AA==$${key}`,
    `scrypt$3$8$1$AA==$${key}`,
    'scrypt$16384$8$1$AA==$AA==',
  ]) {
    assert.equal(await verifyPassword('x', hash), false, hash);
  }
});

test('everything asks for a session but the login, the assets and the health check', async () => {
  await withDashboard(OVERVIEW, async (_dashboard, visitor) => {
    for (const path of [
      '/',
      '/update/00000000-0000-5000-8000-000000000001',
      '/product?id=x',
      '/act?verb=expire&packageId=00000000-0000-5000-8000-000000000001',
    ]) {
      const response = await visitor.send(path);
      assert.equal(response.status, 303, path);
      assert.equal(response.headers.get('location'), '/login');
      assert.doesNotMatch(await response.text(), /Product 1/);
    }
    for (const path of ['/live', '/api/overview', '/api/explain?subject=x'])
      assert.equal((await visitor.send(path)).status, 401, path);
    for (const path of [
      '/sync',
      '/logout',
      '/api/sync',
      '/api/republish',
      '/api/act',
      '/api/preview',
      '/act',
    ]) {
      assert.equal((await visitor.post(path, {})).status, 401, path);
    }
    assert.deepEqual(await (await visitor.send('/healthz')).json(), { status: 'ok' });
    for (const path of ['/login', '/assets/dashboard.css', '/assets/dashboard.js', '/assets/icon.svg']) {
      assert.equal((await visitor.send(path)).status, 200, path);
    }
    assert.equal((await visitor.send('/assets/../index.ts')).status, 404);
    assert.equal((await visitor.send('/nowhere')).status, 404);
  });
});

test('the right password opens, a wrong one gets one and the same answer', async () => {
  await withDashboard(OVERVIEW, async ({ url }, visitor) => {
    for (const password of ['wrong', '', 'x'.repeat(5000)]) {
      const response = await visitor.signIn(password);
      assert.equal(response.status, 401);
      assert.match(await response.text(), /That did not work\./);
    }
    assert.equal((await visitor.send('/')).status, 303);
    await signedIn(visitor);
    const page = await visitor.send('/');
    assert.equal(page.status, 200);
    assert.match(await page.text(), /Product 1/);
    assert.equal((await visitor.send('/login')).status, 303);
    assert.equal((await new Visitor(url).send('/')).status, 303, 'another visitor has no session');
  });
});

test('few tries a minute from one address', async () => {
  await withDashboard(OVERVIEW, async (_dashboard, visitor) => {
    const csrf = await visitor.csrf('/login');
    for (let n = 0; n < 5; n += 1) await visitor.post('/login', { csrf, password: '' });
    const late = await visitor.post('/login', { csrf, password: PASSWORD });
    assert.equal(late.status, 429);
    assert.match(await late.text(), /wait a minute/);
  });
});

test('a login from somewhere else, or without the token of its form, is refused', async () => {
  await withDashboard(OVERVIEW, async (_dashboard, visitor) => {
    const fields = { csrf: await visitor.csrf('/login'), password: PASSWORD };
    assert.equal((await visitor.post('/login', fields, 'https://evil.test')).status, 403);
    assert.equal((await visitor.post('/login', fields, null)).status, 403);
    assert.equal((await visitor.post('/login', { password: PASSWORD })).status, 403);
    assert.equal((await visitor.post('/login', { ...fields, csrf: 'guessed' })).status, 403);
    assert.equal((await visitor.send('/')).status, 303);
  });
});

test('a session ends with signing out, and with a new password', async () => {
  const sessionKey = randomBytes(32);
  const open = async (passwordHash: string, body: (visitor: Visitor, url: string) => Promise<void>) =>
    withDashboard(OVERVIEW, ({ url }, visitor) => body(visitor, url), { sessionKey, passwordHash });
  let cookie = '';
  await open(await hashPassword('old'), async (visitor) => {
    const response = await visitor.signIn('old');
    cookie = response.headers.getSetCookie()[0] ?? '';
    assert.match(cookie, /HttpOnly/);
    assert.match(cookie, /SameSite=Strict/);
    assert.equal((await visitor.send('/')).status, 200);
    const csrf = await visitor.csrf('/');
    assert.equal((await visitor.post('/logout', { csrf })).status, 303);
    assert.equal((await visitor.send('/')).status, 303);
  });
  await open(await hashPassword('new'), async (_visitor, url) => {
    const kept = { cookie: cookie.split(';')[0] ?? '' };
    assert.equal((await fetch(url, { headers: kept, redirect: 'manual' })).status, 303);
  });
});

test('over TLS the cookie is for TLS only and the browser is told to stay with it', async () => {
  const identity = makeIdentity('localhost', { hosts: ['localhost'] }, makeAuthority('Dashboard Test Root'));
  await withDashboard(
    OVERVIEW,
    async ({ url }) => {
      assert.match(url, /^https:/);
      const headers = await new Promise<NodeJS.Dict<string | string[]>>((resolve, reject) => {
        request(`${url}/login`, { rejectUnauthorized: false, agent: false }, (response) => {
          response.resume();
          resolve(response.headers);
        })
          .on('error', reject)
          .end();
      });
      assert.match(String(headers['set-cookie']), /Secure/);
      assert.match(String(headers['strict-transport-security']), /max-age=\d+/);
    },
    { tls: identity },
  );
});
