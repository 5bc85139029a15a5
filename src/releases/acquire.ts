import { PermanentError, RetryableError } from '../core/errors.js';
import type { FileDigests } from '../core/installer.js';
import type { Clock, ContentStore, HttpClient } from '../core/ports.js';
import type { InstallerDefinition } from '../core/product.js';
import type { ReleaseAsset } from '../core/release.js';
import { installerFileName } from './file-name.js';

export interface AcquireDeps {
  readonly http: HttpClient;
  readonly content: ContentStore;
  readonly clock: Clock;
  readonly maxInstallerBytes: number;
  readonly downloadTimeoutMs: number;
}

export interface Acquired extends FileDigests {
  readonly fileName: string;
  /** ISO 8601 UTC: what the host says, else now. */
  readonly modified: string;
}

/** Downloads a file into the content store. RetryableError `download.interrupted` when the body breaks off. */
export async function acquire(
  deps: AcquireDeps,
  asset: ReleaseAsset,
  definition: InstallerDefinition,
  signal: AbortSignal,
): Promise<Acquired> {
  const { headers, body } = await deps.http.download({
    url: asset.url,
    maxBytes: deps.maxInstallerBytes,
    timeoutMs: deps.downloadTimeoutMs,
    signal,
  });
  const digests = await deps.content
    .put(body, { maxBytes: deps.maxInstallerBytes })
    .catch((error: unknown) => {
      throw asInterruption(error, asset.url);
    })
    .finally(() => body.destroy());
  return {
    ...digests,
    fileName: installerFileName(asset.name, definition.technology),
    modified: timeOf(headers['last-modified']) ?? toSeconds(deps.clock.now()),
  };
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
