import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { createContentStore } from '../../src/content/store.js';
import { PermanentError } from '../../src/core/errors.js';
import type { HttpClient, ResumePoint } from '../../src/core/ports.js';
import type { InstallerDefinition } from '../../src/core/product.js';
import { acquire } from '../../src/releases/acquire.js';

const WHOLE = Buffer.from('the installer, byte by byte, to its very end');
const URL = 'https://vendor.example/app.msi';
const SHA256 = createHash('sha256').update(WHOLE).digest('hex');

/** A host that has one file; each answer breaks off after so many bytes (null: it does not). */
class Host {
  file = WHOLE;
  validator: string | null = '"v1"';
  breakOffAfter: (number | null)[] = [];
  readonly asked: (ResumePoint | undefined)[] = [];

  readonly http: HttpClient = {
    get: () => assert.fail('no feed is read'),
    download: async ({ url, resume }) => {
      this.asked.push(resume);
      const isSame = resume !== undefined && resume.validator === this.validator;
      const offsetBytes = isSame ? resume.offsetBytes : 0;
      const body = Readable.from(this.#pieces(this.file.subarray(offsetBytes)));
      const { length } = this.file;
      return { finalUrl: url, headers: {}, body, offsetBytes, totalBytes: length, validator: this.validator };
    },
  };

  async *#pieces(rest: Buffer): AsyncGenerator<Buffer> {
    const bytes = this.breakOffAfter.shift() ?? null;
    yield rest.subarray(0, bytes ?? rest.length);
    if (bytes !== null) throw new Error('socket hang up');
  }
}

function inStore(name: string, body: (host: Host, dir: string) => Promise<void>): void {
  test(name, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'resume-'));
    try {
      await body(new Host(), dir);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
}

/** A turn of its own, in a process of its own where `dir` is opened anew. */
function turn(host: Host, dir: string) {
  const deps = {
    http: host.http,
    content: createContentStore(dir),
    clock: { now: () => new Date('2026-11-24T12:00:00Z') },
    maxInstallerBytes: 1000,
    downloadTimeoutMs: 1000,
  };
  const digests = { sha1: null, sha256: null, sha512: null };
  const asset = { name: 'app.msi', url: URL, sizeBytes: null, digests };
  return acquire(deps, asset, { technology: 'msi' } as InstallerDefinition, new AbortController().signal);
}

const offsets = (host: Host) => host.asked.map((resume) => resume?.offsetBytes ?? 0);
const left = (dir: string) => readdirSync(join(dir, '.partial'));

inStore('what breaks off goes on from there in the same turn', async (host, dir) => {
  host.breakOffAfter = [10, 7];
  assert.equal((await turn(host, dir)).sha256, SHA256);
  assert.deepEqual(offsets(host), [0, 10, 17]);
  assert.deepEqual(host.asked[1], { offsetBytes: 10, totalBytes: WHOLE.length, validator: '"v1"' });
  assert.deepEqual(left(dir), []);
});

inStore('and in a later turn, with the digest of the whole', async (host, dir) => {
  host.breakOffAfter = [10, 0];
  await assert.rejects(turn(host, dir), { code: 'download.interrupted' });
  assert.equal(left(dir).length, 1);
  assert.equal((await turn(host, dir)).sha256, SHA256);
  assert.deepEqual(offsets(host), [0, 10, 10]);
  assert.deepEqual(left(dir), []);
});

inStore('what a killed process left is taken up', async (host, dir) => {
  host.breakOffAfter = [10, 0];
  await assert.rejects(turn(host, dir), { code: 'download.interrupted' });
  const [name = ''] = left(dir);
  const dead = `${name.split('.')[0]}.${hostname().replace(/[^A-Za-z0-9-]/g, '-')}.999999999.x`;
  renameSync(join(dir, '.partial', name), join(dir, '.partial', dead));
  assert.equal((await turn(host, dir)).sha256, SHA256);
  assert.deepEqual(offsets(host), [0, 10, 10]);
});

inStore('a file that has changed meanwhile is taken whole', async (host, dir) => {
  host.breakOffAfter = [10, 0];
  await assert.rejects(turn(host, dir), { code: 'download.interrupted' });
  [host.file, host.validator] = [Buffer.from('another installer'), '"v2"'];
  const { sha256 } = await turn(host, dir);
  assert.equal(sha256, createHash('sha256').update(host.file).digest('hex'));
});

inStore('without a validator it begins anew, and nothing is kept', async (host, dir) => {
  host.validator = null;
  host.breakOffAfter = [10];
  await assert.rejects(turn(host, dir), { code: 'download.interrupted' });
  assert.deepEqual(left(dir), []);
  assert.equal((await turn(host, dir)).sha256, SHA256);
  assert.deepEqual(offsets(host), [0, 0]);
});

inStore('two turns at once do not write into one file', async (host, dir) => {
  host.breakOffAfter = [10, 0];
  await assert.rejects(turn(host, dir), { code: 'download.interrupted' });
  const both = await Promise.all([turn(host, dir), turn(host, dir)]);
  assert.deepEqual(
    both.map(({ sha256 }) => sha256),
    [SHA256, SHA256],
  );
  assert.deepEqual(offsets(host).slice(2).sort(), [0, 10]);
});

inStore('a refusal and a size that is too large leave nothing', async (host, dir) => {
  host.breakOffAfter = [10, 0];
  await assert.rejects(turn(host, dir), { code: 'download.interrupted' });
  host.file = Buffer.alloc(2000);
  await assert.rejects(turn(host, dir), { code: 'download.too-large' });
  assert.deepEqual(left(dir), []);
  host.http.download = async () => {
    throw new PermanentError('download.refused', 'gone');
  };
  await assert.rejects(turn(host, dir), { code: 'download.refused' });
  assert.deepEqual(left(dir), []);
});

inStore('what nobody came back for is removed after a week', async (_host, dir) => {
  const old = join(dir, '.partial', 'a.left');
  mkdirSync(old, { recursive: true });
  writeFileSync(join(old, 'bytes'), 'x');
  utimesSync(old, new Date(), new Date(Date.now() - 8 * 86_400_000));
  createContentStore(dir);
  assert.equal(existsSync(old), false);
});
