import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** `sockaddr_un` ends at 107 bytes on Linux, at 103 on macOS. */
const MAX_SOCKET_PATH = 100;

/** The wanted place where it is short enough, else one below the temporary folder that is the same each time. */
export function socketPathFor(wanted: string): string {
  const near = resolve(wanted);
  if (Buffer.byteLength(near) <= MAX_SOCKET_PATH) return near;
  const name = createHash('sha256').update(near).digest('hex').slice(0, 16);
  const short = join(tmpdir(), `patchpress-${name}`, 's.sock');
  mkdirSync(dirname(short), { recursive: true, mode: 0o700 });
  return short;
}
