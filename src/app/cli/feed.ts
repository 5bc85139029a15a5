import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { PermanentError, printable } from '../../core/errors.js';
import type { FeedReader, VersionScheme } from '../../core/ports.js';
import type { FeedDefinition } from '../../core/product.js';
import type { FeedResponse, Release } from '../../core/release.js';
import { faultIn, findReader, readOptions } from './feed-options.js';
import { EXIT, type OutputOptions, show } from './output.js';
import { parseResponseHead } from './response-head.js';

export interface FeedParseOptions extends OutputOptions {
  readonly type: string;
  readonly options: string;
  readonly response: string;
  readonly headers?: string;
}

/** A release as it is printed: the names are those of the answer's contract. */
interface PrintedRelease extends Omit<Release, 'assets'> {
  readonly assets: readonly {
    readonly name: string;
    readonly url: string;
    readonly size: number | null;
    readonly digests: Release['assets'][number]['digests'];
  }[];
}

/** As the service takes it. */
const MAX_BYTES = 16 << 20;
/** Stands in where nobody says where the answer came from; what is relative to it is printed as it was written. */
const NO_ADDRESS = 'https://unknown.invalid/';

/** `patchpress feed parse`: what a reader finds in a recorded answer; nothing is fetched. */
export async function parseFeed(options: FeedParseOptions): Promise<number> {
  const { releases, note } = readRecorded(options);
  if (note !== null) process.stderr.write(`note: ${note}\n`);
  show(options, releases, () => describe(releases));
  return EXIT.ok;
}

/** The same as a value; `note` says why there is no release. PermanentError where options or answer cannot be read. */
export function readRecorded(options: Omit<FeedParseOptions, keyof OutputOptions>): {
  readonly releases: readonly PrintedRelease[];
  readonly note: string | null;
} {
  const { feed, scheme } = readOptions(options);
  const reader = findReader(options.type);
  const response = readResponse(reader, feed, options);
  const releases = response.status === 304 ? [] : readAll(reader, response, feed, scheme).map(printed);
  return { releases, note: releases.length === 0 ? noteOn(reader, response) : null };
}

/** A feed that follows prereleases marks none of them for the stages: what they are shows when it does not. */
function readAll(
  reader: FeedReader,
  response: FeedResponse,
  feed: FeedDefinition,
  scheme: VersionScheme,
): readonly Release[] {
  const releases = reader.parse(response, feed, scheme);
  if (feed.prerelease !== true) return releases;
  const marked = reader.parse(response, { ...feed, prerelease: false }, scheme);
  const prereleases = new Set(marked.filter(({ prerelease }) => prerelease).map(({ version }) => version));
  return releases.map((one) => ({ ...one, prerelease: prereleases.has(one.version) }));
}

function readResponse(
  reader: FeedReader,
  feed: FeedDefinition,
  options: Pick<FeedParseOptions, 'response' | 'headers'>,
): FeedResponse {
  const body = unpacked(readBounded(options.response), options.response);
  const askedUrl = addressAsked(reader, feed);
  const head =
    options.headers === undefined
      ? { status: 200, headers: {}, finalUrl: askedUrl }
      : parseResponseHead(readBounded(options.headers).toString('latin1'), askedUrl);
  if (head.status < 400) return { ...head, body };
  throw new PermanentError('feed.refused', 'the host has answered with an error', {
    where: printable(head.finalUrl, 300),
    expected: 'a status below 400',
    found: `${head.status}`,
    nextStep: 'look at the answer, and at the address in the definition',
  });
}

function addressAsked(reader: FeedReader, feed: FeedDefinition): string {
  try {
    return reader.request(feed).url;
  } catch (error) {
    // A selector by itself does not say what it selects from.
    if (error instanceof PermanentError) return NO_ADDRESS;
    throw error;
  }
}

function readBounded(path: string): Buffer {
  const file = statSync(path, { throwIfNoEntry: false });
  if (file?.isDirectory() !== false)
    throw faultIn(printable(path, 300), 'a file', file === undefined ? 'nothing' : 'a folder');
  const descriptor = openSync(path, 'r');
  try {
    const body = readUpTo(descriptor, MAX_BYTES + 1);
    if (body.length > MAX_BYTES) throw faultIn(printable(path, 300), `at most ${MAX_BYTES} bytes`, 'more');
    return body;
  } finally {
    closeSync(descriptor);
  }
}

const CHUNK_BYTES = 1 << 20;

/** What a pipe or a device holds is not known before it is read. */
function readUpTo(descriptor: number, mostBytes: number): Buffer {
  const chunks: Buffer[] = [];
  for (let length = 0; length < mostBytes; ) {
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, mostBytes - length));
    const count = readSync(descriptor, chunk);
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  return Buffer.concat(chunks);
}

/** Some tools keep an answer as it was packed for the way (RFC 1952). */
function unpacked(body: Buffer, path: string): Buffer {
  if (!body.subarray(0, 3).equals(GZIP)) return body;
  try {
    return gunzipSync(body, { maxOutputLength: MAX_BYTES });
  } catch {
    throw faultIn(printable(path, 300), `gzip of at most ${MAX_BYTES} bytes`, 'more, or broken gzip');
  }
}

const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);

function printed({ assets, version, prerelease, publishedAt, notesUrl, withdrawn }: Release): PrintedRelease {
  return {
    version,
    prerelease,
    publishedAt,
    assets: assets.map(({ name, url, sizeBytes, digests }) => ({
      name,
      url: url.startsWith(NO_ADDRESS) ? asWritten(url.slice(NO_ADDRESS.length)) : url,
      size: sizeBytes,
      digests,
    })),
    notesUrl,
    withdrawn,
  };
}

function asWritten(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function noteOn({ type, isVersionInFile }: FeedReader, { status }: FeedResponse): string {
  if (isVersionInFile === true) return `${type} holds no version: it comes from the file`;
  return status === 304 ? 'the feed has not changed' : 'the answer holds no version';
}

function describe(releases: readonly PrintedRelease[]): string {
  const rows = releases.map(({ version, prerelease, publishedAt, assets, withdrawn }) => [
    version,
    publishedAt?.slice(0, 10) ?? '',
    withdrawn ? 'withdrawn' : prerelease ? 'prerelease' : '',
    `${assets.length} files`,
    assets[0]?.url ?? '',
  ]);
  const widths = [0, 1, 2, 3].map((at) => Math.max(0, ...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) => printable(row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')).trimEnd())
    .join('\n');
}
