import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { MirroredFile } from '../../src/core/mirror.js';
import { createObjectStoreMirror, type ObjectStoreAccess } from '../../src/net/index.js';
import { mustRun, temporaryFolder } from '../formats/programs.js';
import { AUTHORITY, withVendor } from './server.js';

const HOST = 'vendor.test';

const S3 = {
  kind: 's3',
  region: 'eu-central-1',
  accessKeyId: 'AKID',
  secretAccessKey: 'sec/ret+key',
} as const;
const AZURE = { kind: 'azure-blob', sas: 'sv=2024-11-04&sp=rcw&sig=a%2Bb%3D' } as const;
const BYTES = Buffer.from('a whole installer');
const FIXED = { cacheControl: 'public, immutable', contentType: 'application/octet-stream', isFixed: true };

/** What the service keeps and who asked for it; `status` answers in its place. */
interface Store {
  readonly objects: Map<string, Buffer>;
  readonly asked: {
    readonly method: string;
    readonly url: string;
    readonly headers: IncomingMessage['headers'];
  }[];
  status: number | null;
}

async function withStore(
  t: TestContext,
  access: ObjectStoreAccess,
  body: (of: { store: Store; put: (file?: Partial<MirroredFile>) => Promise<void> }) => Promise<void>,
): Promise<void> {
  const store: Store = { objects: new Map(), asked: [], status: null };
  const source = join(temporaryFolder(t), 'source');
  writeFileSync(source, BYTES);
  await withVendor(
    async (request, response) => {
      const { method = '', url = '', headers } = request;
      store.asked.push({ method, url, headers });
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece);
      const [path = ''] = url.split('?');
      if (store.status !== null) return response.writeHead(store.status).end('<Error>no\u0000</Error>');
      const found = store.objects.get(path);
      if (method === 'PUT') store.objects.set(path, Buffer.concat(pieces));
      else if (found === undefined) return response.writeHead(404).end();
      return response
        .writeHead(200, found && method === 'HEAD' ? { 'content-length': found.length } : {})
        .end();
    },
    async ({ place }) => {
      const outside = { hosts: { [HOST]: place }, ca: AUTHORITY.certificate };
      const mirror = createObjectStoreMirror({ url: `https://${HOST}/patches`, access, outside });
      const sha256 = createHash('sha256').update(BYTES).digest('hex');
      const file: MirroredFile = {
        ...FIXED,
        path: `content/${sha256}/Tool+ (x64) é.exe`,
        sha256,
        sizeBytes: BYTES.length,
        source: async () => source,
      };
      await body({
        store,
        put: (changes) => mirror.put({ ...file, ...changes }, AbortSignal.timeout(20_000)),
      });
    },
  );
}

const PATH = `/patches/content/${createHash('sha256').update(BYTES).digest('hex')}/Tool%2B%20%28x64%29%20%C3%A9.exe`;

describe('an object store as a mirror', () => {
  for (const access of [S3, AZURE]) {
    test(`${access.kind}: a file is put once, whole; what may change is put each time`, async (t) => {
      await withStore(t, access, async ({ store, put }) => {
        await put();
        await put();
        assert.deepEqual(store.objects.get(PATH), BYTES);
        assert.deepEqual(
          store.asked.map(({ method }) => method),
          ['HEAD', 'PUT'],
        );
        const [, { headers } = assert.fail()] = store.asked;
        assert.equal(headers['content-length'], String(BYTES.length));
        assert.equal(headers['content-type'], 'application/octet-stream');
        const catalog = { path: 'catalogs/patchpress.cab', isFixed: false, cacheControl: 'no-cache' };
        await put(catalog);
        await put(catalog);
        assert.deepEqual(
          store.asked.slice(2).map(({ method }) => method),
          ['PUT', 'PUT'],
        );
      });
    });

    test(`${access.kind}: one that is there is left, one of another size is not`, async (t) => {
      await withStore(t, access, async ({ store, put }) => {
        store.objects.set(PATH, Buffer.from('half'));
        await put();
        assert.deepEqual(store.objects.get(PATH), BYTES);
      });
      await withStore(t, access, async ({ store, put }) => {
        store.objects.set(PATH, BYTES);
        await put({ source: () => assert.fail('nothing is read that need not be put') });
        assert.deepEqual(
          store.asked.map(({ method }) => method),
          ['HEAD'],
        );
      });
    });

    test(`${access.kind}: a refusal is ours to mend, a fault of the store is waited for`, async (t) => {
      await withStore(t, access, async ({ store, put }) => {
        for (const [status, code] of [
          [403, 'target.refused'],
          [503, 'target.unreachable'],
          [429, 'target.unreachable'],
        ] as const) {
          store.status = status;
          await assert.rejects(
            put({ isFixed: false }),
            (error: { code: string; where: string; found: string }) => {
              assert.equal(error.code, code);
              assert.match(error.found, new RegExp(`^${status} `));
              assert.doesNotMatch(
                `${error.where}${error.found}`,
                /sig=|\p{Cc}/u,
                'no secret, no control characters',
              );
              return true;
            },
          );
        }
      });
    });
  }

  test('azure-blob: the signature that was given, and a block blob', async (t) => {
    await withStore(t, AZURE, async ({ store, put }) => {
      await put();
      assert.deepEqual(
        store.asked.map(({ url, headers }) => [url, headers['x-ms-blob-type']]),
        [
          [`${PATH}?${AZURE.sas}`, undefined],
          [`${PATH}?${AZURE.sas}`, 'BlockBlob'],
        ],
      );
    });
  });

  test('s3: botocore comes to the same signature of each request', async (t) => {
    await withStore(t, S3, async ({ store, put }) => {
      await put();
      const asked = store.asked.map((one) => ({ ...one, url: `https://${one.headers.host}${one.url}` }));
      const run = mustRun(t, 'python3', ['-c', BOTOCORE, JSON.stringify({ asked, ...S3 })], '.');
      if (run === null) return;
      if (run.output.includes('no botocore')) return t.skip('python3-botocore is not installed');
      const signatures = store.asked.map(
        ({ headers }) => /Signature=([0-9a-f]{64})$/.exec(headers.authorization ?? '')?.[1],
      );
      assert.deepEqual(JSON.parse(run.stdout.toString('utf8')), signatures);
      assert.equal(signatures.length, 2);
    });
  });
});

/** Signs what was signed, at the time that it was, with the same key. */
const BOTOCORE = `
import sys, json
try:
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
except ImportError:
    print('no botocore'); sys.exit(0)
given = json.loads(sys.argv[1])
auth = S3SigV4Auth(Credentials(given['accessKeyId'], given['secretAccessKey']), 's3', given['region'])
found = []
for one in given['asked']:
    headers = one['headers']
    names = headers['authorization'].split('SignedHeaders=')[1].split(',')[0].split(';')
    request = AWSRequest(method=one['method'], url=one['url'], headers={name: headers[name] for name in names})
    request.context['timestamp'] = headers['x-amz-date']
    request.context['client_config'] = None
    request.context['payload_signing_enabled'] = True
    auth.payload = lambda _request, digest=headers['x-amz-content-sha256']: digest
    canonical = auth.canonical_request(request)
    found.append(auth.signature(auth.string_to_sign(request, canonical), request))
print(json.dumps(found))
`;
