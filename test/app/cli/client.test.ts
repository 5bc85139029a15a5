import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { ServerOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createAuthority } from '../../../signing/certificates/index.js';
import { signCabinet } from '../../../signing/authenticode/index.js';
import { runFacts } from '../../../src/app/cli/client/describe.js';
import { readInputs } from '../../../src/app/cli/client/inputs.js';
import { runClient } from '../../../src/app/cli/client/run.js';
import { writeCabinet } from '../../../src/formats/cab/index.js';
import { makeAuthority, makeIdentity } from '../../lab/certificates.js';
import { makePki } from '../../signing/pki.js';
import {
  type Asked,
  extendedAnswer,
  fault,
  type Reply,
  stubServer,
  syncAnswer,
  usual,
} from '../../verification/wusp/stub-server.js';

const CLI = fileURLToPath(new URL('../../../src/app/mains/cli.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'patchpress-client-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, content: string | Buffer) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const machine = file(
  'machine.json',
  JSON.stringify({ os: { version: '10.0.22631.1', architecture: 'x64' } }),
);

const CATEGORY = '00000000-0000-4000-8000-00000000000a';
const NEEDED = '00000000-0000-4000-8000-00000000000b';
const DONE = '00000000-0000-4000-8000-00000000000c';
const core = (id: string, rule: 'True' | 'False', rest = '', type = 'Software') =>
  `<UpdateIdentity UpdateID="${id.toUpperCase()}" RevisionNumber="3" /><Properties UpdateType="${type}" />${rest}` +
  `<ApplicabilityRules><IsInstalled><${rule} /></IsInstalled><IsInstallable><True /></IsInstallable></ApplicabilityRules>`;
const IN_CATEGORY = `<Relationships><Prerequisites><AtLeastOne IsCategory="true"><UpdateIdentity UpdateID="${CATEGORY}" /></AtLeastOne></Prerequisites></Relationships>`;

const pki = makePki();
let cabinet: Buffer;
before(async () => {
  const unsignedPath = join(folder, 'unsigned.cab');
  const signedPath = join(folder, 'signed.cab');
  // Random, so that it stays longer than one range.
  const setup = { bytes: randomBytes((1 << 20) + 999) };
  const member = { name: 'setup.exe', modified: '2026-11-24T10:00:00Z', content: setup };
  writeCabinet([member], unsignedPath, { signatureReserve: true });
  await signCabinet({ unsignedPath, signedPath, identity: pki.code, timestamp: null });
  cabinet = readFileSync(signedPath);
  file('root.pem', pki.root.certificate);
  file('signer.pem', pki.code.certificate);
  file('other.pem', createAuthority('Another Root').certificate);
});

interface Change {
  /** What content is answered with. */
  readonly served?: (response: ServerResponse) => void;
  readonly tls?: ServerOptions;
  readonly takesReports?: boolean;
  /** What stands before the addresses that the server names; absent: its own. */
  readonly contentBase?: string;
  /** What is served in the place of what the metadata is about. */
  readonly bytes?: Buffer;
  /** What the metadata is about. */
  readonly content?: Buffer;
}

/** A server of one category, one update that is needed and one that is installed. */
async function openServer(
  t: TestContext,
  { served, content = cabinet, bytes = content, tls, contentBase, takesReports = true }: Change = {},
) {
  const sha1 = createHash('sha1').update(content).digest('base64');
  const sha256 = createHash('sha256').update(content).digest('base64');
  const place: { base: string } = { base: '' };
  const details =
    '<ExtendedProperties DefaultPropertiesLanguage="en" />' +
    `<Files><File Digest="${sha1}" DigestAlgorithm="SHA1" FileName="item_3.cab" Size="${content.length}">` +
    `<AdditionalDigest Algorithm="SHA256">${sha256}</AdditionalDigest></File></Files>` +
    '<HandlerSpecificData type="cmd:CommandLineInstallation"><InstallCommand Program="setup.exe" Arguments="/S" DefaultResult="Failed" RebootByDefault="false">' +
    '<ReturnCode Code="0" Result="Succeeded" Reboot="false" /><ReturnCode Code="3010" Result="Succeeded" Reboot="true" /></InstallCommand></HandlerSpecificData>';
  const title = (text: string) =>
    `<LocalizedProperties><Language>en</Language><Title>${text}</Title></LocalizedProperties>`;
  const reply = (asked: Asked): Reply => {
    if (asked.operation === 'GET') return served ?? ((response) => sendRange(asked, bytes, response));
    if (asked.operation === 'GetExtendedUpdateInfo') {
      const fragments = [
        { id: 2, xml: details },
        { id: 2, xml: title('Contoso Player 4.20') },
        { id: 3, xml: title('Contoso Editor 1.0') },
      ].filter(({ id }) => asked.body.includes(`<int>${id}</int>`));
      return extendedAnswer(fragments, [
        { digest: sha1, url: `${contentBase ?? place.base}/Content/AB/FILE.cab` },
      ]);
    }
    if (asked.operation === 'ReportEventBatch' && !takesReports) return fault('InvalidParameters');
    if (asked.operation !== 'SyncUpdates') return usual(asked);
    if (!asked.body.includes('InstalledNonLeafUpdateIDs')) {
      const category = core(CATEGORY, 'True', '', 'Category');
      return syncAnswer([{ id: 1, core: category, action: 'Evaluate', isLeaf: false }]);
    }
    const software = [
      { id: 2, core: core(NEEDED, 'False', IN_CATEGORY) },
      { id: 3, core: core(DONE, 'True', IN_CATEGORY) },
    ];
    return syncAnswer(software.filter(({ id }) => !asked.body.includes(`<int>${id}</int>`)));
  };
  const server = await stubServer(t, reply, tls);
  place.base = server.base;
  return server;
}

function sendRange({ headers }: Asked, content: Buffer, response: ServerResponse): void {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(String(headers.range)) ?? [];
  const part = content.subarray(Number(from), Number(to) + 1);
  response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${content.length}` }).end(part);
}

async function patchpress(...args: readonly string[]) {
  const { code, stdout, stderr } = await new Promise<{ code: number; stdout: string; stderr: string }>(
    (resolve) => {
      execFile(process.execPath, [CLI, 'client', ...args], (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout: out, stderr: err }),
      );
    },
  );
  return { code, stdout, stderr, json: () => JSON.parse(stdout) };
}

const events = (asked: readonly Asked[]) =>
  asked
    .filter(({ operation }) => operation === 'ReportEventBatch')
    .flatMap(({ body }) => [...body.matchAll(/<EventID>(\d+)</g)].map((match) => Number(match[1])));

describe('patchpress client scan', () => {
  test('tells each update with its state and why, and what the scan has cost', async (t) => {
    const { base, asked } = await openServer(t);
    const { code, json } = await patchpress(
      ...['scan', '--via', `${base}/ClientWebService/client.asmx`, '--machine', machine, '--json'],
    );
    const found = json();
    assert.equal(code, 0);
    assert.equal(found.server, base);
    assert.deepEqual(
      found.updates.map((one: Record<string, unknown>) => [
        one.updateId,
        one.type,
        one.title,
        one.state,
        one.why,
      ]),
      [
        [CATEGORY, 'Category', null, 'installed', 'IsInstalled is true'],
        [
          NEEDED,
          'Software',
          'Contoso Player 4.20',
          'required',
          'IsInstalled is false and IsInstallable is true',
        ],
        [DONE, 'Software', 'Contoso Editor 1.0', 'installed', 'IsInstalled is true'],
      ],
    );
    assert.deepEqual(found.counts, { installed: 1, required: 1, notApplicable: 0, superseded: 0, failed: 0 });
    assert.deepEqual([found.trips, found.requests, found.isDelta], [3, asked.length, false]);
    assert.ok(found.receivedBytes > 1000 && found.sentBytes > 1000);
    assert.deepEqual(events(asked), [147, 156]);
    const report = asked.at(-1)?.body ?? '';
    assert.ok(report.includes(`U=${NEEDED.toUpperCase()}`) && report.includes(`V=${DONE.toUpperCase()}`));
  });

  test('with a state the second scan is a delta scan with the cookie of the first', async (t) => {
    const { base, asked } = await openServer(t);
    const state = join(folder, 'state.json');
    const options = {
      via: base,
      machine,
      state,
      trust: join(folder, 'root.pem'),
      locale: 'en',
      timeout: '20',
    };
    const scan = async () =>
      runFacts(await runClient(readInputs({ ...options, report: false }), 'scan'), null);
    const first = await scan();
    asked.length = 0;
    const second = await scan();
    assert.deepEqual(
      asked.map(({ operation }) => operation),
      ['SyncUpdates', 'GetExtendedUpdateInfo'],
    );
    assert.deepEqual([second.isDelta, second.trips, second.clientId], [true, 1, first.clientId]);
    assert.deepEqual(second.updates, first.updates);
    assert.equal(statSync(state).mode & 0o777, 0o600);
  });

  test('a server that takes no report has still been scanned; that it takes none is said, and is 3', async (t) => {
    const { base } = await openServer(t, { takesReports: false });
    const { code, json } = await patchpress('scan', '--via', base, '--machine', machine, '--json');
    assert.equal(code, 3);
    assert.equal(json().updates.length, 3);
    assert.equal(json().isReported, false);
    assert.match(json().reportFault, /ReportEventBatch.*InvalidParameters/);
  });

  test('a wrong call is 2, a server that does not speak the protocol is 3', async (t) => {
    const { base } = await stubServer(t, () => '<html>Welcome</html>');
    const calls: readonly [readonly string[], number, RegExp][] = [
      [['scan', '--machine', machine], 2, /--via/],
      [['scan', '--via', 'ftp://sup.lab', '--machine', machine], 2, /--via/],
      [['scan', '--via', 'http://sup.lab', '--machine', machine, '--token', machine], 2, /https/],
      [['scan', '--via', base, '--machine', machine, '--state', machine], 2, /state.*machine\.json/],
      [['scan', '--via', base, '--machine', machine, '--state', folder], 2, /--state .*EISDIR/],
      [
        ['scan', '--via', base, '--machine', machine, '--state', join(folder, 'no', 'x')],
        2,
        /--state .*ENOENT/,
      ],
      [['scan', '--via', base, '--machine', machine], 3, /SOAP 1\.1 envelope/],
    ];
    const results = await Promise.all(calls.map(([args]) => patchpress(...args)));
    for (const [index, [, code, text]] of calls.entries()) {
      assert.equal(results[index]?.code, code);
      assert.match(results[index]?.stderr ?? '', text);
    }
  });
});

describe('patchpress client install', () => {
  /** The same without a process of its own. */
  const install = async (
    base: string,
    trust: string,
    more: { update?: string; publishers?: string } = {},
  ) => {
    const options = {
      via: base,
      machine,
      trust: join(folder, trust),
      locale: 'en',
      report: true,
      timeout: '20',
    };
    const inputs = readInputs({ ...options, ...more });
    return runFacts(await runClient(inputs, 'install'), inputs.updateId).installs ?? [];
  };

  test('downloads in ranges, checks, and shows what would run; nothing is said to be installed', async (t) => {
    const { base, asked } = await openServer(t);
    const { code, json } = await patchpress(
      ...['install', '--via', base, '--machine', machine, '--json', '--trust', join(folder, 'root.pem')],
      ...['--publishers', join(folder, 'signer.pem')],
    );
    const [found] = json().installs;
    assert.equal(code, 0);
    assert.deepEqual(
      [found.updateId, found.outcome, found.command, found.isRun, found.files[0].sizeBytes],
      [
        NEEDED,
        'ready',
        { line: '"setup.exe" /S', file: 'setup.exe', sizeBytes: (1 << 20) + 999 },
        false,
        cabinet.length,
      ],
    );
    assert.match(found.files[0].signer, /Signing Test/);
    assert.deepEqual(found.returnCodes, {
      codes: [
        { code: 0, result: 'Succeeded', reboot: false },
        { code: 3010, result: 'Succeeded', reboot: true },
      ],
      default: { result: 'Failed', reboot: false },
    });
    assert.deepEqual(
      asked.flatMap(({ headers }) => headers.range ?? []),
      ['bytes=0-1048575', `bytes=1048576-${cabinet.length - 1}`],
    );
    assert.deepEqual(events(asked), [147, 156, 167, 162]);
  });

  test('what fails a check is refused with the HRESULT of an agent, and reported in its order', async (t) => {
    const flipped = () => {
      const bytes = Buffer.from(cabinet);
      bytes[60] = (bytes[60] ?? 0) ^ 1;
      return bytes;
    };
    const unsigned = () => readFileSync(join(folder, 'unsigned.cab'));
    const cases: readonly [string, Change, string, string][] = [
      ['another file', { bytes: flipped() }, 'root.pem', '0x80246002'],
      [
        'more than was asked for',
        { served: (response) => response.writeHead(206).end(cabinet) },
        'root.pem',
        '0x80246008',
      ],
      [
        'no file',
        { served: (response) => response.writeHead(404).end('no such file') },
        'root.pem',
        '0x80246008',
      ],
      [
        'a redirect',
        { served: (response) => response.writeHead(302, { location: '/other' }).end() },
        'root.pem',
        '0x80246008',
      ],
      ['damaged before it was published', { content: flipped() }, 'root.pem', '0x80096010'],
      ['unsigned', { content: unsigned() }, 'root.pem', '0x800B0100'],
      ['of a root that is not trusted', {}, 'other.pem', '0x800B0109'],
    ];
    for (const [name, change, trust, hresult] of cases) {
      const { base, asked } = await openServer(t, change);
      const [found] = await install(base, trust, { update: NEEDED.toUpperCase() });
      assert.deepEqual([found?.outcome, found?.hresult, found?.command], ['refused', hresult, null], name);
      assert.deepEqual(events(asked), [147, 156, 167, 161, 181, 182], name);
    }
    const { base } = await openServer(t);
    const [stranger] = await install(base, 'root.pem', { publishers: join(folder, 'root.pem') });
    assert.equal(stranger?.hresult, '0x800B0004');
  });

  test('what is not needed or not offered is not tried, and the answer is 1', async (t) => {
    const { base } = await openServer(t);
    const [done] = await install(base, 'root.pem', { update: DONE });
    assert.equal(done?.hresult, '0x80240017');
    const unknown = '00000000-0000-4000-8000-0000000000ff';
    const { code, stdout } = await patchpress(
      'install',
      '--via',
      base,
      '--machine',
      machine,
      '--update',
      unknown,
    );
    assert.equal(code, 1);
    assert.match(stdout, /3 updates and categories seen; of the software 1 installed, 1 required/);
  });
});

describe('the way to the server', () => {
  const authority = makeAuthority('Client Test CA');
  const gateway = makeIdentity('gateway', { usage: 'serverAuth', hosts: ['localhost'] }, authority);
  const device = makeIdentity('device', { usage: 'clientAuth' }, authority);
  const ca = () => file('tls-ca.pem', authority.certificate);
  const options = () => ({
    machine,
    ca: ca(),
    trust: join(folder, 'root.pem'),
    locale: 'en',
    report: false,
    timeout: '20',
  });

  test('through a gateway: with a certificate, and content below the gateway whatever the server names', async (t) => {
    const tls = {
      cert: gateway.certificate,
      key: gateway.key,
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: true,
    };
    const { base, asked } = await openServer(t, { tls, contentBase: 'http://sup.internal:8530' });
    const via = `${base}/CCM_Proxy_MutualAuth/72057594037927941`;
    const cert = file('device.pem', `${device.certificate}\n${device.key}`);
    const run = await runClient(readInputs({ ...options(), via, cert }), 'install');
    assert.deepEqual(
      run.installs?.map(({ outcome }) => outcome),
      ['ready'],
    );
    assert.ok(asked.every(({ path }) => path.startsWith('/CCM_Proxy_MutualAuth/72057594037927941/')));
    const content = asked.find(({ operation }) => operation === 'GET');
    assert.equal(content?.path, '/CCM_Proxy_MutualAuth/72057594037927941/Content/AB/FILE.cab');
    await assert.rejects(runClient(readInputs({ ...options(), via }), 'scan'), { code: 'cmg.unreachable' });
  });

  test('a token is shown to the origin of the server alone', async (t) => {
    const elsewhere = await stubServer(t, (one) => (response) => sendRange(one, cabinet, response));
    const tls = { cert: gateway.certificate, key: gateway.key };
    const { base, asked } = await openServer(t, { tls, contentBase: elsewhere.base });
    const token = file('token.txt', 'a.b.c\n');
    const run = await runClient(readInputs({ ...options(), via: base, token }), 'install');
    assert.equal(run.installs?.[0]?.outcome, 'ready');
    assert.ok(asked.every(({ headers }) => headers.authorization === 'Bearer a.b.c'));
    assert.ok(elsewhere.asked.length > 1);
    assert.ok(elsewhere.asked.every(({ headers }) => headers.authorization === undefined));
  });
});
