import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openLabCertificates } from '../../src/lab/certificates.js';
import { type Lab, type LabOptions, startLab } from '../../src/lab/index.js';
import { VENDOR_HOSTS } from '../../src/lab/vendor-site/index.js';
import { mustRun } from '../formats/programs.js';
import { FIXTURES_FOLDER } from './fixtures.js';

const NAMES = {
  vendors: VENDOR_HOSTS,
  contentServer: 'patchpress.lab',
  softwareUpdatePoint: 'sup.patchpress.lab',
  gateway: 'cmg.patchpress.lab',
};
const now = () => new Date();
const faults: unknown[] = [];

let folder: string;
let options: LabOptions;
let lab: Lab;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchpress-lab-'));
  options = {
    folder,
    fixturesFolder: FIXTURES_FOLDER,
    catalogUrl: 'https://patchpress.lab/catalogs/patchpress.cab',
    now,
    onFault: (error) => faults.push(error),
  };
  lab = await startLab(options);
});
after(async () => {
  await lab.close();
  await rm(folder, { recursive: true, force: true });
});

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly client?: { readonly certificate: string; readonly key: string };
}

/** Asks a name of the lab through its host map; certificate and name are checked. */
function ask(address: string, asked: Asked = {}): Promise<{ status: number; body: string }> {
  const url = new URL(address);
  const place = lab.ready.hosts[url.hostname];
  assert.ok(place !== undefined, `${url.hostname} is in the host map`);
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: place.address,
        port: place.port,
        servername: url.hostname,
        path: `${url.pathname}${url.search}`,
        method: asked.method ?? 'GET',
        headers: { host: url.host, 'user-agent': 'test', ...asked.headers },
        ca: lab.ready.tlsCa,
        agent: false,
        ...(asked.client === undefined ? {} : { cert: asked.client.certificate, key: asked.client.key }),
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          body += piece;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      },
    );
    call.on('error', reject);
    call.end(asked.body);
  });
}

const authorized = () => ({ authorization: `Bearer ${lab.ready.softwareUpdatePoint.token}` });
const status = async () =>
  JSON.parse(
    (await ask(`${lab.ready.softwareUpdatePoint.baseUrl}/lab/status`, { headers: authorized() })).body,
  );

test('every vendor is answered under a certificate of its name', async () => {
  assert.equal((await ask('https://nodejs.org/dist/index.json')).status, 200);
  for (const host of VENDOR_HOSTS) assert.equal((await ask(`https://${host}/nothing`)).status, 404);
  assert.equal(lab.vendorRequests()['nodejs.org/dist/index.json'], 1);
});

test('a vendor releases its next version, and a lab that starts again still has it', async () => {
  const newest = async () => JSON.parse((await ask('https://nodejs.org/dist/index.json')).body)[0].version;
  assert.deepEqual([await newest(), lab.released()], ['v26.7.0', []]);
  lab.release('OpenJS.NodeJS');
  assert.deepEqual([await newest(), lab.released()], ['v26.8.0', ['OpenJS.NodeJS']]);
  await lab.close();
  lab = await startLab(options);
  assert.deepEqual([await newest(), lab.released()], ['v26.8.0', ['OpenJS.NodeJS']]);
});

test('the site answers its control calls to who has the token', async () => {
  const { baseUrl } = lab.ready.softwareUpdatePoint;
  assert.equal((await ask(`${baseUrl}/lab/status`)).status, 401);
  const { catalog, signer } = await status();
  assert.equal(catalog.url, options.catalogUrl);
  assert.deepEqual([signer.thumbprint], lab.ready.clientTrust.trustedPublishers);
  assert.equal(signer.subject, 'CN=WSUS Publishers Self-signed, O=Patchpress Lab');
});

test('the site looks for the catalog where it is told, and says what it found', async () => {
  lab.setContentServer({ address: '127.0.0.1', port: lab.ready.gateway.port });
  const address = `${lab.ready.softwareUpdatePoint.baseUrl}/AdminService/wmi/SMS_ISVCatalogs.SyncCatalogs`;
  const answer = await ask(address, { method: 'POST', headers: authorized(), body: '{}' });
  assert.equal(answer.status, 201);
  // The gateway answers there, under another name than the one that is asked for.
  assert.match((await status()).catalog.fault, /patchpress\.lab/);
});

test('the gateway lets in client computers only', async () => {
  const service = `${lab.ready.gateway.base}/ClientWebService/client.asmx`;
  assert.equal((await ask(service, { method: 'POST', body: '' })).status, 403);
  for (const client of Object.values(lab.ready.clients)) {
    const answer = await ask(service, {
      method: 'POST',
      client,
      headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: '"x"' },
      body: '<x/>',
    });
    assert.notEqual(answer.status, 403);
    // A SOAP fault: it came through to the update services.
    assert.match(answer.body, /Fault/);
  }
  const server = lab.ready.contentServer;
  assert.equal((await ask(service, { method: 'POST', client: server, body: '' })).status, 403);
});

test('openssl accepts a timestamp of the authority', async (t) => {
  const file = join(folder, 'stamped.txt');
  writeFileSync(file, 'a signature');
  const made = mustRun(
    t,
    'openssl',
    ['ts', '-query', '-data', file, '-sha256', '-cert', '-out', 'query'],
    folder,
  );
  if (made === null) return;
  const reply = await new Promise<Buffer>((resolve, reject) => {
    const headers = { 'content-type': 'application/timestamp-query' };
    const call = plainRequest(lab.ready.timestampUrl, { method: 'POST', headers }, (response) => {
      response.toArray().then((pieces) => resolve(Buffer.concat(pieces as Buffer[])), reject);
    });
    call.on('error', reject);
    call.end(readFileSync(join(folder, 'query')));
  });
  writeFileSync(join(folder, 'reply'), reply);
  const roots = lab.ready.trust.timestampRoots.map((der) => new X509Certificate(der).toString());
  writeFileSync(join(folder, 'roots.pem'), roots.join(''));
  const args = ['ts', '-verify', '-in', 'reply', '-queryfile', 'query', '-CAfile', 'roots.pem'];
  assert.match(mustRun(t, 'openssl', args, folder)?.output ?? '', /Verification: OK/);
});

test('what others are told crosses to another process', () => {
  const copy = structuredClone(lab.ready);
  assert.deepEqual(Object.keys(copy), Object.keys(lab.ready));
  assert.deepEqual(copy.vendorSigners, [
    { product: 'OpenJS.NodeJS', subject: 'CN=OpenJS Foundation, O=Patchpress Lab' },
    { product: 'Notepad++.Notepad++', subject: 'CN=Notepad-plus-plus, O=Patchpress Lab' },
    { product: 'PuTTY.PuTTY', subject: 'CN=Simon Tatham, O=Patchpress Lab' },
    { product: 'KeePassXCTeam.KeePassXC', subject: 'CN=DroidMonkey Apps LLC, O=Patchpress Lab' },
    { product: 'Git.Git', subject: 'CN=Johannes Schindelin, O=Patchpress Lab' },
    { product: 'WinSCP.WinSCP', subject: 'CN=Martin Prikryl, O=Patchpress Lab' },
    { product: 'Microsoft.PowerShell', subject: 'CN=Microsoft Corporation, O=Patchpress Lab' },
    { product: 'WiresharkFoundation.Wireshark', subject: 'CN=Wireshark Foundation, O=Patchpress Lab' },
    { product: 'VideoLAN.VLC', subject: 'CN=VideoLAN, O=Patchpress Lab' },
    { product: 'TrackerSoftware.PDF-XChangeEditor', subject: 'CN=PDF-XChange Co Ltd, O=Patchpress Lab' },
  ]);
  assert.deepEqual(
    Buffer.from(copy.clientTrust.anchors.codeSigningRoots[0] ?? []),
    Buffer.from(lab.ready.clientTrust.anchors.codeSigningRoots[0] ?? []),
  );
});

test('openssl finds each certificate fit for its purpose, under its own authority', (t) => {
  const keys = openLabCertificates(join(folder, 'certificates'), NAMES, now());
  const cases = [
    [keys.vendorSite, keys.tlsAuthority, 'sslserver'],
    [keys.contentServer, keys.tlsAuthority, 'sslserver'],
    [keys.softwareUpdatePoint, keys.tlsAuthority, 'sslserver'],
    [keys.gateway, keys.tlsAuthority, 'sslserver'],
    [keys.clients.older, keys.clientAuthority, 'sslclient'],
    [keys.timestampAuthority, keys.timestampRoot, 'timestampsign'],
  ] as const;
  for (const [leaf, root, purpose] of cases) {
    writeFileSync(join(folder, 'root.pem'), root.certificate);
    writeFileSync(join(folder, 'leaf.pem'), leaf.certificate);
    const args = ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', 'root.pem', 'leaf.pem'];
    if (mustRun(t, 'openssl', args, folder) === null) return;
  }
  // X509Certificate calls the extended key usage so.
  assert.deepEqual(new X509Certificate(keys.wsusSigning.certificate).keyUsage, ['1.3.6.1.5.5.7.3.3']);
});

test('keys are kept, and a new name gets a new certificate of the same authority', () => {
  const place = join(folder, 'certificates');
  const first = openLabCertificates(place, NAMES, now());
  assert.deepEqual(openLabCertificates(place, NAMES, now()), first);
  // A kill in the middle of writing leaves a file beside it.
  writeFileSync(join(place, 'certificates.json.new'), '{"tlsAuth');
  assert.deepEqual(openLabCertificates(place, NAMES, now()), first);
  const more = openLabCertificates(place, { ...NAMES, vendors: [...VENDOR_HOSTS, 'vendor.lab'] }, now());
  assert.deepEqual(more.tlsAuthority, first.tlsAuthority);
  assert.deepEqual(more.wsusSigning, first.wsusSigning);
  const server = new X509Certificate(more.vendorSite.certificate);
  assert.equal(server.checkHost('vendor.lab'), 'vendor.lab');
  assert.ok(server.checkIssued(new X509Certificate(first.tlsAuthority.certificate)));
  assert.deepEqual(openLabCertificates(place, NAMES, now()), more);
});

test('a lab that was stopped starts again with the same trust', async () => {
  const before = lab.ready;
  await lab.close();
  await assert.rejects(ask('https://nodejs.org/dist/index.json'), /ECONNREFUSED/);
  lab = await startLab(options);
  assert.equal(lab.ready.tlsCa, before.tlsCa);
  assert.deepEqual(lab.ready.clientTrust, before.clientTrust);
  assert.equal((await ask('https://nodejs.org/dist/index.json')).status, 200);
  assert.deepEqual(
    readdirSync(folder).filter((name) => !/\.|^query$|^reply$/.test(name)),
    ['certificates', 'software-update-point'],
  );
});

test('a fault of a vendor is switched on and off', async () => {
  lab.setFault('OpenJS.NodeJS', 'busy');
  assert.equal((await ask('https://nodejs.org/dist/index.json')).status, 429);
  lab.setFault('OpenJS.NodeJS', null);
  assert.equal((await ask('https://nodejs.org/dist/index.json')).status, 200);
});

test('nothing went wrong inside', () => {
  assert.deepEqual(faults, []);
});
