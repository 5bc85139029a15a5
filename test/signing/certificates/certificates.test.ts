import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  type CertifiedKey,
  certificateDer,
  createAuthority,
  createSelfSignedCodeSigning,
  issueCertificate,
  openPkcs12,
  subjectOf,
  thumbprintOf,
} from '../../../signing/certificates/index.js';
import { mustRun, temporaryFolder } from '../../formats/programs.js';

const NOW = new Date('2026-11-24T12:00:00Z');
const authority = createAuthority('Test Root', { now: NOW });
const intermediate = createAuthority('CN=Test Intermediate, O=Test, C=DE', { issuer: authority, now: NOW });
const leaf = issueCertificate(intermediate, {
  subject: 'CN=Sample\\, Inc., O=Sample, C=DE',
  usage: 'codeSigning',
  days: 365,
  now: NOW,
});

describe('certificates', () => {
  test('openssl builds the chain and reads the fields', (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'ca.pem'), authority.certificate);
    writeFileSync(join(folder, 'mid.pem'), intermediate.certificate);
    writeFileSync(join(folder, 'leaf.pem'), leaf.certificate);
    const verify = ['verify', '-x509_strict', '-CAfile', 'ca.pem', '-untrusted', 'mid.pem', 'leaf.pem'];
    if (mustRun(t, 'openssl', verify, folder) === null) return;
    const text = mustRun(t, 'openssl', ['x509', '-in', 'leaf.pem', '-noout', '-text'], folder)?.output ?? '';
    assert.match(text, /Version: 3/);
    assert.match(text, /Public-Key: \(3072 bit\)/);
    assert.match(text, /Subject: C = DE, O = Sample, CN = "Sample, Inc."/);
    assert.match(text, /Issuer: C = DE, O = Test, CN = Test Intermediate/);
    assert.match(text, /X509v3 Extended Key Usage: \n\s+Code Signing/);
    assert.match(text, /X509v3 Key Usage: critical\n\s+Digital Signature\n/);
    assert.match(text, /Not Before: Nov 24 11:00:00 2026 GMT/);
    assert.match(text, /Not After : Nov 24 12:00:00 2027 GMT/);
  });

  test('the chain goes up to the root', () => {
    assert.deepEqual(leaf.chain, [intermediate.certificate, authority.certificate]);
    assert.deepEqual(authority.chain, []);
    assert.equal(subjectOf(certificateDer(leaf.certificate)), 'CN=Sample\\, Inc., O=Sample, C=DE');
  });

  test('a time-stamping certificate has its purpose critical and alone', (t) => {
    const folder = temporaryFolder(t);
    const tsa = issueCertificate(authority, { subject: 'TSA', usage: 'timeStamping', days: 10, now: NOW });
    writeFileSync(join(folder, 'ca.pem'), authority.certificate);
    writeFileSync(join(folder, 'tsa.pem'), tsa.certificate);
    const verify = ['verify', '-purpose', 'timestampsign', '-CAfile', 'ca.pem', 'tsa.pem'];
    if (mustRun(t, 'openssl', verify, folder) === null) return;
    const text = mustRun(t, 'openssl', ['x509', '-in', 'tsa.pem', '-noout', '-text'], folder)?.output ?? '';
    assert.match(text, /Extended Key Usage: critical\n\s+Time Stamping\n/);
  });

  test('a server certificate names its hosts', () => {
    const server = new X509Certificate(
      issueCertificate(authority, {
        subject: 'patchpress.lab',
        usage: 'serverAuth',
        hosts: ['patchpress.lab', '*.example.org', '127.0.0.1'],
        days: 10,
        now: NOW,
      }).certificate,
    );
    assert.equal(server.subjectAltName, 'DNS:patchpress.lab, DNS:*.example.org, IP Address:127.0.0.1');
    assert.equal(server.checkHost('cdn.example.org'), '*.example.org');
    assert.equal(server.checkIP('127.0.0.1'), '127.0.0.1');
    assert.deepEqual(server.keyUsage, ['1.3.6.1.5.5.7.3.1']);
    assert.equal(server.verify(new X509Certificate(authority.certificate).publicKey), true);
  });

  test('a self-signed one is its own root, for five years', () => {
    const own = createSelfSignedCodeSigning({ subject: 'CN=WSUS Publishers Self-signed', now: NOW });
    const certificate = new X509Certificate(own.certificate);
    assert.equal(certificate.verify(certificate.publicKey), true);
    assert.equal(certificate.ca, false);
    assert.equal(certificate.validTo, 'Nov 23 12:00:00 2031 GMT');
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.3']);
    assert.equal(thumbprintOf(certificate.raw), certificate.fingerprint.replaceAll(':', ''));
  });

  test('years from 2050 on are written with four digits', () => {
    const late = createAuthority('Late', { days: 40 * 365, now: NOW });
    assert.equal(new X509Certificate(late.certificate).validTo, 'Nov 14 12:00:00 2066 GMT');
  });

  for (const subject of ['CN=', 'XX=y', 'CN=a, O', 'CN=a, C=Germany', `CN=${'x'.repeat(65)}`]) {
    test(`not a subject: ${subject.slice(0, 20)}`, () => {
      assert.throws(() => createSelfSignedCodeSigning({ subject, now: NOW }), {
        code: 'configuration.invalid',
      });
    });
  }

  test('a host that a certificate cannot name is refused', () => {
    const request = { subject: 'x', usage: 'serverAuth', days: 1, now: NOW } as const;
    for (const host of ['münchen.example', 'a b', '::1', '']) {
      assert.throws(() => issueCertificate(authority, { ...request, hosts: [host] }), {
        code: 'configuration.invalid',
      });
    }
  });
});

describe('PKCS#12', () => {
  const openssl = (t: Parameters<typeof mustRun>[0], identity: CertifiedKey, extra: readonly string[]) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'key.pem'), identity.key);
    writeFileSync(join(folder, 'leaf.pem'), identity.certificate);
    writeFileSync(join(folder, 'chain.pem'), identity.chain.join(''));
    const args = ['pkcs12', '-export', '-inkey', 'key.pem', '-in', 'leaf.pem', '-out', 'x.p12', ...extra];
    return mustRun(t, 'openssl', args, folder) === null ? null : readFileSync(join(folder, 'x.p12'));
  };

  test('what openssl exports opens, the chain in order', (t) => {
    const bytes = openssl(t, leaf, ['-certfile', 'chain.pem', '-passout', 'pass:s3cret +']);
    if (bytes === null) return;
    const opened = openPkcs12(bytes, 's3cret +');
    assert.equal(opened.certificate, leaf.certificate);
    assert.equal(opened.key, leaf.key);
    assert.deepEqual(opened.chain, leaf.chain);
    assert.throws(() => openPkcs12(bytes, 'wrong'), { code: 'configuration.invalid' });
  });

  test('the old encryption of Windows opens too', (t) => {
    const bytes = openssl(t, leaf, [
      ...['-passout', 'pass:old', '-macalg', 'sha1', '-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES'],
    ]);
    if (bytes === null) return;
    const opened = openPkcs12(bytes, 'old');
    assert.equal(opened.certificate, leaf.certificate);
    assert.deepEqual(opened.chain, []);
  });

  test('bytes that are none are refused', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('hello'), Buffer.from('3080', 'hex')]) {
      assert.throws(() => openPkcs12(bytes, ''), { code: 'configuration.invalid' });
    }
  });
});
