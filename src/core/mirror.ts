/** A file of the content store as it is put where another web server serves it. */
export interface MirroredFile {
  /** Below the base address, not encoded: `content/<sha256>/<file name>`. */
  readonly path: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Where its bytes are, whole; asked for only where they are put. */
  source(): Promise<string>;
  readonly contentType: string;
  readonly cacheControl: string;
  /** True: what that path names never changes, so one that is there is not put again. */
  readonly isFixed: boolean;
}

/**
 * A folder or an object store behind any web server. A file is there whole or not at all. RetryableError
 * `target.unreachable` or `storage.full`; PermanentError `target.refused`; what `source` throws.
 */
export interface Mirror {
  /** Where it is; without secrets. */
  readonly place: string;
  put(file: MirroredFile, signal: AbortSignal): Promise<void>;
}
