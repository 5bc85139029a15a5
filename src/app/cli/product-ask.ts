import { setTimeout as pause } from 'node:timers/promises';
import { loadSettings } from '../../config/settings.js';
import { describeFault, RetryableError } from '../../core/errors.js';
import type { HttpClient } from '../../core/ports.js';
import type { ProductDefinition } from '../../core/product.js';
import type { Release } from '../../core/release.js';
import { versionSchemes } from '../../core/versions/index.js';
import { feedReaders } from '../../feeds/index.js';
import { createHttpClient } from '../../net/index.js';
import { selectAsset } from '../../releases/select.js';
import { outsideFrom } from '../outside.js';

/** What one address said. */
export interface Answer {
  readonly productId: string;
  /** `feed 0 json`, `x64/msi/any/machine`. */
  readonly asked: string;
  readonly answer: string;
  readonly error: string | null;
}

const AT_ONCE = 16;
const TIMEOUT_MS = 60_000;
const PATIENCE_MS = 120_000;
const MAX_FEED_BYTES = 16 << 20;

/** The client that the publisher itself uses; to be closed. */
export function vendorsClient(): HttpClient & { close(): void } {
  const outside = outsideFrom(loadSettings().network, process.env);
  return createHttpClient({ ...outside, userAgent: 'patchpress product check' });
}

/** Asks feeds for their versions, and the installers' addresses for their heads. */
export async function askProducts(
  http: HttpClient,
  products: readonly ProductDefinition[],
  { feeds = false, urls = false }: { readonly feeds?: boolean; readonly urls?: boolean },
): Promise<readonly Answer[]> {
  const answers: (readonly Answer[])[] = [];
  const waiting = products.entries();
  const turn = async (): Promise<void> => {
    for (const [index, product] of waiting) answers[index] = await askProduct(http, product, { feeds, urls });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, turn));
  return answers.flat();
}

/** Where only the files are asked for, the first feed that answers is enough, and only what fails is told. */
async function askProduct(
  http: HttpClient,
  product: ProductDefinition,
  { feeds, urls }: { readonly feeds: boolean; readonly urls: boolean },
): Promise<readonly Answer[]> {
  if (product.automation === 'forbidden') return [];
  const told: Answer[] = [];
  let newest: Release | undefined;
  for (const [index, { type }] of product.feeds.entries()) {
    if (!feedReaders.has(type) || (!feeds && newest !== undefined)) continue;
    const { value, answer } = await answering(product, `feed ${index} ${type}`, async () => {
      const release = await newestIn(http, product, index);
      const isInFile = feedReaders.get(type)?.isVersionInFile === true;
      return { value: release, words: release?.version ?? (isInFile ? 'there, its file tells it' : 'none') };
    });
    newest ??= value;
    if (feeds || answer.error !== null) told.push(answer);
  }
  return urls && newest !== undefined ? [...told, ...(await askFiles(http, product, newest))] : told;
}

async function askFiles(
  http: HttpClient,
  product: ProductDefinition,
  release: Release,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const installer of product.installers) {
    const asked = `${installer.architecture} ${installer.technology}`;
    const { answer } = await answering(product, asked, async () => {
      const words = await headOf(http, selectAsset(release, installer).url);
      return { value: undefined, words };
    });
    answers.push(answer);
  }
  return answers;
}

async function answering<Value>(
  { id }: ProductDefinition,
  asked: string,
  ask: () => Promise<{ value: Value; words: string }>,
): Promise<{ readonly value: Value | undefined; readonly answer: Answer }> {
  try {
    const { value, words } = await patiently(ask);
    return { value, answer: { productId: id, asked, answer: words, error: null } };
  } catch (error) {
    return { value: undefined, answer: { productId: id, asked, answer: '', error: describeFault(error) } };
  }
}

/** A host that lets us in one by one is asked again when it is our turn; one that makes us wait for longer has said so. */
async function patiently<Value>(ask: () => Promise<Value>): Promise<Value> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const pauseMs = error instanceof RetryableError ? (error.retryAfterMs ?? null) : null;
      if (pauseMs === null || Date.now() + pauseMs > until) throw error;
      await pause(pauseMs);
    }
  }
}

async function newestIn(
  http: HttpClient,
  product: ProductDefinition,
  index: number,
): Promise<Release | undefined> {
  const feed = product.feeds[index];
  const reader = feedReaders.get(feed?.type ?? '');
  const scheme = versionSchemes.get(product.versionScheme);
  if (feed === undefined || reader === undefined || scheme === undefined) return undefined;
  const response = await http.get({
    ...reader.request(feed),
    maxBytes: MAX_FEED_BYTES,
    timeoutMs: TIMEOUT_MS,
  });
  return reader.parse(response, feed, scheme)[0];
}

async function headOf(http: HttpClient, url: string): Promise<string> {
  const { headers } = await http.get({
    url,
    headOnly: true,
    maxBytes: MAX_FEED_BYTES,
    timeoutMs: TIMEOUT_MS,
  });
  const sizeBytes = headers['content-length'];
  return sizeBytes === undefined ? 'there' : `${sizeBytes} bytes`;
}
