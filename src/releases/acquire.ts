import { z } from 'zod';
import { PermanentError, RetryableError } from '../core/errors.js';
import type { FileDigests } from '../core/installer.js';
import type { Clock, ContentStore, Download, HttpClient, PartialObject, ResumePoint } from '../core/ports.js';
import type { InstallerDefinition } from '../core/product.js';
import type { ReleaseAsset } from '../core/release.js';
import { findStored } from './digests.js';
import { installerFileName } from './file-name.js';

export interface AcquireDeps {
  readonly http: HttpClient;
  readonly content: ContentStore;
  readonly clock: Clock;
  readonly maxInstallerBytes: number;
  /** For a small file; a larger one gets what its size takes besides. */
  readonly downloadTimeoutMs: number;
}

export interface AcquiredFile extends FileDigests {
  /** ISO 8601 UTC: what the host says, else now. */
  readonly modified: string;
  /** Where its redirects ended. */
  readonly finalUrl: string;
}

export interface Acquired extends Omit<AcquiredFile, 'finalUrl'> {
  readonly fileName: string;
}

/** A host that breaks off again and again is asked again later, from where it broke off. */
const MAX_TRIES = 3;

/** The file of a release: from the content store where the feed states a digest that is there, else as `acquireFile`. */
export async function acquire(
  deps: AcquireDeps,
  asset: ReleaseAsset,
  definition: InstallerDefinition,
  signal: AbortSignal,
): Promise<Acquired> {
  const fileName = installerFileName(asset.name, definition.technology);
  const stored = await findStored(deps.content, asset.digests.sha256);
  if (stored !== null) {
    return { ...stored, fileName, modified: asset.modified ?? toSeconds(deps.clock.now()) };
  }
  const { finalUrl: _, ...file } = await acquireFile(deps, asset.url, signal);
  return { ...file, fileName };
}

/**
 * Downloads a file into the content store, from where an earlier try broke off if the host still has the same file.
 * RetryableError `download.interrupted` when the body breaks off; what came is kept for the next try.
 */
export async function acquireFile(
  deps: AcquireDeps,
  url: string,
  signal: AbortSignal,
): Promise<AcquiredFile> {
  const partial = await deps.content.claimPartial(url);
  try {
    const { headers, finalUrl } = await downloadWhole(deps, url, partial, signal);
    const digests = await partial.finish();
    const modified = timeOf(headers['last-modified']) ?? toSeconds(deps.clock.now());
    return { ...digests, modified, finalUrl };
  } catch (error) {
    // A full disk gets its space back; what is refused is not wanted.
    const isWorthKeeping = isInterruption(error) && resumePoint(partial) !== undefined;
    await (isWorthKeeping ? partial.leave() : partial.drop());
    throw error;
  }
}

type Answer = Pick<Download, 'headers' | 'finalUrl'>;

async function downloadWhole(
  deps: AcquireDeps,
  url: string,
  partial: PartialObject,
  signal: AbortSignal,
): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const beforeBytes = partial.sizeBytes();
    try {
      return await downloadRest(deps, url, partial, signal);
    } catch (error) {
      const hasGrown = partial.sizeBytes() > beforeBytes && resumePoint(partial) !== undefined;
      if (tries === MAX_TRIES || signal.aborted || !hasGrown || !isInterruption(error)) throw error;
    }
  }
}

async function downloadRest(
  { http, maxInstallerBytes, downloadTimeoutMs }: AcquireDeps,
  url: string,
  partial: PartialObject,
  signal: AbortSignal,
): Promise<Answer> {
  const resume = resumePoint(partial);
  const { headers, finalUrl, body, ...answer } = await http.download({
    url,
    maxBytes: maxInstallerBytes - (resume?.offsetBytes ?? 0),
    timeoutMs: downloadTimeoutMs,
    signal,
    ...(resume && { resume }),
  });
  const { offsetBytes, totalBytes, validator } = answer;
  if (offsetBytes === 0) await partial.begin(JSON.stringify({ validator, totalBytes } satisfies Note));
  await partial
    .append(body, { maxBytes: maxInstallerBytes })
    .catch((error: unknown) => {
      throw asInterruption(error, url);
    })
    .finally(() => body.destroy());
  if (totalBytes !== null && partial.sizeBytes() !== totalBytes) {
    await partial.begin(JSON.stringify({ validator: null, totalBytes } satisfies Note));
    throw asInterruption(new Error(`another size than the announced ${totalBytes} bytes`), url);
  }
  return { headers, finalUrl };
}

const Note = z.object({ validator: z.string().nullable(), totalBytes: z.int().min(0).nullable() });
type Note = z.infer<typeof Note>;

/** Undefined: there is nothing to go on from, or nothing that tells whether the rest still belongs to it. */
function resumePoint(partial: PartialObject): ResumePoint | undefined {
  const offsetBytes = partial.sizeBytes();
  const note = noteOf(partial.note());
  if (offsetBytes === 0 || note === null || note.validator === null) return undefined;
  if (note.totalBytes !== null && offsetBytes >= note.totalBytes) return undefined;
  return { offsetBytes, totalBytes: note.totalBytes, validator: note.validator };
}

function noteOf(text: string | null): Note | null {
  try {
    return Note.parse(JSON.parse(text ?? ''));
  } catch {
    return null;
  }
}

function isInterruption(error: unknown): boolean {
  return error instanceof RetryableError && error.code !== 'storage.full';
}

function asInterruption(error: unknown, url: string): unknown {
  if (error instanceof PermanentError || error instanceof RetryableError) return error;
  return new RetryableError('download.interrupted', 'a download broke off', {
    where: url,
    found: error instanceof Error ? error.message : String(error),
    cause: error,
  });
}

function timeOf(text: string | undefined): string | null {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? null : toSeconds(new Date(time));
}

function toSeconds(time: Date): string {
  return time.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
