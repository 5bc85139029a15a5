import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { PermanentError } from '../core/errors.js';

const ASSETS = {
  'dashboard.css': 'text/css; charset=utf-8',
  'dashboard.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const;

/** A closed list of files, read once at the start. */
export async function serveAssets(app: FastifyInstance, assetsDir: string): Promise<void> {
  for (const [name, type] of Object.entries(ASSETS)) {
    const bytes = await read(join(assetsDir, name));
    const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`;
    app.get(`/assets/${name}`, (request, reply) => {
      reply.header('etag', etag).header('cache-control', 'no-cache').type(type);
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply.send(bytes);
    });
  }
}

async function read(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw new PermanentError('configuration.invalid', 'a file of the pages cannot be read', {
      where: path,
      found: cause instanceof Error ? cause.message : String(cause),
      nextStep: 'install the whole program: src/dashboard/assets belongs to it',
      cause,
    });
  });
}
