import assert from 'node:assert/strict';
import { openDashboard, PASSWORD } from './world.js';

/** A browser without a screen: keeps the cookie, follows nothing, sends the origin of its page. */
export class Visitor {
  #cookie = '';
  constructor(readonly url: string) {}

  async send(path: string, options: RequestInit = {}): Promise<Response> {
    const headers = new Headers(options.headers);
    if (this.#cookie !== '') headers.set('cookie', this.#cookie);
    const response = await fetch(this.url + path, { redirect: 'manual', ...options, headers });
    for (const cookie of response.headers.getSetCookie()) this.#cookie = cookie.split(';')[0] ?? '';
    return response;
  }

  async text(path: string): Promise<string> {
    return (await this.send(path)).text();
  }

  async csrf(path: string): Promise<string> {
    return /name="csrf" value="([^"]+)"/.exec(await this.text(path))?.[1] ?? '';
  }

  /** A form of ours; `fields` without `csrf` is a form of somebody else. */
  async post(
    path: string,
    fields: Readonly<Record<string, string>>,
    origin: string | null = this.url,
  ): Promise<Response> {
    const headers = { ...(origin === null ? {} : { origin }) };
    return this.send(path, { method: 'POST', body: new URLSearchParams(fields), headers });
  }

  async postJson(path: string, body: unknown, headers: Readonly<Record<string, string>>): Promise<Response> {
    return this.send(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  }

  async signIn(password: string = PASSWORD): Promise<Response> {
    return this.post('/login', { csrf: await this.csrf('/login'), password });
  }
}

type Opened = Awaited<ReturnType<typeof openDashboard>>;

/** A dashboard over a real socket for one test, and a visitor who is not signed in yet. */
export async function withDashboard(
  first: Parameters<typeof openDashboard>[0],
  body: (dashboard: Opened, visitor: Visitor) => Promise<void>,
  more: Parameters<typeof openDashboard>[1] = {},
): Promise<void> {
  const dashboard = await openDashboard(first, more);
  try {
    await body(dashboard, new Visitor(dashboard.url));
  } finally {
    await dashboard.close();
  }
}

export async function signedIn(visitor: Visitor): Promise<void> {
  const response = await visitor.signIn();
  assert.equal(response.status, 303);
  assert.equal(response.headers.get('location'), '/');
}
