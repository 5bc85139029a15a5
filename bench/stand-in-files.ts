import { createHash } from 'node:crypto';
import type { Compute, HttpClient } from '../src/core/ports.js';
import type { FileDeps } from '../src/feeds/version-in-file.js';
import { STAND_IN_FILE } from '../src/lab/vendor-farm/index.js';

const MAX_BYTES = 1 << 20;
const TIMEOUT_MS = 60_000;

/** The farm's files name their version in a line: they are fetched as any file is, and no installer is taken apart. */
export function standInFiles(http: HttpClient): FileDeps {
  const versions = new Map<string, string | null>();
  return {
    async acquireFile(url, signal) {
      const { body, finalUrl } = await http.download({
        url,
        maxBytes: MAX_BYTES,
        timeoutMs: TIMEOUT_MS,
        signal,
      });
      const bytes = Buffer.concat(await body.toArray());
      const digestOf = (name: string) => createHash(name).update(bytes).digest('hex');
      const sha256 = digestOf('sha256');
      versions.set(sha256, STAND_IN_FILE.exec(bytes.toString('latin1'))?.[1] ?? null);
      const modified = new Date().toISOString();
      return { sha256, sha1: digestOf('sha1'), sizeBytes: bytes.length, modified, finalUrl };
    },
    content: { pathOf: (sha256) => sha256 },
    compute: {
      run: async (_task: string, { path }: { path: string }) => ({ version: versions.get(path) ?? null }),
    } as unknown as Compute,
  };
}
